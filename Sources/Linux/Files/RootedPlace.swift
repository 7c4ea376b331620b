import Glibc
import SystemPackage

/// A name in a directory, whether there is something of that name or not; what is there is no link.
final class RootedPlace {
    /// The directory.
    let home: Directory
    /// The name in it.
    let name: FileName

    init(home: consuming Directory, name: FileName) {
        self.home = home
        self.name = name
    }

    /// What is there; `nil` where there is nothing.
    ///
    /// - Throws: ``FileError``.
    func status() throws(FileError) -> FileStatus? {
        do {
            return try home.status(of: name)
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            return nil
        }
    }
}

extension Directory {
    /// The name that a path leads to, as if this directory were `/`: links are followed to the end, and never lead out.
    ///
    /// - Parameters:
    ///   - path: Bytes that other people wrote.
    ///   - make: Makes a directory that is missing above it; `nil` makes none.
    /// - Returns: The name, where there need not be anything.
    /// - Throws: ``FileError``; `EINVAL` for the directory itself, and for a path that ends in `..`; what `make` throws.
    func place(of path: [UInt8], making make: (([UInt8]) throws -> Void)? = nil) throws -> RootedPlace {
        var path = path
        for _ in 0...40 {
            while path.last == 47 { path.removeLast() }
            let start = path.lastIndex(of: 47).map { $0 + 1 } ?? 0
            let (above, name) = (Array(path[..<start]), FileName(path[start...]))
            guard !name.isDots else {
                throw FileError("mount at", Location.below(self.path, path).path, .invalidArgument)
            }
            let home = try open(above, making: make)
            guard let target = try? home.linkTarget(of: name) else {
                return RootedPlace(home: home, name: name)
            }
            path = target.first == 47 ? target : above + target
        }
        throw FileError("open", Location.below(self.path, path).path, .tooManySymbolicLinkLevels)
    }

    /// Opens a directory, and makes it where it is missing.
    func open(_ path: [UInt8], making make: (([UInt8]) throws -> Void)?) throws -> Directory {
        guard let make else { return try openInRoot(path) }
        do {
            return try openInRoot(path)
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
        }
        try make(path)
        return try openInRoot(path)
    }
}
