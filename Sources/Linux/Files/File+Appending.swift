import Glibc
public import SystemPackage

extension File {
    /// Adds lines to a file that others write to as well; without one it is made, without its directory nothing is.
    ///
    /// They begin on a line of their own, whatever the file ended with, and are written in one piece, so that two who
    /// add at the same time do not mix theirs. What is no regular file, such as `/dev/stdout`, is written to as it is.
    ///
    /// - Throws: ``FileError``.
    public static func append(_ lines: [UInt8], to path: FilePath) throws(FileError) {
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC
        let descriptor = unlessSignalled { path.withPlatformString { open($0, flags, 0o666) } }
        guard descriptor >= 0 else { throw FileError("open", path, .current) }
        let file = File(owning: descriptor, path: path)
        let start = try endsInsideLine(file) ? [UInt8(ascii: "\n")] : []
        try file.write((start + lines).span)
    }

    private static func endsInsideLine(_ file: borrowing File) throws(FileError) -> Bool {
        let status = try file.status()
        guard status.kind == .regular, status.size > 0 else { return false }
        var last: [UInt8] = []
        // A file that may be written and not read is taken as it is.
        guard let copy = try? File.reading(file.path) else { return false }
        _ = try copy.read(upTo: 1, at: status.size - 1, appendingTo: &last)
        return last != [UInt8(ascii: "\n")]
    }
}
