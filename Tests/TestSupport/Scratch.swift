import Glibc
import Linux
public import SystemPackage

/// A directory for one test; removed with everything in it when its owner lets go of it.
public final class Scratch: Sendable {
    /// Where it is.
    public let path: FilePath

    /// Makes an empty directory, in another place than the usual one if given.
    public init(in parent: FilePath? = nil) throws {
        let home = parent ?? FilePath(ProcessArguments.environment["TMPDIR"] ?? "/tmp")
        path = home.appending("varve-test-\(UInt64.random(in: .min ... .max))")
        _ = try Directory.makeDirectory(path)
        // A plain user's commands work here too.
        chmod(path.string, 0o777)
    }

    deinit { _ = try? Command(["rm", "-rf", path.string]).run() }

    /// A path below it.
    public subscript(_ name: String) -> FilePath { path.pushing(FilePath(name)) }

    /// Writes a file, and the directories above it.
    @discardableResult
    public func write(_ name: String, _ content: String = "") throws -> FilePath {
        let path = self[name]
        let parent = path.removingLastComponent()
        _ = try Directory.makeDirectory(parent)
        let directory = try Directory.open(parent)
        let file = FileName((path.lastComponent?.string ?? "").utf8)
        // Not through writeFile: a test's file need not survive the machine.
        try? directory.remove(file)
        try directory.createFile(file).write(Array(content.utf8).span)
        return path
    }

    /// Makes a directory, and those above it.
    @discardableResult
    public func directory(_ name: String) throws -> FilePath {
        _ = try Directory.makeDirectory(self[name])
        return self[name]
    }
}

/// The whole content of a file.
public func content(of path: FilePath) throws -> [UInt8] {
    try File.reading(path).readAll(limit: 1 << 30)
}

/// The whole content of a file that is UTF-8.
public func text(of path: FilePath) throws -> String {
    String(decoding: try content(of: path), as: UTF8.self)
}
