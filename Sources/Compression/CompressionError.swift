/// A compressor that could not be made or failed, with the library's own words.
public struct CompressionError: Error, Equatable, CustomStringConvertible {
    /// The library.
    public let library: String
    /// Its message, or ours where it has none.
    public let reason: String

    init(_ library: String, _ reason: String) { (self.library, self.reason) = (library, reason) }

    /// One line, as the user reads it.
    public var description: String { "cannot compress: \(library): \(reason)" }
}
