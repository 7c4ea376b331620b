import OCI

/// A build record that nobody may sign.
public enum RecordError: Error, Equatable, CustomStringConvertible {
    /// A field that says something else than the signer knows.
    case contradiction(field: String, recorded: String, known: String)
    /// A field without which there is no provenance.
    case missing(field: String)

    /// One line, as the user reads it.
    public var description: String {
        switch self {
        case .contradiction(let field, let recorded, let known):
            "the build record's \(field) is \(recorded.quoted), and what is known here is \(known.quoted); nothing was signed"
        case .missing(let field): "the build record has no \(field); nothing was signed"
        }
    }
}
