import Compression
import Linux

/// A stretch of a layer's tar stream on its way through the threads.
final class Piece: Sendable {
    /// The stretch.
    let input: [UInt8]
    /// How many entries begin in it.
    let entries: Int
    /// Whether it is a whole piece of a hole: all such pieces are equal.
    let isHole: Bool
    /// The gzip member or zstd frame of it, once a thread has made that.
    private let output = Monitor<Result<[UInt8], CompressionError>?>(nil)

    init(_ input: [UInt8], entries: Int, isHole: Bool = false) {
        (self.input, self.entries, self.isHole) = (input, entries, isHole)
    }

    /// Makes the output: called once.
    ///
    /// - Throws: What the compressor throws; ``fail(_:)`` has been called then.
    /// - Returns: The output.
    func compress(with compressor: borrowing PieceCompressor) throws(CompressionError) -> [UInt8] {
        let input = input
        do throws(CompressionError) {
            let bytes = try compressor.compress(input.span)
            finish(bytes)
            return bytes
        } catch {
            fail(error)
            throw error
        }
    }

    /// Gives it an output that was made before, of an equal piece.
    func finish(_ bytes: [UInt8]) { output.update { $0 = .success(bytes) } }

    /// Says that there will be no output.
    func fail(_ error: CompressionError) { output.update { $0 = .failure(error) } }

    /// Waits for the output.
    func compressed() throws -> [UInt8] { try output.wait { $0 }.get() }
}
