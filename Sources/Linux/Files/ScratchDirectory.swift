public import SystemPackage

/// A directory that nobody else looks into and nobody keeps: what is in it is needed on the way only.
///
/// It is removed with all that is in it when its owner lets go of it. While it exists its writer holds its lock, so
/// that the next one can tell it from what a killed one left behind.
public struct ScratchDirectory: ~Copyable, Sendable {
    private static let prefix = Array(".varve-scratch-".utf8)

    private let parent: Directory
    let name: FileName
    /// The directory itself, of mode 0700.
    public let directory: Directory
    private var isKept = false

    /// Makes an empty directory where large files go that nobody keeps (``Machine/temporaryDirectory``).
    ///
    /// What this user's killed processes left there is removed.
    ///
    /// - Throws: ``FileError``.
    public init() throws(FileError) {
        let parent = try Directory.open(Machine.absolute(Machine.temporaryDirectory))
        try self.init(in: parent, prefix: Self.prefix)
    }

    /// Makes it in a directory; what this user's killed processes left there is removed.
    ///
    /// - Throws: ``FileError``.
    public init(in path: FilePath) throws(FileError) {
        try self.init(in: Directory.open(path), prefix: Self.prefix)
    }

    /// Makes an empty directory in another one, from which what killed writers left under that prefix is removed.
    init(in parent: borrowing Directory, prefix: [UInt8]) throws(FileError) {
        let home = try parent.duplicate()
        try home.sweepDirectories(prefix: prefix)
        var tries = 100
        while true {
            tries -= 1
            let random = String(UInt64.random(in: .min ... .max), radix: 36)
            let name = FileName(prefix + random.utf8)
            try home.createDirectory(name, permissions: 0o700)
            // Another one's sweep may come between creation and lock, and takes the directory away then.
            let directory: Directory
            do {
                directory = try home.openDirectory(name)
            } catch {
                guard error.errno == .noSuchFileOrDirectory, tries > 0 else { throw error }
                continue
            }
            guard directory.tryLockWherePossible(),
                (try? home.status(of: name).identity) == (try directory.status().identity)
            else {
                guard tries > 0 else { throw FileError("lock", home.path, .resourceTemporarilyUnavailable) }
                continue
            }
            self.parent = home
            self.name = name
            self.directory = directory
            return
        }
    }

    deinit {
        if !isKept { _ = try? parent.removeTree(name) }
    }

    /// Where it is, for programs that are told.
    public var path: FilePath { directory.path }

    /// Gives it another name beside its own; nobody removes it then.
    ///
    /// - Throws: ``FileError``.
    mutating func keep(as target: FileName) throws(FileError) {
        try parent.rename(name, to: target)
        isKept = true
        try parent.synchronize()
    }
}

extension Directory {
    /// Removes the temporary directories whose writers are gone.
    fileprivate func sweepDirectories(prefix: [UInt8]) throws(FileError) {
        for name in try names() where name.bytes.starts(with: prefix) {
            // Somebody else's directory, or one that vanished meanwhile, is not this process's trouble.
            guard let directory = try? openDirectory(name), let status = try? directory.status(),
                status.user == Machine.user.id, directory.tryLock()
            else { continue }
            _ = try? removeTree(name)
            // Its owner must not get the lock before the name is gone.
            extendLifetime(directory)
        }
    }
}
