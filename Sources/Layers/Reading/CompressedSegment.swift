import Compression
import Linux

/// A stretch of a compressed layer on its way through the threads.
final class CompressedSegment: Sendable {
    private enum Output {
        case awaited
        case made([UInt8]?)
        case notWanted
    }

    /// The stretch.
    let bytes: [UInt8]
    /// Where members or frames are believed to end in it, the last with it; none where nothing is believed.
    let ends: [Int]
    /// The content that they claim.
    let contentSize: Int
    private let output = Monitor(Output.awaited)

    /// Counts towards the memory in flight: the bytes, what may come of them, and something for itself.
    var weight: Int { bytes.count + contentSize + 16 << 10 }

    init(_ bytes: [UInt8], ends: [Int] = [], contentSize: Int = 0) {
        (self.bytes, self.ends, self.contentSize) = (bytes, ends, contentSize)
    }

    /// Whether a thread may try to open it without what came before.
    var isGuess: Bool { !ends.isEmpty }

    /// Makes the output, or finds that the belief was wrong: called once.
    func decompress(with decompressor: borrowing PieceDecompressor) {
        if case .notWanted = output.update({ $0 }) { return }
        let bytes = bytes
        var content: [UInt8] = []
        content.reserveCapacity(contentSize)
        var start = 0
        for end in ends {
            let isWhole = decompressor.decompress(
                bytes.span.extracting(start..<end), limit: contentSize - content.count,
                appendingTo: &content)
            guard isWhole else { return fail() }
            start = end
        }
        let made = content
        output.update { $0 = .made(made) }
    }

    /// Says that there will be no output.
    func fail() { output.update { $0 = .made(nil) } }

    /// Says that nobody will ask for the output.
    func abandon() { output.update { $0 = .notWanted } }

    /// Waits for the output.
    ///
    /// - Returns: `nil` when the stretch is not what it was believed to be.
    func content() -> [UInt8]? {
        output.wait { output in
            switch output {
            case .awaited: nil
            case .made(let content): .some(content)
            case .notWanted: .some(nil)
            }
        }
    }
}
