import CDeflate

/// Opens gzip files, all their members: the content by isa-l, or by zlib in a build without it.
///
/// Header, checksum and length of every member are checked. Bytes behind the
/// last member must begin another.
///
/// Source: RFC 1952.
public struct GzipStream: ~Copyable, DecompressionStream {
    private enum Stage { case header, content, trailer }

    private var decoder: DeflateDecoder
    private var stage = Stage.header
    private var header = GzipHeader()
    private var trailer = DeflateRemainder()
    private var checksum: UInt32 = 0
    private var length: UInt32 = 0
    private var hasMoreOutput = false
    private var isEmpty = true
    /// Whether every member so far is whole.
    public private(set) var isAtEnd = true
    /// The number of members that ended so far.
    public private(set) var parts = 0

    /// Makes a stream, for one thread at a time.
    public init() throws(CompressionError) { try self.init(DeflateDecoder()) }

    init(_ decoder: consuming DeflateDecoder) throws(CompressionError) { self.decoder = decoder }

    /// Opens what one piece of output has room for.
    public mutating func decompress(
        _ input: Span<UInt8>, from position: inout Int
    ) throws(CompressionError) -> [UInt8] {
        var output: [UInt8] = []
        while output.count < Self.pieceSize, position < input.count || hasMoreOutput {
            switch stage {
            case .header: try takeHeader(input[position])
            case .content:
                try inflate(input, &position, &output)
                continue
            case .trailer: try takeTrailer(DeflateRemainder(bits: UInt64(input[position]), count: 1))
            }
            position += 1
        }
        return output
    }

    private mutating func takeHeader(_ byte: UInt8) throws(CompressionError) {
        (isAtEnd, isEmpty) = (false, false)
        try header.take(byte)
        guard header.isComplete else { return }
        stage = .content
        (checksum, length, trailer) = (0, 0, DeflateRemainder())
        try decoder.begin()
    }

    private mutating func inflate(
        _ input: Span<UInt8>, _ position: inout Int, _ output: inout [UInt8]
    ) throws(CompressionError) {
        let before = output.count
        let end = try decoder.inflate(
            input, from: &position, appendingTo: &output, room: Self.pieceSize - before)
        let count = output.count - before
        length &+= UInt32(count)
        let content = output.span.extracting(before..<output.count)
        checksum = content.withUnsafeBytes { libdeflate_crc32(checksum, $0.baseAddress, $0.count) }
        // Where a piece is full the decoder may hold more.
        hasMoreOutput = end == nil && output.count == Self.pieceSize
        guard let end else { return }
        stage = .trailer
        try takeTrailer(end)
    }

    private mutating func takeTrailer(_ bytes: DeflateRemainder) throws(CompressionError) {
        trailer.append(bytes)
        guard trailer.count == 8 else { return }
        guard UInt32(truncatingIfNeeded: trailer.bits) == checksum else {
            throw CompressionError(decompressing: "gzip", "a member's checksum is wrong")
        }
        guard UInt32(trailer.bits >> 32) == length else {
            throw CompressionError(decompressing: "gzip", "a member's length is wrong")
        }
        (stage, header, isAtEnd) = (.header, GzipHeader(), true)
        parts += 1
    }

    /// Says that no more input comes.
    public func finish() throws(CompressionError) {
        guard !isEmpty else { throw CompressionError(decompressing: "gzip", "the file is empty") }
        guard isAtEnd else {
            throw CompressionError(decompressing: "gzip", "the file ends within a member")
        }
    }
}
