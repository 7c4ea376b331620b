import Linux
import Provenance
import SystemPackage

/// A file with an envelope a line, which lies beside what it is about.
struct AttestationFile {
    let path: FilePath

    /// The whole text; `nil` where there is no such file.
    ///
    /// - Throws: `FileError`, also for more than `Envelope/limit` bytes.
    func text() throws(FileError) -> [UInt8]? {
        let file: File
        do {
            file = try File.reading(path)
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            return nil
        }
        guard try file.status().kind == .regular else { throw FileError("read", path, .invalidArgument) }
        return try file.readAll(limit: Envelope.limit)
    }

    /// Adds an envelope, in place of one with the same payload; what others add meanwhile stays.
    ///
    /// - Throws: `FileError`, `Interruption`.
    func add(_ envelope: Envelope) throws {
        let parent = path.removingLastComponent()
        let home: FilePath = parent.isEmpty ? "." : parent
        _ = try Directory.makeDirectory(home)
        let directory = try Directory.open(home)
        try directory.lock(waitingSeconds: 60)
        // The lock ends with the handle, and that would end here.
        defer { extendLifetime(directory) }
        var file = try StagedFile(at: path, AttestationLines.adding(envelope, to: text() ?? []))
        try file.publish()
        file.keep()
    }
}
