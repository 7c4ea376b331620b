/// A compressor or decompressor that could not be made or failed, with the library's own words.
public struct CompressionError: Error, Equatable, CustomStringConvertible {
    /// What was being done, as a verb: `compress` or `decompress`.
    public let operation: String
    /// The library, or the format where the words are ours.
    public let library: String
    /// Its message, or ours where it has none.
    public let reason: String

    init(_ library: String, _ reason: String) { self.init("compress", library, reason) }

    init(decompressing library: String, _ reason: String) { self.init("decompress", library, reason) }

    private init(_ operation: String, _ library: String, _ reason: String) {
        (self.operation, self.library, self.reason) = (operation, library, reason)
    }

    /// One line, as the user reads it.
    public var description: String { "cannot \(operation): \(library): \(reason)" }
}
