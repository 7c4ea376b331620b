import Glibc
public import SystemPackage

/// A file that is complete and on the disk, and does not have its name yet.
///
/// What can fail is done before others see anything: after ``publish()`` only
/// ``keep()`` is left. An owner that lets go of it before that takes the file
/// away again, and the directories that were made for it.
///
/// What is no file, such as `/dev/stdout` or a pipe, is written to as it is, by ``publish()``.
public struct StagedFile: ~Copyable {
    private let path: FilePath
    private let name: FileName
    private let directory: Directory
    /// Goes before the directories do: they must be empty then.
    private var content: TemporaryFile?
    private var made: MadeDirectories
    private let stream: [UInt8]?
    private let replaces: Bool
    private var isPublished = false
    private var isKept = false

    /// Writes the bytes; directories above the path are made.
    ///
    /// - Throws: ``FileError``; nothing is left behind then.
    public init(at path: FilePath, _ bytes: [UInt8]) throws(FileError) {
        guard let last = path.lastComponent, last.kind == .regular else {
            throw FileError("write", path, .isDirectory)
        }
        let parent = path.removingLastComponent()
        let home: FilePath = parent.isEmpty ? "." : parent
        let made = try Directory.makeDirectory(home)
        do throws(FileError) {
            let directory = try Directory.open(home)
            var status = stat()
            let isThere = path.withPlatformString { stat($0, &status) } == 0
            let kind = isThere ? FileStatus(status).kind : .regular
            guard kind != .directory else { throw FileError("write", path, .isDirectory) }
            let temporary = kind == .regular ? try directory.complete(bytes) : nil
            self.path = path
            self.name = FileName(FilePath(root: nil, components: last).bytes)
            self.directory = directory
            self.content = temporary
            self.made = MadeDirectories(paths: made)
            self.stream = kind == .regular ? nil : bytes
            self.replaces = isThere
        } catch {
            for path in made.reversed() { try? Directory.removeDirectory(path) }
            throw error
        }
    }

    deinit {
        if isPublished, !isKept, !replaces { try? directory.remove(name) }
    }

    /// Gives it its name: whoever opens the path finds the old bytes or the new ones.
    public mutating func publish() throws(FileError) {
        if let stream {
            let path = self.path
            let descriptor = retrying { path.withPlatformString { open($0, O_WRONLY | O_CLOEXEC) } }
            guard descriptor >= 0 else { throw FileError("open", path, .current) }
            return try File(owning: descriptor, path: path).write(stream.span)
        }
        if let content = content.take() {
            try content.publish(as: name)
            isPublished = true
            try directory.synchronize()
            try Directory.synchronizeParents(of: made.paths)
        }
    }

    /// Leaves it where it is.
    public mutating func keep() {
        isKept = true
        made.isKept = true
    }
}

/// Directories that go again unless they are kept; what is not empty stays.
private struct MadeDirectories: ~Copyable {
    let paths: [FilePath]
    var isKept = false

    init(paths: [FilePath]) { self.paths = paths }

    deinit {
        guard !isKept else { return }
        for path in paths.reversed() { try? Directory.removeDirectory(path) }
    }
}

extension Directory {
    /// Waits until the names of these directories are on the disk.
    public static func synchronizeParents(of paths: [FilePath]) throws(FileError) {
        for path in paths {
            let parent = path.removingLastComponent()
            try open(parent.isEmpty ? "." : parent).synchronize()
        }
    }
}
