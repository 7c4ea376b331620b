public import SystemPackage

/// A directory that is being filled, under a name that nobody takes for the real one.
///
/// It is removed with all that is in it when its owner lets go of it before ``publish()``. While it exists its
/// writer holds its lock, so that the next one can tell it from what a killed one left behind.
public struct TemporaryDirectory: ~Copyable {
    private static let prefix = Array(".varve-unpacking-".utf8)

    private let parent: Directory
    private let target: FileName
    private let name: FileName
    /// The directory itself.
    public let directory: Directory
    private var isPublished = false

    /// Makes an empty directory beside the path that the finished one shall have.
    ///
    /// What killed writers left beside it is removed.
    ///
    /// - Throws: ``FileError``; `EEXIST` where the path is anything but missing or an empty directory, `EBUSY` for a
    ///   directory that cannot be renamed over, or that a shell would be left in.
    public init(for path: FilePath) throws(FileError) {
        let path = Machine.absolute(path)
        guard let last = path.lastComponent, last.kind == .regular else {
            throw FileError("write", path, .fileExists)
        }
        let parent = try Directory.open(path.removingLastComponent())
        let target = FileName(FilePath(root: nil, components: last).bytes)
        // The next run would take it for a killed one's rest.
        guard !target.bytes.starts(with: Self.prefix) else {
            throw FileError("write", path, .invalidArgument)
        }
        try Self.refuse(target, in: parent, path)
        try parent.sweepDirectories(prefix: Self.prefix)
        var tries = 100
        while true {
            tries -= 1
            let random = String(UInt64.random(in: .min ... .max), radix: 36)
            let name = FileName(Self.prefix + random.utf8)
            try parent.createDirectory(name, permissions: 0o700)
            let directory = try parent.openDirectory(name)
            // Another one's sweep may come between creation and lock, and takes the directory away then.
            guard directory.tryLockWherePossible(),
                (try? parent.status(of: name).identity) == (try directory.status().identity)
            else {
                guard tries > 0 else { throw FileError("lock", path, .resourceTemporarilyUnavailable) }
                continue
            }
            self.parent = parent
            self.target = target
            self.name = name
            self.directory = directory
            return
        }
    }

    private static func refuse(
        _ name: FileName, in parent: borrowing Directory, _ path: FilePath
    ) throws(FileError) {
        let status: FileStatus
        do {
            status = try parent.status(of: name)
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            return
        }
        guard status.kind == .directory, try parent.openDirectory(name).names().isEmpty else {
            throw FileError("write", path, .fileExists)
        }
        let (there, here) = (try parent.status().identity, try Directory.open(".").status().identity)
        guard status.identity.device == there.device, status.identity != here else {
            throw FileError(
                "replace the current directory or a mount point, give a new directory instead of", path,
                .resourceBusy)
        }
    }

    deinit {
        if !isPublished { _ = try? parent.removeTree(name) }
    }

    /// Gives it its name.
    ///
    /// - Throws: ``FileError``; `ENOTEMPTY` where the path was taken meanwhile, `EBUSY` where it is a mount point.
    public consuming func publish() throws(FileError) {
        try parent.rename(name, to: target)
        isPublished = true
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
        }
    }
}
