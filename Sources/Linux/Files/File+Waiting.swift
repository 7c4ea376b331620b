import CLinux
import Glibc

/// Reading what may be a pipe or a terminal: it is waited for, and a signal ends that.
extension File {
    /// The bytes of a chunk.
    private static let chunkSize = 256 << 10

    /// Waits until there is something to read, or the end; returns early once a signal waits (``Interruption``).
    ///
    /// A signal interrupts the thread that it is given to, which need not be the one that reads: hence the clock.
    public func awaitInput() {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while linux_pending_signal() == 0, poll(&wanted, 1, 100) <= 0 {}
    }

    /// Waits, and reads up to `count` bytes onto the end of `buffer`; a regular file is always ready.
    ///
    /// - Returns: The number of bytes; 0 at the end of the file.
    /// - Throws: ``FileError``, ``Interruption``.
    public func readWhenReady(upTo count: Int, appendingTo buffer: inout [UInt8]) throws -> Int {
        awaitInput()
        try Interruption.check()
        return try read(upTo: count, appendingTo: &buffer)
    }

    /// Waits, and reads 256 KiB or less.
    ///
    /// - Returns: `nil` at the end of the file.
    /// - Throws: ``FileError``, ``Interruption``.
    public func nextChunk() throws -> [UInt8]? {
        var bytes: [UInt8] = []
        return try readWhenReady(upTo: Self.chunkSize, appendingTo: &bytes) > 0 ? bytes : nil
    }

    /// Reads until memory is full or the file ends, and waits as often as it takes.
    ///
    /// - Parameters:
    ///   - memory: Where the bytes go: nowhere else are any left behind.
    ///   - last: A byte that ends the reading as well, where it is the last one that there is so far: a terminal
    ///     gives lines.
    /// - Returns: The number of bytes.
    /// - Throws: ``FileError``, ``Interruption``.
    public func fill(_ memory: inout MutableSpan<UInt8>, until last: UInt8? = nil) throws -> Int {
        var count = 0
        while count < memory.count {
            awaitInput()
            try Interruption.check()
            let taken = try read(into: &memory, from: count)
            guard taken > 0 else { break }
            count += taken
            if memory[count - 1] == last { break }
        }
        return count
    }
}
