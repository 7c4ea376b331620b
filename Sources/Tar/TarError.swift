import CArchive

/// A step on a tar stream that failed, with libarchive's own words.
public struct TarError: Error, Equatable, CustomStringConvertible {
    /// What was being done.
    public enum Operation: String, Sendable {
        case open = "begin the archive"
        case writeHeader = "write a header"
        case writeContent = "write content"
        case close = "end the archive"
        case readHeader = "read a header"
        case readContent = "read content"
        case decompress = "decompress"
        case readSpecification = "read the mtree specification"
    }

    /// What was being done.
    public let operation: Operation
    /// Libarchive's message, or ours where it has none.
    public let reason: String

    init(_ operation: Operation, reason: String) { (self.operation, self.reason) = (operation, reason) }

    init(_ operation: Operation, _ archive: OpaquePointer) {
        let words = archive_error_string(archive).map { String(cString: $0) }
        self.init(operation, reason: words ?? "libarchive gave no reason")
    }

    /// A failure behind a member, which it names: nobody finds a place in a tar by counting.
    init(_ operation: Operation, _ archive: OpaquePointer, after path: [UInt8]) {
        let error = TarError(operation, archive)
        let name = String(decoding: path, as: UTF8.self)
        self.init(operation, reason: path.isEmpty ? error.reason : "\(error.reason), at or behind \(name)")
    }

    /// One line, as the user reads it.
    public var description: String { "tar: cannot \(operation.rawValue): \(reason)" }
}
