/// A statement that cannot be made, or a text about its sources that cannot be read.
///
/// Texts that came from outside are kept without their user information, so that an
/// error may be printed.
public enum ProvenanceError: Error, Equatable, CustomStringConvertible {
    /// The statement names nothing it speaks about.
    case missingSubject
    /// A subject has no digest; its name, if it has one.
    case subjectWithoutDigest(String)
    /// A subject's digest is not lower-case hexadecimal.
    case malformedDigest(algorithm: String, value: String)
    /// A field that the predicate's specification requires is empty.
    case missingField(String)
    /// The text is no location of sources.
    case malformedSource(String, reason: String)
    /// The text is no Git object name of 40 or 64 hexadecimal digits.
    case malformedCommit(String)
    /// The text is no image reference.
    case malformedPluginImage(String)

    /// One line, as the user reads it.
    public var description: String {
        switch self {
        case .missingSubject: "statement: no subject"
        case .subjectWithoutDigest(let name): "statement: subject \(name.debugDescription) has no digest"
        case .malformedDigest(let algorithm, let value):
            "statement: subject digest \(algorithm) is \(value.debugDescription), not lower-case hexadecimal"
        case .missingField(let field): "provenance: \(field) is empty"
        case .malformedSource(let text, let reason): "source \(text.debugDescription): \(reason)"
        case .malformedCommit(let text): "commit \(text.debugDescription): not 40 or 64 hexadecimal digits"
        case .malformedPluginImage(let text): "plugin image \(text.debugDescription): not an image reference"
        }
    }
}
