import CLinux
import Glibc
public import SystemPackage

/// An open file.
///
/// It is closed when its owner lets go of it.
public struct File: ~Copyable, Sendable {
    private let location: Location
    let descriptor: Int32

    /// Takes over a descriptor.
    init(owning descriptor: Int32, at location: Location) {
        (self.descriptor, self.location) = (descriptor, location)
    }

    init(owning descriptor: Int32, path: FilePath) { self.init(owning: descriptor, at: .path(path)) }

    deinit { close(descriptor) }

    /// The path for messages.
    public var path: FilePath { location.path }

    /// Opens a file to read it, and never waits for a fifo's writer; links are followed.
    ///
    /// What is no regular file is read after ``awaitInput()``.
    ///
    /// - Throws: ``FileError`` as open(2) gives it.
    public static func reading(_ path: FilePath) throws(FileError) -> File {
        let descriptor = retrying { path.withPlatformString { open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC) } }
        guard descriptor >= 0 else { throw FileError("open", path, .current) }
        return File(owning: descriptor, path: path)
    }

    /// The process's standard input; the process's own descriptor stays open.
    public static func standardInput() throws(FileError) -> File {
        let descriptor = fcntl(0, F_DUPFD_CLOEXEC, 0)
        guard descriptor >= 0 else { throw FileError("open", "standard input", .current) }
        return File(owning: descriptor, path: "standard input")
    }

    /// The process's standard output; the process's own descriptor stays open.
    public static func standardOutput() throws(FileError) -> File {
        let descriptor = fcntl(1, F_DUPFD_CLOEXEC, 0)
        guard descriptor >= 0 else { throw FileError("open", "standard output", .current) }
        return File(owning: descriptor, path: "standard output")
    }

    /// What stat(2) says of it now.
    public func status() throws(FileError) -> FileStatus {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError("stat", path, .current) }
        return FileStatus(status)
    }

    /// Reads up to `count` bytes onto the end of `buffer`.
    ///
    /// One read(2): fewer bytes than asked for do not mean the end.
    ///
    /// - Returns: The number of bytes; 0 at the end of the file.
    /// - Throws: ``FileError``; with `EINTR` once a signal waits (``Interruption``).
    public func read(upTo count: Int, appendingTo buffer: inout [UInt8]) throws(FileError) -> Int {
        var taken = 0
        buffer.append(addingCapacity: count) { output in
            output.withUnsafeMutableBufferPointer { memory, initialized in
                taken = Glibc.read(descriptor, memory.baseAddress, count)
                while taken < 0, errno == EINTR, linux_pending_signal() == 0 {
                    taken = Glibc.read(descriptor, memory.baseAddress, count)
                }
                initialized = max(taken, 0)
            }
        }
        guard taken >= 0 else { throw FileError("read", path, .current) }
        return taken
    }

    /// Reads up to `count` bytes at an offset onto the end of `buffer`; the reading position stays.
    ///
    /// - Returns: The number of bytes; 0 at the end of the file.
    public func read(
        upTo count: Int, at offset: Int64, appendingTo buffer: inout [UInt8]
    ) throws(FileError) -> Int {
        var taken = 0
        buffer.append(addingCapacity: count) { output in
            output.withUnsafeMutableBufferPointer { memory, initialized in
                taken = retrying { pread(descriptor, memory.baseAddress, count, off_t(offset)) }
                initialized = max(taken, 0)
            }
        }
        guard taken >= 0 else { throw FileError("read", path, .current) }
        return taken
    }

    /// Reads into memory that is there already, from a place in it to its end at most.
    ///
    /// - Parameters:
    ///   - memory: Where the bytes go: nowhere else are any left behind.
    ///   - start: The place of the first one.
    /// - Returns: The number of bytes; 0 at the end of the file.
    /// - Throws: ``FileError``; with `EINTR` once a signal waits (``Interruption``).
    public func read(into memory: inout MutableSpan<UInt8>, from start: Int) throws(FileError) -> Int {
        let taken = memory.withUnsafeMutableBufferPointer { room in
            unlessSignalled {
                Glibc.read(descriptor, room.baseAddress?.advanced(by: start), room.count - start)
            }
        }
        guard taken >= 0 else { throw FileError("read", path, .current) }
        return taken
    }

    /// A second handle on the same opening of the file.
    public func duplicate() throws(FileError) -> File {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw FileError("open", path, .current) }
        return File(owning: copy, at: location)
    }

    /// The whole file, of `limit` bytes at most; a larger one is an error (`EFBIG`).
    public func readAll(limit: Int) throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            guard try read(upTo: min(limit + 1 - bytes.count, 1 << 16), appendingTo: &bytes) > 0 else {
                return bytes
            }
            guard bytes.count <= limit else { throw FileError("read", path, .fileTooLarge) }
        }
    }

    /// Writes all the bytes, with as many write(2) calls as it takes.
    ///
    /// A pipe that nobody reads from may hold it up; a signal ends that (`EINTR`, ``Interruption``).
    public func write(_ bytes: Span<UInt8>) throws(FileError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { memory in
                unlessSignalled {
                    Glibc.write(descriptor, memory.baseAddress?.advanced(by: written), memory.count - written)
                }
            }
            guard count >= 0 else { throw FileError("write", path, .current) }
            written += count
            // A signal cuts a write short as well, and the next one would wait again.
            if written < bytes.count, linux_pending_signal() != 0 {
                throw FileError("write", path, .interrupted)
            }
        }
    }

    /// Leaves a hole: the next byte is written so much further on.
    public func skip(_ count: Int64) throws(FileError) {
        guard lseek(descriptor, off_t(count), SEEK_CUR) >= 0 else {
            throw FileError("seek in", path, .current)
        }
    }

    /// Makes it so many bytes long; what is added is a hole.
    public func setSize(_ size: Int64) throws(FileError) {
        guard retrying({ ftruncate(descriptor, off_t(size)) }) == 0 else {
            throw FileError("write", path, .current)
        }
    }

    /// Lets the kernel append bytes of this file to another one.
    ///
    /// - Returns: The number of bytes; 0 where it cannot copy between the two, or at the end.
    func copy(from offset: Int64, upTo count: Int64, to other: borrowing File) throws(FileError) -> Int64 {
        let taken = retrying { linux_copy_range(descriptor, off_t(offset), other.descriptor, Int(count)) }
        guard taken < 0 else { return Int64(taken) }
        guard [EXDEV, EINVAL, ENOSYS, EOPNOTSUPP, EBADF, EPERM].contains(errno) else {
            throw FileError("write", other.path, .current)
        }
        return 0
    }

    /// Opens what is no regular file, such as a fifo or a device, to write to it.
    static func writingStream(_ path: FilePath) throws(FileError) -> File {
        let descriptor = unlessSignalled { path.withPlatformString { open($0, O_WRONLY | O_CLOEXEC) } }
        guard descriptor >= 0 else { throw FileError("open", path, .current) }
        return File(owning: descriptor, path: path)
    }

    /// Begins to bring written bytes to the disk, without waiting.
    ///
    /// A hint: it makes the ``synchronize()`` at the end short, and its failure means nothing.
    public func beginWriteback(offset: Int64, count: Int64) {
        _ = linux_begin_writeback(descriptor, off_t(offset), off_t(count))
    }

    /// Waits until content and size are on the disk.
    ///
    /// A failure is final: the kernel may have dropped the bytes, and asking again would say all is well.
    public func synchronize() throws(FileError) {
        guard retrying({ fsync(descriptor) }) == 0 else { throw FileError("sync", path, .current) }
    }

    /// The first stretch of bytes at or behind `offset` that is no hole.
    ///
    /// Moves the reading position to its start.
    ///
    /// - Returns: Its bounds, or `nil` when only a hole is left.
    public func nextData(from offset: Int64) throws(FileError) -> Range<Int64>? {
        let start = linux_next_data(descriptor, off_t(offset))
        guard start >= 0 else {
            if errno == ENXIO { return nil }
            throw FileError("seek in", path, .current)
        }
        let end = linux_next_hole(descriptor, start)
        guard end >= start, lseek(descriptor, start, SEEK_SET) == start else {
            throw FileError("seek in", path, .current)
        }
        return Int64(start)..<Int64(end)
    }

    /// Takes the file's lock, if nobody else holds it.
    ///
    /// The lock ends with the last descriptor of this opening, or with the process.
    ///
    /// - Returns: Whether it is held now.
    public func tryLock() throws(FileError) -> Bool {
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
        if errno == EWOULDBLOCK { return false }
        throw FileError("lock", path, .current)
    }

    /// Whether nobody else holds the file's lock; also `true` where nothing can be locked.
    func tryLockWherePossible() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK }
}

/// Calls until the answer is no longer "interrupted by a signal", or a signal asks to stop.
@inline(__always)
func unlessSignalled<Value: SignedInteger>(_ call: () -> Value) -> Value {
    while true {
        let value = call()
        if value != -1 || errno != EINTR { return value }
        if linux_pending_signal() != 0 {
            errno = EINTR
            return value
        }
    }
}

/// Calls until the answer is no longer "interrupted by a signal".
@inline(__always)
func retrying<Value: SignedInteger>(_ call: () -> Value) -> Value {
    while true {
        let value = call()
        if value != -1 || errno != EINTR { return value }
    }
}

extension Errno {
    /// What errno(3) holds now.
    static var current: Errno { Errno(rawValue: errno) }
}
