/// An instruction as a line of a message has it: the beginning, and nothing that steers a terminal.
public struct InstructionText: CustomStringConvertible {
    private static let limit = 100

    /// The line.
    public let description: String

    /// Shows an instruction as it stands in the Dockerfile.
    public init(_ text: String) {
        let shown = text.unicodeScalars.prefix(Self.limit).map { scalar -> Unicode.Scalar in
            switch scalar.properties.generalCategory {
            // Bidirectional overrides are of the second one.
            case .control, .format, .lineSeparator, .paragraphSeparator: " "
            default: scalar
            }
        }
        let isWhole = text.unicodeScalars.count <= Self.limit
        description = String(String.UnicodeScalarView(shown)) + (isWhole ? "" : "…")
    }
}
