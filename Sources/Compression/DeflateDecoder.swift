/// Opens one deflate stream after another with the quickest library of this build.
enum DeflateDecoder: ~Copyable {
    case zlib(ZlibInflate)
    #if ISAL
        case isal(ISALInflate)
    #endif

    init() throws(CompressionError) {
        #if ISAL
            self = .isal(ISALInflate())
        #else
            self = .zlib(try ZlibInflate())
        #endif
    }

    /// Begins a stream.
    borrowing func begin() throws(CompressionError) {
        switch self {
        case .zlib(let decoder): try decoder.begin()
        #if ISAL
            case .isal(let decoder): decoder.begin()
        #endif
        }
    }

    /// Takes input and gives output until one of them is used up or the stream ends.
    ///
    /// - Parameters:
    ///   - input: A stretch that holds what comes next.
    ///   - position: Where in the stretch; moved over what was taken.
    ///   - output: Where the content goes.
    ///   - room: The most bytes to add to it, 1 at least.
    /// - Throws: ``CompressionError`` with the library's words.
    /// - Returns: At the stream's end, what was taken from behind it.
    borrowing func inflate(
        _ input: Span<UInt8>, from position: inout Int, appendingTo output: inout [UInt8], room: Int
    ) throws(CompressionError) -> DeflateRemainder? {
        switch self {
        case .zlib(let decoder):
            try decoder.inflate(input, from: &position, appendingTo: &output, room: room)
        #if ISAL
            case .isal(let decoder):
                try decoder.inflate(input, from: &position, appendingTo: &output, room: room)
        #endif
        }
    }
}

/// Up to eight bytes that follow a deflate stream, the first lowest.
struct DeflateRemainder: Equatable {
    private(set) var bits: UInt64 = 0
    private(set) var count = 0

    init() {}

    init(bits: UInt64, count: Int) { (self.bits, self.count) = (bits, count) }

    /// Adds those that come behind.
    mutating func append(_ more: DeflateRemainder) {
        bits |= more.bits << (8 * UInt64(count))
        count += more.count
    }
}
