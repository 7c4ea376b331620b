import Glibc
public import SystemPackage

extension Directory {
    /// Whether a path, once it exists, lies in this directory or below it.
    ///
    /// Goes up from the nearest directory that is there, and compares what it passes with this one: neither a
    /// link nor a `..` in the path deceives it.
    public func contains(_ path: FilePath) throws(FileError) -> Bool {
        let identity = try status().identity
        var place = Machine.absolute(path)
        while true {
            if let directory = try? Directory.open(place) {
                return try directory.isBelow(identity)
            }
            guard place.removeLastComponent() else { return false }
        }
    }

    private consuming func isBelow(_ identity: FileStatus.Identity) throws(FileError) -> Bool {
        var place = self
        var here = try place.status().identity
        while here != identity {
            let parent = retrying { openat(place.descriptor, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
            // Above a directory that may not be read nothing can be told.
            guard parent >= 0 else { return false }
            place = Directory(owning: parent, path: place.path)
            let above = try place.status().identity
            if above == here { return false }
            here = above
        }
        return true
    }

    /// Writes a file whole: whoever opens the path finds the old bytes or the new ones.
    ///
    /// Directories above it are made. What is no file, such as `/dev/stdout` or a pipe, is written to as it is.
    public static func writeFile(at path: FilePath, _ bytes: [UInt8]) throws(FileError) {
        guard let name = path.lastComponent else { throw FileError("write", path, .isDirectory) }
        let parent = path.removingLastComponent()
        let home: FilePath = parent.isEmpty ? "." : parent
        _ = try makeDirectory(home)
        let directory = try open(home)
        var status = stat()
        if path.withPlatformString({ stat($0, &status) }) == 0, FileStatus(status).kind != .regular {
            let descriptor = retrying { path.withPlatformString { Glibc.open($0, O_WRONLY | O_CLOEXEC) } }
            guard descriptor >= 0 else { throw FileError("open", path, .current) }
            return try File(owning: descriptor, path: path).write(bytes.span)
        }
        try directory.replace(FileName(FilePath(root: nil, components: name).bytes), with: bytes)
        try directory.synchronize()
    }
}
