import Compression
import Linux

/// A stretch of a layer's tar stream on its way through the threads.
final class Piece: Sendable {
    /// The stretch.
    let input: [UInt8]
    /// How many entries begin in it.
    let entries: Int
    /// The gzip member or zstd frame of it, once a thread has made that.
    private let output = Monitor<Result<[UInt8], CompressionError>?>(nil)

    init(_ input: [UInt8], entries: Int) { (self.input, self.entries) = (input, entries) }

    /// Makes the output: called once, by one thread.
    func compress(with compressor: borrowing PieceCompressor) {
        let input = input
        let result: Result<[UInt8], CompressionError>
        do throws(CompressionError) {
            result = .success(try compressor.compress(input.span))
        } catch {
            result = .failure(error)
        }
        output.update { $0 = result }
    }

    /// Says that there will be no output.
    func fail(_ error: CompressionError) { output.update { $0 = .failure(error) } }

    /// Waits for the output.
    func compressed() throws -> [UInt8] { try output.wait { $0 }.get() }
}
