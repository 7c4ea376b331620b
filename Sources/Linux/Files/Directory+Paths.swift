import CLinux
import Glibc
public import SystemPackage

extension Directory {
    /// Whether a path, once it exists, lies in this directory or below it.
    ///
    /// Goes up from the nearest directory that is there, and compares what it passes with this one: neither a
    /// link nor a `..` in the path deceives it, also where directories are still to be made.
    public func contains(_ path: FilePath) throws(FileError) -> Bool {
        let identity = try status().identity
        var place = Machine.absolute(path)
        var missing: [FilePath.Component] = []
        while true {
            let descriptor = place.withPlatformString { linux_open_place(AT_FDCWD, $0) }
            if descriptor >= 0 {
                let nearest = Directory(owning: descriptor, path: place)
                if try nearest.isBelow(identity) { return true }
                // What is missing has no links: `..` in it takes away a name, or leads above this place.
                guard missing.contains(where: { $0.kind == .parentDirectory }) else { return false }
                let rest = FilePath(root: nil, missing.reversed()).lexicallyNormalized()
                return try contains(place.pushing(rest))
            }
            guard let last = place.lastComponent else { return false }
            missing.append(last)
            place.removeLastComponent()
        }
    }

    private consuming func isBelow(_ identity: FileStatus.Identity) throws(FileError) -> Bool {
        var place = self
        var here = try place.status().identity
        while here != identity {
            let parent = linux_open_place(place.descriptor, "..")
            // Above a directory that may not be searched nothing can be told.
            guard parent >= 0 else { return false }
            place = Directory(owning: parent, path: place.path)
            let above = try place.status().identity
            if above == here { return false }
            here = above
        }
        return true
    }

    /// Its path below this process's root directory, without links and without a slash in front; empty for that itself.
    ///
    /// - Throws: ``FileError``, also where there is no `/proc`.
    ///
    /// Source: proc(5), `/proc/PID/fd/`.
    public func realPath() throws(FileError) -> [UInt8] {
        let numbers = try Directory.open("/proc/self/fd")
        return Array(try numbers.linkTarget(of: FileName("\(descriptor)".utf8)).drop { $0 == 47 })
    }

    /// Writes a file whole: see ``StagedFile``.
    public static func writeFile(at path: FilePath, _ bytes: [UInt8]) throws(FileError) {
        var file = try StagedFile(at: path, bytes)
        try file.publish()
        file.keep()
    }
}
