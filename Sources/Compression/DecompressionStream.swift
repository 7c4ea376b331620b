/// Opens a compressed stream that comes stretch by stretch, in memory that does not grow with it.
///
///     var position = 0
///     while case let piece = try stream.decompress(stretch, from: &position), !piece.isEmpty { … }
///
/// After an error it is of no more use.
public protocol DecompressionStream: ~Copyable {
    /// Whether all input so far ends where a member or frame ends; so it does at the beginning.
    var isAtEnd: Bool { get }
    /// Members or frames that ended so far.
    var parts: Int { get }

    /// Opens what one piece of output has room for.
    ///
    /// - Parameters:
    ///   - input: A stretch of the stream.
    ///   - position: Where in the stretch to go on; moved over what was taken.
    /// - Throws: ``CompressionError`` for what is no such stream.
    /// - Returns: At most ``pieceSize`` bytes; none once the stretch is used up and nothing more comes of it.
    mutating func decompress(
        _ input: Span<UInt8>, from position: inout Int
    ) throws(CompressionError) -> [UInt8]

    /// Says that no more input comes.
    ///
    /// - Throws: ``CompressionError`` when there was none, or when it ends within a member or frame.
    func finish() throws(CompressionError)
}

extension DecompressionStream where Self: ~Copyable {
    /// The most bytes that come out at a time: 1 MiB.
    public static var pieceSize: Int { 1 << 20 }

    /// Opens a whole file in memory, to `limit` bytes at most.
    ///
    /// - Throws: ``CompressionError``; also for more bytes than the limit.
    public mutating func decompressAll(
        _ file: Span<UInt8>, limit: Int
    ) throws(CompressionError) -> [UInt8] {
        var output: [UInt8] = []
        var position = 0
        while true {
            let piece = try decompress(file, from: &position)
            if piece.isEmpty { break }
            output += piece
            guard output.count <= limit else {
                throw CompressionError(decompressing: "limit", "more than \(limit) bytes come out")
            }
        }
        try finish()
        return output
    }
}
