import Images
import Linux
import OCI
import SystemPackage

/// The directories that programs of several builds share: what `--mount=type=cache` shows.
///
/// Each lies in `mounts/` of the cache by the digest of its id. Who uses one holds its lock, shared with others or not,
/// so that nobody takes it away meanwhile.
struct CacheMounts: ~Copyable {
    /// A directory, for as long as it is held.
    final class Lease {
        let path: FilePath
        /// Whether nobody used it before, nor filled it.
        var isNew: Bool
        private let lock: Directory

        fileprivate init(_ lock: consuming Directory, isNew: Bool) {
            path = lock.path.appending("content")
            self.isNew = isNew
            self.lock = lock
        }
    }

    /// Its name in the cache's directory.
    static let folder: FileName = "mounts"

    private let home: Directory

    /// - Parameter home: The cache's directory, or one that ends with the build.
    /// - Throws: `FileError`.
    init(in home: borrowing Directory) throws(FileError) {
        try home.createDirectory(Self.folder, permissions: 0o700)
        self.home = try home.openDirectory(Self.folder)
    }

    /// Finds a directory, or makes it, and waits for whoever has it alone.
    ///
    /// - Parameters:
    ///   - id: Which one.
    ///   - sharing: Whether others may have it at the same time.
    ///   - check: Called while it waits; what it throws ends the waiting.
    ///   - waits: Told once where that takes a second.
    /// - Throws: `FileError`, `CryptographyError`; what `check` throws.
    /// - Returns: The directory, for as long as somebody holds it.
    func lease(
        _ id: String, _ sharing: CacheSharing, check: () throws -> Void, waits: () -> Void
    ) throws -> Lease {
        let name = try Digest.of(Array(id.utf8)).hex
        var turns = 0
        var number = 0
        while true {
            try check()
            let lock = try open(FileName((number == 0 ? name : "\(name).\(number)").utf8))
            let isHeld = sharing == .shared ? lock.tryLockShared() : lock.tryLock()
            if isHeld {
                let isNew = (try? lock.status(of: "content")) == nil
                if isNew { try lock.createDirectory("content", permissions: 0o755) }
                try lock.setModified(Machine.now)
                return Lease(lock, isNew: isNew)
            }
            // Who wants one of his own takes the next.
            if sharing == .private {
                number += 1
                continue
            }
            turns += 1
            if turns == 20 { waits() }
            Machine.sleep(milliseconds: 50)
        }
    }

    private func open(_ name: FileName) throws(FileError) -> Directory {
        try home.createDirectory(name, permissions: 0o700)
        return try home.openDirectory(name)
    }
}

/// Whether a directory of a cache is one program's at a time.
enum CacheSharing {
    case shared
    /// Others wait.
    case locked
    /// Others get another one.
    case `private`
}
