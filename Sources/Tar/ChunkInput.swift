import CArchive

/// Where the bytes come from, across the C callback.
final class ChunkInput {
    let read: () throws -> [UInt8]?
    /// What libarchive works on until it asks for more: an array's own storage must not leave its closure.
    private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    /// How many bytes came before those in memory, and how many these are.
    private var start: Int64 = 0
    private var count = 0
    /// The last bytes before those in memory: a header may lie on both sides.
    private var tail: [UInt8] = []
    /// Where the zeros begin that the bytes so far end with.
    private var zeros: Int64 = 0
    var error: (any Error)?
    /// Whether the source gave its last bytes.
    var isAtEnd = false

    init(_ read: @escaping () throws -> [UInt8]?) { self.read = read }
    deinit { memory.deallocate() }

    func hold(_ chunk: [UInt8]) -> UnsafeRawPointer? {
        let last = Array(memory[max(0, count - 512)..<count])
        tail = last.count < 512 ? (tail + last).suffix(512) : last
        if chunk.count > memory.count {
            memory.deallocate()
            memory = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk.count, alignment: 16)
        }
        memory.copyBytes(from: chunk)
        start += Int64(count)
        count = chunk.count
        if let last = chunk.lastIndex(where: { $0 != 0 }) { zeros = start + Int64(last) + 1 }
        return UnsafeRawPointer(memory.baseAddress)
    }

    /// A byte of the stream, if it came with the last bytes or shortly before them.
    func byte(at offset: Int64) -> UInt8? {
        let place = Int(offset - start)
        if place >= 0 { return place < count ? memory[place] : nil }
        return tail.count + place >= 0 ? tail[tail.count + place] : nil
    }

    /// Whether all that came lies before an offset, and nothing more is to come.
    func isOver(at offset: Int64) throws -> Bool {
        guard start + Int64(count) <= offset else { return false }
        while let chunk = try read() {
            guard chunk.isEmpty else { return false }
        }
        return true
    }

    /// Looks at what came behind an offset in the stream, and at all that is still to come.
    func hasOnlyZeros(from offset: Int64) throws -> Bool {
        guard zeros <= offset else { return false }
        while let chunk = try read() {
            guard chunk.allSatisfy({ $0 == 0 }) else { return false }
        }
        return true
    }
}

func giveChunk(
    _: OpaquePointer?, _ context: UnsafeMutableRawPointer?,
    _ start: UnsafeMutablePointer<UnsafeRawPointer?>?
) -> Int {
    guard let context, let start else { return -1 }
    let input = Unmanaged<ChunkInput>.fromOpaque(context).takeUnretainedValue()
    do {
        var next = try input.read()
        // No bytes are the end for libarchive.
        while let chunk = next, chunk.isEmpty { next = try input.read() }
        guard let next else {
            input.isAtEnd = true
            return 0
        }
        start.pointee = input.hold(next)
        return next.count
    } catch {
        input.error = error
        return -1
    }
}

/// Makes a reader of libarchive's.
///
/// - Parameter support: Says what it shall read, and whether libarchive can.
/// - Throws: ``TarError``.
/// - Returns: The reader; whoever gets it frees it.
func newReader(_ support: (OpaquePointer) -> Bool) throws(TarError) -> OpaquePointer {
    guard let archive = archive_read_new() else { throw TarError(.open, reason: "out of memory") }
    guard support(archive) else {
        let error = TarError(.open, archive)
        archive_read_free(archive)
        throw error
    }
    return archive
}
