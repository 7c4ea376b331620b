/// The body of a request, as far as it was not yet given to libcurl.
struct OutgoingBody {
    /// The length in bytes; `nil` where nobody knows it yet.
    let length: Int64?
    /// Whether there is a body at all, and be it empty.
    let isPresent: Bool
    /// Whether everything was given.
    private(set) var isAtEnd = false

    private let next: ((inout [UInt8]) throws -> Void)?
    private var piece: [UInt8]
    private var position = 0
    /// Bytes that libcurl has, whether they went out or not.
    private var given: Int64 = 0

    init(_ body: Transfer.Body) {
        switch body {
        case .none: (isPresent, length, piece, next) = (false, 0, [], nil)
        case .bytes(let bytes): (isPresent, length, piece, next) = (true, Int64(bytes.count), bytes, nil)
        case .stream(let length, let next):
            (isPresent, self.length, self.next) = (true, length, next)
            piece = []
        }
        isAtEnd = length == 0
    }

    /// Fills libcurl's buffer with as much as is there at once, and asks for more where nothing is.
    ///
    /// - Returns: The number of bytes; 0 at the end.
    mutating func fill(_ memory: UnsafeMutableRawBufferPointer) throws -> Int {
        guard !isAtEnd else { return 0 }
        if position == piece.count {
            piece.removeAll(keepingCapacity: true)
            position = 0
            try next?(&piece)
            if piece.isEmpty {
                isAtEnd = true
                return 0
            }
        }
        // Never more than was announced: the rest would be taken for another request.
        let left = length.map { Int(clamping: $0 - given) } ?? .max
        let count = min(memory.count, piece.count - position, left)
        piece.withUnsafeBytes {
            memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[position..<position + count]))
        }
        position += count
        given += Int64(count)
        // Libcurl does not ask for the end of what it knows the length of.
        if given == length { isAtEnd = true }
        return count
    }

    /// Goes back, where libcurl finds that a kept connection has died.
    ///
    /// Not for a stream of which something went out: the server may have taken it in, and whoever made the stream
    /// shall ask before it is sent again.
    mutating func rewind(to offset: Int64) -> Bool {
        guard next == nil || piece.isEmpty, (0...Int64(piece.count)).contains(offset) else { return false }
        (position, given) = (Int(offset), offset)
        isAtEnd = length == 0
        return true
    }
}
