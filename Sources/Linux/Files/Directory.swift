import CLinux
import Glibc
public import SystemPackage

/// An open directory; everything in it is reached relative to it, one component at a time.
///
/// No verb follows a symbolic link in the last component.
public struct Directory: ~Copyable, Sendable {
    private(set) var location: Location
    let descriptor: Int32

    init(owning descriptor: Int32, at location: Location) {
        (self.descriptor, self.location) = (descriptor, location)
    }

    init(owning descriptor: Int32, path: FilePath) { self.init(owning: descriptor, at: .path(path)) }

    deinit { close(descriptor) }

    /// The path for messages.
    public var path: FilePath { location.path }

    /// Opens a directory by a path of any length; links are followed.
    ///
    /// - Throws: ``FileError``; `ENOTDIR` when it is something else.
    public static func open(_ path: FilePath) throws(FileError) -> Directory {
        let text: FilePath = path.isEmpty ? "." : path
        let descriptor = retrying {
            text.withPlatformString { Glibc.open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        }
        guard descriptor >= 0 else { throw FileError("open", path, .current) }
        return Directory(owning: descriptor, path: path)
    }

    /// Makes a directory, and the ones above it that are missing.
    ///
    /// A link that leads nowhere is no directory, and stays.
    ///
    /// - Returns: Those that were made, the uppermost first; none where the path was there already.
    /// - Throws: ``FileError``; what was made on the way is removed again.
    @discardableResult
    public static func makeDirectory(_ path: FilePath) throws(FileError) -> [FilePath] {
        switch create(path) {
        case 0: return [path]
        case EEXIST: return []
        case ENOENT where !path.removingLastComponent().isEmpty: break
        case let code: throw FileError("create", path, Errno(rawValue: code))
        }
        let above = try makeDirectory(path.removingLastComponent())
        let code = create(path)
        switch code {
        case 0: return above + [path]
        case EEXIST: return above
        default:
            for path in above.reversed() { try? removeDirectory(path) }
            throw FileError("create", path, Errno(rawValue: code))
        }
    }

    /// - Returns: 0, or what errno(3) held.
    private static func create(_ path: FilePath) -> Int32 {
        retrying { path.withPlatformString { mkdir($0, 0o777) } } == 0 ? 0 : errno
    }

    /// Removes an empty directory.
    public static func removeDirectory(_ path: FilePath) throws(FileError) {
        guard path.withPlatformString({ rmdir($0) }) == 0 else { throw FileError("remove", path, .current) }
    }

    /// Removes a regular file, if there is one.
    public static func removeFile(_ path: FilePath) throws(FileError) {
        var status = stat()
        guard path.withPlatformString({ lstat($0, &status) }) == 0, FileStatus(status).kind == .regular else {
            return
        }
        guard path.withPlatformString({ unlink($0) }) == 0 || errno == ENOENT else {
            throw FileError("remove", path, .current)
        }
    }

    /// Says anew where it is, so that a deep tree makes no deep chain of locations.
    mutating func relocate(to location: Location) { self.location = location }

    /// A second handle on the same directory.
    public func duplicate() throws(FileError) -> Directory {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw FileError("open", path, .current) }
        return Directory(owning: copy, at: location)
    }

    /// What stat(2) says of the directory itself.
    public func status() throws(FileError) -> FileStatus {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError("stat", path, .current) }
        return FileStatus(status)
    }

    /// What lstat(2) says of an entry.
    public func status(of name: FileName) throws(FileError) -> FileStatus {
        var status = stat()
        let code = name.withCString { fstatat(descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) }
        guard code == 0 else { throw failure("stat", name) }
        return FileStatus(status)
    }

    /// Opens an entry that is a directory.
    ///
    /// - Throws: ``FileError``; `ENOTDIR` or `ELOOP` when it is something else.
    public func openDirectory(_ name: FileName) throws(FileError) -> Directory {
        let child = retrying {
            name.withCString { openat(descriptor, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
        }
        guard child >= 0 else { throw failure("open", name) }
        return Directory(owning: child, at: .entry(in: location, name))
    }

    /// Opens an entry to read it, and never waits: a fifo that took a file's place does not block.
    public func openFile(_ name: FileName) throws(FileError) -> File {
        let file = retrying {
            name.withCString { openat(descriptor, $0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) }
        }
        guard file >= 0 else { throw failure("open", name) }
        return File(owning: file, at: .entry(in: location, name))
    }

    /// The whole content of a file, or `nil` where there is none.
    ///
    /// A file of more than `limit` bytes is an error (`EFBIG`).
    public func content(of name: FileName, limit: Int) throws(FileError) -> [UInt8]? {
        let file = retrying {
            name.withCString { openat(descriptor, $0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) }
        }
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("open", name)
        }
        return try File(owning: file, at: .entry(in: location, name)).readAll(limit: limit)
    }

    /// Opens a file to lock it, and makes it first where it is missing.
    public func openLockFile(_ name: FileName) throws(FileError) -> File {
        let file = retrying {
            name.withCString { openat(descriptor, $0, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o666) }
        }
        guard file >= 0 else { throw failure("open", name) }
        return File(owning: file, at: .entry(in: location, name))
    }

    /// Makes a new file to write it; one that is there already is an error (`EEXIST`).
    public func createFile(_ name: FileName, permissions: UInt32 = 0o666) throws(FileError) -> File {
        let file = retrying {
            name.withCString {
                openat(descriptor, $0, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, permissions)
            }
        }
        guard file >= 0 else { throw failure("create", name) }
        return File(owning: file, at: .entry(in: location, name))
    }

    /// Makes a directory.
    ///
    /// - Returns: `false` when there was one of that name already.
    @discardableResult
    public func createDirectory(
        _ name: FileName, permissions: UInt32 = 0o777
    ) throws(FileError) -> Bool {
        if name.withCString({ mkdirat(descriptor, $0, permissions) }) == 0 { return true }
        guard errno == EEXIST, try status(of: name).kind == .directory else { throw failure("create", name) }
        return false
    }

    /// The target of a symbolic link, as it stands.
    ///
    /// - Throws: ``FileError``; `ESTALE` for what is no link, as it was when its status was read.
    public func linkTarget(of name: FileName) throws(FileError) -> [UInt8] {
        var capacity = 256
        while true {
            var count = 0
            let target = [UInt8](unsafeUninitializedCapacity: capacity) { memory, initialized in
                count = name.withCString { path in
                    memory.withMemoryRebound(to: CChar.self) {
                        $0.baseAddress.map { readlinkat(descriptor, path, $0, capacity) } ?? -1
                    }
                }
                initialized = max(count, 0)
            }
            guard count >= 0 else {
                // EINVAL says that here, and other things elsewhere.
                if errno == EINVAL { errno = ESTALE }
                throw failure("read the link", name)
            }
            if count < capacity { return target }
            capacity *= 4
        }
    }

    /// Gives an entry another name, in place of whatever has that name.
    public func rename(_ name: FileName, to other: FileName) throws(FileError) {
        let code = name.withCString { from in
            other.withCString { to in renameat(descriptor, from, descriptor, to) }
        }
        guard code == 0 else { throw failure("rename", name) }
    }

    /// Gives an entry another name, unless something has that name (`EEXIST`).
    public func renameNew(_ name: FileName, to other: FileName) throws(FileError) {
        let code = name.withCString { from in
            other.withCString { to in linux_rename_new(descriptor, from, to) }
        }
        guard code == 0 else { throw failure("create", errno == EEXIST ? other : name) }
    }

    /// Removes a file.
    public func remove(_ name: FileName) throws(FileError) {
        guard name.withCString({ unlinkat(descriptor, $0, 0) }) == 0 else { throw failure("remove", name) }
    }

    /// Removes an empty directory.
    public func removeDirectory(_ name: FileName) throws(FileError) {
        guard name.withCString({ unlinkat(descriptor, $0, AT_REMOVEDIR) }) == 0 else {
            throw failure("remove", name)
        }
    }

    /// Waits until the names in it are on the disk.
    public func synchronize() throws(FileError) {
        guard retrying({ fsync(descriptor) }) == 0 else { throw FileError("sync", path, .current) }
    }

    /// Shares the directory's lock with others, unless somebody has it alone.
    ///
    /// A file system that cannot lock directories gives no lock and no error.
    ///
    /// - Returns: `false` where somebody has it alone.
    public func tryLockShared() -> Bool { flock(descriptor, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK }

    /// Takes the directory's lock, unless somebody else has it.
    ///
    /// A file system that cannot lock directories gives no lock and no error.
    ///
    /// - Returns: `false` where somebody has it.
    func tryLockWherePossible() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK }

    /// Whether nobody else shares the directory's lock; it is this handle's alone then.
    public func tryLock() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }

    /// Waits for the directory's lock, which ends with this handle; where nothing can be locked there is none to wait for.
    ///
    /// - Throws: ``FileError`` (`EAGAIN`) when another process keeps it for longer, ``Interruption``.
    public func lock(waitingSeconds seconds: Int) throws {
        let deadline = Machine.ticks + UInt64(seconds) * 1_000_000_000
        while !tryLockWherePossible() {
            try Interruption.check()
            guard Machine.ticks < deadline else {
                throw FileError("lock", path, .resourceTemporarilyUnavailable)
            }
            Machine.sleep(milliseconds: 20)
        }
    }

    /// The path of an entry, for messages.
    public func childPath(_ name: FileName) -> FilePath { Location.entry(in: location, name).path }

    func failure(_ operation: String, _ name: FileName) -> FileError {
        let errno = Errno.current
        return FileError(operation, childPath(name), errno)
    }
}
