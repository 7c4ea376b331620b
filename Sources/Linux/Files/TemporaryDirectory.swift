public import SystemPackage

/// A directory that is being filled, under a name that nobody takes for the real one.
///
/// It is removed with all that is in it when its owner lets go of it before ``publish()``. While it exists its
/// writer holds its lock, so that the next one can tell it from what a killed one left behind.
public struct TemporaryDirectory: ~Copyable, Sendable {
    private static let prefix = Array(".varve-unpacking-".utf8)

    private let target: FileName
    private var scratch: ScratchDirectory

    /// The directory itself.
    public var directory: Directory { _read { yield scratch.directory } }

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
        let target = FileName(last)
        // The next run would take it for a killed one's rest.
        guard !target.bytes.starts(with: Self.prefix) else {
            throw FileError("write", path, .invalidArgument)
        }
        try Self.refuse(target, in: parent, path)
        let scratch = try ScratchDirectory(in: parent, prefix: Self.prefix)
        self.target = target
        self.scratch = scratch
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

    /// Gives it its name.
    ///
    /// - Throws: ``FileError``; `ENOTEMPTY` where the path was taken meanwhile, `EBUSY` where it is a mount point.
    public consuming func publish() throws(FileError) { try scratch.keep(as: target) }
}
