public import Linux
import SystemPackage

/// A directory that files are copied from: a build context, or another stage's tree.
///
/// Paths in it are followed as if it was `/`: no link leads out.
public final class CopySource: Sendable {
    let root: Directory

    /// Takes over the directory.
    public init(_ root: consuming Directory) { self.root = root }

    /// A file in it, reached over all links.
    struct Place: ~Copyable {
        /// The path without any link.
        let path: [UInt8]
        /// The directory itself, or the one that the file lies in.
        let directory: Directory
        /// What lstat(2) said of it.
        let status: FileStatus
    }

    /// Finds a file.
    ///
    /// - Throws: ``LayerError/source(_:_:)`` where there is none, `FileError`.
    func find(_ path: [UInt8]) throws -> Place {
        func refused(_ reason: String) -> LayerError { .source(FileListing.filePath(path), reason) }
        var pending: [FileName] = PathWalk.components(path[...]).reversed().map { FileName($0) }
        var arrived: [FileName] = []
        var place = try root.duplicate()
        var links = 40
        while let name = pending.popLast() {
            if name == ".." {
                arrived = Array(arrived.dropLast())
                place = try root.openInRoot(Self.joined(arrived))
                continue
            }
            let status: FileStatus
            do {
                status = try place.status(of: name)
            } catch {
                guard error.errno == .noSuchFileOrDirectory else { throw error }
                throw refused("there is no such file")
            }
            switch status.kind {
            case .directory:
                place = try place.openDirectory(name)
                arrived.append(name)
            case .symbolicLink:
                links -= 1
                guard links >= 0 else { throw refused("it leads over more than 40 links") }
                let target = try place.linkTarget(of: name)
                pending += PathWalk.components(target[...]).reversed().map { FileName($0) }
                guard target.first == 47 else { continue }
                arrived = []
                place = try root.duplicate()
            default:
                guard pending.isEmpty else { throw refused("it leads through what is no directory") }
                return Place(path: Self.joined(arrived + [name]), directory: place, status: status)
            }
        }
        let status = try place.status()
        return Place(path: Self.joined(arrived), directory: place, status: status)
    }

    private static func joined(_ names: [FileName]) -> [UInt8] {
        Array(names.map(\.bytes).joined(separator: [47]))
    }

    /// Whether a path leads to a file of any kind.
    ///
    /// - Parameter path: Below the source's root; links in it are followed.
    /// - Throws: `FileError`.
    /// - Returns: `false` where there is nothing.
    public func holds(_ path: [UInt8]) throws -> Bool {
        do {
            _ = try find(path)
            return true
        } catch LayerError.source {
            return false
        }
    }

    /// A small file's content.
    ///
    /// - Parameters:
    ///   - path: Below the source's root; links in it are followed.
    ///   - limit: The most bytes that are read.
    /// - Throws: ``LayerError/source(_:_:)`` where there is no such file, `FileError`.
    /// - Returns: The bytes.
    public func content(of path: [UInt8], limit: Int) throws -> [UInt8] {
        let found = try find(path)
        guard found.status.kind == .regular else {
            throw LayerError.source(FileListing.filePath(path), "it is no file")
        }
        return try open(found.path).readAll(limit: limit)
    }

    /// Opens a file by its path without links; whoever opens it looks whether it is the one.
    func open(_ path: [UInt8]) throws -> File {
        let path = try MemberPath(path, limit: .max)
        return try root.openInRoot(path.parent.bytes).openFile(FileName(path.name))
    }
}
