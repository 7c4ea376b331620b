import Cryptography
public import Linux
import OCI

/// SHA-256 of regular files' content and attributes, remembered from run to run.
///
/// A digest is known as long as device, inode, size, and the times of the last changes are what they were. Who changes
/// content or extended attributes changes the second of these times (ctime), and cannot set it back. It counts in
/// ticks, though: what changes in the tick in which it was hashed may look the same afterwards. Such a digest is
/// given once and not remembered. A file that is written to through a mapping tells so only from time to time;
/// nobody should build from one.
///
/// Threads may share it.
public final class ContentDigests: Sendable {
    /// Which extended attributes count.
    let filter: AttributeFilter
    private let table: Monitor<DigestTable>
    private let purpose: DigestTable.Digest
    private let name: FileName?

    /// The bytes of a stored table that are read at most.
    private static let sizeLimit = 256 << 20
    /// A file is forgotten when so many tables were written without it.
    private static let runs: UInt64 = 64

    /// Knows nothing of earlier runs and leaves nothing to later ones, as for another stage's files.
    ///
    /// - Parameter filter: Which extended attributes count.
    /// - Throws: `CryptographyError`.
    public init(_ filter: AttributeFilter) throws {
        self.filter = filter
        name = nil
        purpose = try Self.purpose(filter)
        table = Monitor(DigestTable())
    }

    /// Knows what earlier runs wrote of the files below a source.
    ///
    /// What cannot be read, or was damaged, is hashed anew.
    ///
    /// - Parameters:
    ///   - source: Whose files.
    ///   - directory: Where tables are kept, one for each source and filter.
    ///   - filter: Which extended attributes count.
    /// - Throws: `FileError` where the source's directory cannot be looked at, `CryptographyError`.
    public init(of source: CopySource, in directory: borrowing Directory, _ filter: AttributeFilter) throws {
        self.filter = filter
        purpose = try Self.purpose(filter)
        var fields = EntryFields()
        let root = try source.root.status().identity
        fields.put(root.device)
        fields.put(root.inode)
        fields.put(filter)
        let hash = try SHA256.of(fields.bytes)
        let name = FileName("files-\(Digest(sha256: hash).hex.prefix(24))".utf8)
        self.name = name
        table = Monitor(Self.read(name, in: directory, purpose) ?? DigestTable())
    }

    /// Leaves what is known to later runs, if anything is new.
    ///
    /// Of two runs that write at a time the later one's table stays. Without it a later run is slower, not wrong: the
    /// caller decides what a failure means.
    ///
    /// - Parameter directory: Where tables are kept.
    /// - Throws: `FileError`; an earlier table is untouched then.
    public func write(in directory: borrowing Directory) throws(FileError) {
        guard let name else { return }
        let table = table.update { $0 }
        guard table.isChanged else { return }
        let file = try TemporaryFile(in: directory, permissions: 0o600)
        try table.pieces(for: purpose, keeping: Self.runs) { piece throws(FileError) in try file.write(piece)
        }
        // Not brought to the disk first: what a power cut leaves of it is told by its checksum.
        try file.publish(as: name)
    }

    private static func read(
        _ name: FileName, in directory: borrowing Directory, _ purpose: DigestTable.Digest
    ) -> DigestTable? {
        guard let file = try? directory.openFile(name), let status = try? file.status(),
            status.kind == .regular, status.size <= sizeLimit
        else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(status.size) + 1)
        while bytes.count <= sizeLimit {
            let room = max(Int(status.size) - bytes.count, 0) + 1
            guard let count = try? file.read(upTo: room, appendingTo: &bytes) else { return nil }
            if count == 0 { return DigestTable(bytes: bytes, for: purpose) }
        }
        return nil
    }

    private static func purpose(_ filter: AttributeFilter) throws -> DigestTable.Digest {
        var fields = EntryFields()
        fields.put(Array("content and attributes 1".utf8))
        fields.put(filter)
        return DigestTable.Digest(sha256: try SHA256.of(fields.bytes))
    }

    // MARK: Files

    /// What is known of a file.
    func known(_ status: FileStatus) -> DigestTable.Digest? { table.update { $0.find(status) } }

    /// Remembers what was hashed, unless the file could have changed since without telling.
    ///
    /// - Parameters:
    ///   - digest: Its digest.
    ///   - status: What the file was before and after it was read.
    ///   - start: When reading it began.
    func remember(_ digest: DigestTable.Digest, of status: FileStatus, readFrom start: FileStatus.Time) {
        guard Self.isSettled(status.changed, at: start) else { return }
        table.update { $0.remember(status, digest, limit: DigestTable.limit) }
    }

    /// Whether a change from now on gives a file another time than it has.
    static func isSettled(_ changed: FileStatus.Time, at now: FileStatus.Time) -> Bool {
        // The kernel's tick is 10 ms at most (CONFIG_HZ=100); some file systems count seconds, FAT two at a time.
        let tick: Int64 = changed.nanoseconds == 0 ? 2_000_000_000 : 20_000_000
        let (seconds, isFar) = now.seconds.subtractingReportingOverflow(changed.seconds)
        guard !isFar, seconds >= 0 else { return false }
        guard seconds <= 4 else { return true }
        return seconds * 1_000_000_000 + now.nanoseconds - changed.nanoseconds > tick
    }

    /// Hashes a file that was met.
    ///
    /// - Parameters:
    ///   - file: The open file.
    ///   - status: What it was when it was met.
    ///   - filter: Which extended attributes count.
    ///   - buffer: Memory to read into.
    ///   - check: Called before each piece is read; what it throws ends it.
    /// - Returns: The digest, and when reading began.
    /// - Throws: ``LayerError/changed(_:_:)``, `FileError`, `CryptographyError`, `Interruption`.
    static func digest(
        of file: borrowing File, _ status: FileStatus, _ filter: AttributeFilter, _ buffer: inout [UInt8],
        check: () throws -> Void = Interruption.check
    ) throws -> (digest: DigestTable.Digest, start: FileStatus.Time) {
        let start = Machine.now
        try file.expect(status)
        let attributes = try file.extendedAttributes(where: filter.keeps)
        var content = try SHA256()
        while true {
            try check()
            buffer.removeAll(keepingCapacity: true)
            // Small enough for the second-level cache, so that the hash reads no memory a second time.
            guard try file.read(upTo: 128 << 10, appendingTo: &buffer) > 0 else { break }
            content.update(buffer.span)
        }
        try file.expect(status)
        var fields = EntryFields()
        fields.put(content.finish())
        fields.put(attributes)
        return (DigestTable.Digest(sha256: try SHA256.of(fields.bytes)), start)
    }
}

extension SHA256 {
    /// The hash of bytes that are in memory.
    static func of(_ bytes: [UInt8]) throws(CryptographyError) -> [UInt8] {
        var hash = try SHA256()
        hash.update(bytes.span)
        return hash.finish()
    }
}
