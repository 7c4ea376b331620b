import Images
import Linux
import OCI
import SystemPackage

/// A cache's directory.
///
/// ```text
/// DIR/v1/               another version's directory is never looked at; its lock is the directory's own (flock)
///   blobs/sha256/HEX    layers and base layers, by their digests
///   entries/KEY         which layer a key stands for, or that there is none, sealed
///   listings/CHAIN      the files of an image, sealed
///   files/              digests of files that were copied
///   places/ID           the fields of the key that an instruction had last, sealed
/// ```
///
/// Builds share the lock, and who removes something has it alone. Nothing in it is brought to the disk: all of it is
/// verified when it is read. A file's time is when it was used last.
final class CacheStore: Sendable {
    /// `v1`.
    let home: Directory
    let blobs: Directory
    let entries: Directory
    let listings: Directory
    let places: Directory
    let files: Directory
    private let temporary: TemporaryDirectory?
    private let isWritten: Bool

    /// The cache in a directory.
    ///
    /// - Parameters:
    ///   - path: Made where it is missing, for its owner alone.
    ///   - seconds: How long to wait for another process.
    ///   - isAlone: Whether nobody else may use it meanwhile.
    ///   - isWritten: Whether it shows when something was used.
    /// - Throws: `FileError`, ``UnsafeDirectory``, `Interruption`.
    convenience init(
        at path: FilePath, waitingSeconds seconds: Int, isAlone: Bool = false, isWritten: Bool = true
    ) throws {
        let path = Machine.absolute(path)
        guard let last = path.lastComponent, last.kind == .regular else {
            throw FileError("open", path, .invalidArgument)
        }
        let name = FileName(last)
        let above = path.removingLastComponent()
        _ = try Directory.makeDirectory(above)
        let parent = try Directory.open(above)
        try parent.createDirectory(name, permissions: 0o700)
        let root = try parent.openDirectory(name)
        try Self.expectPrivate(root)
        try self.init(in: root, temporary: nil, isWritten: isWritten)
        try lock(isAlone: isAlone, waitingSeconds: seconds)
        // What killed builds left counts for nobody's limit; who prunes counts it himself.
        if isWritten, !isAlone { try? blobs.sweep() }
    }

    /// A cache for this process alone, which is gone with it.
    ///
    /// - Throws: `FileError`.
    static func temporary() throws -> CacheStore {
        let random = String(UInt64.random(in: .min ... .max), radix: 36)
        let path = Machine.temporaryDirectory.appending("varve-cache-\(random)")
        let temporary = try TemporaryDirectory(for: path)
        return try CacheStore(in: temporary.directory.duplicate(), temporary: temporary)
    }

    private init(
        in root: borrowing Directory, temporary: consuming TemporaryDirectory?, isWritten: Bool = true
    ) throws {
        func open(_ name: FileName, in directory: borrowing Directory) throws -> Directory {
            try directory.createDirectory(name, permissions: 0o700)
            return try directory.openDirectory(name)
        }
        home = try open("v1", in: root)
        blobs = try open("sha256", in: open("blobs", in: home))
        entries = try open("entries", in: home)
        listings = try open("listings", in: home)
        places = try open("places", in: home)
        files = try open("files", in: home)
        self.temporary = temporary
        self.isWritten = isWritten
    }

    /// Who may write here decides what goes into images.
    private static func expectPrivate(_ root: borrowing Directory) throws {
        let status = try root.status()
        guard status.user == Machine.user.id else {
            throw UnsafeDirectory(reason: "it belongs to user \(status.user); give a directory of your own")
        }
        guard status.permissions & 0o022 == 0 else {
            throw UnsafeDirectory(reason: "others may write to it; chmod go-w mends that")
        }
    }

    private func lock(isAlone: Bool, waitingSeconds seconds: Int) throws {
        if isAlone { return try home.lock(waitingSeconds: seconds) }
        let deadline = Machine.ticks + UInt64(seconds) * 1_000_000_000
        while !home.tryLockShared() {
            try Interruption.check()
            guard Machine.ticks < deadline else {
                throw FileError("lock", home.path, .resourceTemporarilyUnavailable)
            }
            Machine.sleep(milliseconds: 20)
        }
    }

    // MARK: Blobs

    /// Opens a blob.
    ///
    /// - Parameters:
    ///   - descriptor: Its digest and size.
    ///   - isVerified: Whether this process has hashed it before.
    /// - Returns: All of it.
    /// - Throws: ``CacheDamage``, `Interruption`.
    func open(_ descriptor: Descriptor, isVerified: Bool) throws -> FileSlice {
        let name = Self.name(descriptor.digest)
        do {
            let slice = try FileSlice(blobs.openFile(name))
            guard slice.size == descriptor.size else {
                throw CacheDamage.damaged("\(slice.size) of \(descriptor.size) bytes are there")
            }
            if !isVerified {
                try Digest.check(slice, descriptor.digest)
                touch(name, in: blobs)
            }
            return slice
        } catch let error as FileError {
            throw error.errno == .noSuchFileOrDirectory ? CacheDamage.missing : .damaged("\(error)")
        } catch let error as ImageError {
            throw CacheDamage.damaged("\(error)")
        }
    }

    /// Whether there is a file of the blob's name and size.
    func holds(_ descriptor: Descriptor) -> Bool {
        let status = try? blobs.status(of: Self.name(descriptor.digest))
        return status?.kind == .regular && status?.size == descriptor.size
    }

    /// A file for a new blob.
    ///
    /// - Throws: `FileError`.
    func temporaryBlob() throws(FileError) -> TemporaryFile {
        try TemporaryFile(in: blobs, permissions: 0o600)
    }

    /// Takes a blob away, or whatever has its name.
    func remove(_ digest: Digest) { Self.remove(Self.name(digest), in: blobs) }

    // MARK: Sealed files

    /// Reads a sealed file.
    ///
    /// - Parameters:
    ///   - digest: Its name.
    ///   - directory: Where it is.
    ///   - limit: The most bytes that are read.
    ///   - isUse: Whether it has been used then.
    /// - Returns: What was sealed.
    /// - Throws: ``CacheDamage``, `CryptographyError`.
    func read(
        _ digest: Digest, in directory: borrowing Directory, limit: Int, isUse: Bool = true
    ) throws -> [UInt8] {
        let name = Self.name(digest)
        do {
            guard let sealed = try directory.content(of: name, limit: limit) else {
                throw CacheDamage.missing
            }
            guard let content = try SealedBytes.content(of: sealed) else {
                throw CacheDamage.damaged("it is not what was written")
            }
            if isUse { touch(name, in: directory) }
            return content
        } catch let error as FileError {
            throw CacheDamage.damaged("\(error)")
        }
    }

    /// Writes a sealed file, in place of what has its name.
    ///
    /// - Throws: `FileError`, `CryptographyError`.
    func write(_ content: [UInt8], as digest: Digest, in directory: borrowing Directory) throws {
        let file = try TemporaryFile(in: directory, permissions: 0o600)
        try file.write(SealedBytes.header(of: content))
        try file.write(content)
        try file.publish(as: Self.name(digest))
    }

    /// Takes a file away, or whatever else has its name.
    static func remove(_ name: FileName, in directory: borrowing Directory) {
        _ = try? directory.removeTree(name)
    }

    static func name(_ digest: Digest) -> FileName { FileName(digest.hex.utf8) }

    private func touch(_ name: FileName, in directory: borrowing Directory) {
        if isWritten { try? directory.setModified(of: name, Machine.now) }
    }
}

/// A directory that others may write to.
struct UnsafeDirectory: Error, CustomStringConvertible {
    let reason: String
    var description: String { reason }
}

/// What is the matter with something in the cache; never a build's failure.
enum CacheDamage: Error, Hashable {
    /// It is not there.
    case missing
    /// It was made longer ago than what is cached may count.
    case tooOld
    /// It is not what was stored.
    case damaged(String)
}
