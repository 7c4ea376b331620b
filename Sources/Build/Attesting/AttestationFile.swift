import Cryptography
import Linux
import Provenance
import SystemPackage

/// A file with an envelope a line, which lies beside what it is about.
struct AttestationFile {
    let path: FilePath

    /// The whole text; `nil` where there is no such file.
    ///
    /// - Throws: `FileError`, also for more than `Envelope/limit` bytes, ``BuildError/noRegularFile(_:)``.
    func text() throws -> [UInt8]? { try content()?.text }

    private func content() throws -> (text: [UInt8], permissions: UInt32)? {
        let file: File
        do {
            file = try File.reading(path)
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            return nil
        }
        let status = try file.status()
        guard status.kind == .regular else { throw BuildError.noRegularFile(path) }
        return (try file.readAll(limit: Envelope.limit), status.permissions)
    }

    /// Adds an envelope, in place of the same signer's about the same; what others add meanwhile stays.
    ///
    /// - Throws: `FileError`, ``BuildError``, `Interruption`.
    func add(
        _ envelope: Envelope, by key: VerificationKey,
        replacing isReplaced: (ReceivedStatement) -> Bool = { _ in false }
    ) throws {
        try whileLocked {
            var file = try staged(envelope, by: key, replacing: isReplaced)
            try file.publish()
            file.keep()
        }
    }

    /// The file with one more envelope, which does not have its name yet.
    ///
    /// - Throws: As ``add(_:by:replacing:)``.
    func staged(
        _ envelope: Envelope, by key: VerificationKey, replacing isReplaced: (ReceivedStatement) -> Bool
    ) throws -> StagedFile {
        let there = try content()
        let lines: [UInt8]
        do {
            lines = try AttestationLines.adding(
                envelope, by: key, to: there?.text ?? [], replacing: isReplaced)
        } catch {
            throw BuildError.cannotAdd(path, error.reason)
        }
        return try StagedFile(at: path, lines, permissions: there?.permissions)
    }

    /// Whoever adds holds the directory's lock: reading and replacing are two steps.
    func whileLocked(_ body: () throws -> Void) throws {
        let parent = path.removingLastComponent()
        let home: FilePath = parent.isEmpty ? "." : parent
        _ = try Directory.makeDirectory(home)
        let directory = try Directory.open(home)
        try directory.lock(waitingSeconds: 60)
        // The lock ends with the handle, and that would end here.
        defer { extendLifetime(directory) }
        try body()
    }
}
