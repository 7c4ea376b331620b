import CLinux
import Glibc
import SystemPackage

/// Both ends of a pipe(7), neither of which a program that is started inherits by itself.
struct Pipe: ~Copyable {
    /// The end that bytes come out of; -1 once it is closed.
    private(set) var output: Int32
    /// The end that bytes go into, which never holds the writer up; -1 once it is closed.
    private(set) var input: Int32

    init() throws(FileError) {
        var ends: [Int32] = [-1, -1]
        guard linux_pipe(&ends) == 0 else { throw FileError("open", "a pipe", .current) }
        (output, input) = (ends[0], ends[1])
    }

    deinit {
        if output >= 0 { close(output) }
        if input >= 0 { close(input) }
    }

    mutating func closeOutput() {
        if output >= 0 { close(output) }
        output = -1
    }

    mutating func closeInput() {
        if input >= 0 { close(input) }
        input = -1
    }

    /// Lets writers return at once where the pipe is full.
    func neverBlockWriters() { _ = fcntl(input, F_SETFL, O_NONBLOCK) }

    /// Reads what is there onto the end of `buffer`.
    ///
    /// - Returns: The number of bytes; 0 at the end.
    func read(upTo count: Int, appendingTo buffer: inout [UInt8]) throws(FileError) -> Int {
        var taken = 0
        buffer.append(addingCapacity: count) { room in
            room.withUnsafeMutableBufferPointer { memory, initialized in
                taken = retrying { Glibc.read(output, memory.baseAddress, count) }
                initialized = max(taken, 0)
            }
        }
        guard taken >= 0 else { throw FileError("read", "a pipe", .current) }
        return taken
    }

    /// Writes as much as fits.
    ///
    /// - Returns: The number of bytes, or `nil` where nobody reads any more.
    func write(_ bytes: [UInt8], from start: Int) -> Int? {
        let count = bytes.withUnsafeBytes {
            linux_write_pipe(input, $0.baseAddress?.advanced(by: start), $0.count - start)
        }
        if count >= 0 { return count }
        return errno == EAGAIN || errno == EINTR ? 0 : nil
    }
}
