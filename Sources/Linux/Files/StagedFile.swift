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
    /// What a temporary name has between the file's own name and its end.
    static let mark = Array(".varve-".utf8)

    /// What the temporary names of a file begin with.
    package static func prefix(of name: FileName) -> [UInt8] {
        ".".utf8 + Array(name.bytes.prefix(200)) + mark
    }

    private let path: FilePath
    private let name: FileName
    private let directory: Directory
    private let prefix: [UInt8]
    /// Goes before the directories do: they must be empty then.
    private var content: TemporaryFile?
    private var made: MadeDirectories
    private let stream: [UInt8]
    private let replaces: Bool
    private var isPublished = false
    private var isKept = false
    private var written = (all: Int64(0), back: Int64(0))

    /// Writes the bytes; directories above the path are made.
    ///
    /// Without bytes it is ready to be written piece by piece. Its temporary name tells whose it is, so that the
    /// next run sweeps what a killed one left, also in a directory that is not varve's own.
    ///
    /// - Parameters:
    ///   - path: The name that it will have.
    ///   - bytes: Its content.
    ///   - permissions: The lower 12 bits of its mode; by default what the umask leaves of 0666.
    /// - Throws: ``FileError``; nothing is left behind then.
    public init(
        at path: FilePath, _ bytes: [UInt8] = [], permissions: UInt32? = nil
    ) throws(FileError) {
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
            let name = FileName(last)
            let prefix = Self.prefix(of: name)
            try? directory.sweep { $0.starts(with: prefix) }
            let mode = permissions.map { $0 & 0o600 } ?? 0o666
            let temporary =
                kind == .regular ? try TemporaryFile(in: directory, prefix: prefix, permissions: mode) : nil
            if let permissions { try temporary?.setPermissions(permissions) }
            if !bytes.isEmpty {
                try temporary?.write(bytes)
                try temporary?.synchronize()
            }
            self.path = path
            self.name = name
            self.prefix = prefix
            self.directory = directory
            self.content = temporary
            self.made = MadeDirectories(paths: made)
            self.stream = bytes
            self.replaces = isThere
        } catch {
            for path in made.reversed() { try? Directory.removeDirectory(path) }
            throw error
        }
    }

    deinit {
        if isPublished, !isKept, !replaces { try? directory.remove(name) }
    }

    /// Whether it is no file, and is written to as it is.
    public var isStream: Bool { content == nil }

    /// Appends bytes.
    public mutating func write(_ bytes: [UInt8]) throws(FileError) {
        try content?.write(bytes)
        written.all += Int64(bytes.count)
        // The disk works meanwhile: the sync at the end finds little left.
        if written.all - written.back >= 8 << 20 {
            content?.beginWriteback(offset: written.back, count: written.all - written.back)
            written.back = written.all
        }
    }

    /// Waits until it is on the disk.
    public func synchronize() throws(FileError) { try content?.synchronize() }

    /// Opens what is no file, to write to it.
    public func openStream() throws(FileError) -> File { try File.writingStream(path) }

    /// A file without a name in the same directory, for what is needed on the way.
    public func scratchFile() throws(FileError) -> TemporaryFile {
        var file = try TemporaryFile(in: directory, prefix: prefix)
        try file.forgetName()
        return file
    }

    /// Gives it its name: whoever opens the path finds the old bytes or the new ones.
    ///
    /// - Parameter isNew: Whether nothing may have the name yet (`EEXIST`).
    /// - Throws: ``FileError``.
    public mutating func publish(isNew: Bool = false) throws(FileError) {
        if let content = content.take() {
            try content.publish(as: name, isNew: isNew)
            isPublished = true
            try directory.synchronize()
            try Directory.synchronizeParents(of: made.paths)
        } else if !isPublished {
            try openStream().write(stream.span)
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
