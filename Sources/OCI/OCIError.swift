/// A text or a document that does not follow the OCI specifications.
///
/// Each case carries the text that is wrong, as it stood; ``description``
/// shortens and escapes it.
public enum OCIError: Error, Equatable, Sendable {
    /// The text is no `sha256:` digest.
    case malformedDigest(String)
    /// The text is no media type.
    case malformedMediaType(String)
    /// The text is no `os/architecture[/variant]`.
    case malformedPlatform(String, reason: String)
    /// The text is no image reference.
    case malformedReference(String, reason: String)
    /// The text is no RFC 3339 time of the years 1 to 9999.
    case malformedTimestamp(String)
    /// The document is no JSON that this package accepts.
    case malformedJSON(JSONError)
    /// A required member is absent; `path` is as in `layers[3].digest`.
    case missingMember(path: String)
    /// A member holds something else than it must.
    case wrongMember(path: String, expected: String, found: String)
    /// `schemaVersion` is not 2.
    case unsupportedSchemaVersion(String)
    /// `mediaType` names another kind of document.
    case wrongMediaType(document: String, found: String)
    /// A document has a member that makes it look like another kind of document.
    case ambiguousDocument(document: String, member: String)
    /// A manifest or an index names more than 10,000 descriptors.
    case tooManyDescriptors(path: String, count: Int)
    /// `oci-layout` holds a version that this package does not know.
    case unsupportedLayoutVersion(String)
}

extension OCIError: CustomStringConvertible {
    /// One line, as the user reads it.
    public var description: String {
        switch self {
        case .malformedDigest(let text):
            "\(text.quoted) is not a digest: sha256: and 64 lower-case hexadecimal digits"
        case .malformedMediaType(let text):
            "\(text.quoted) is not a media type such as \(MediaType.imageManifest)"
        case .malformedPlatform(let text, let reason):
            "\(text.quoted) is not a platform such as linux/amd64 or linux/arm/v7: \(reason)"
        case .malformedReference(let text, let reason):
            "\(text.quoted) is not an image reference such as registry.example/team/app:1.0: \(reason)"
        case .malformedTimestamp(let text):
            "\(text.quoted) is not a time such as 2026-01-31T12:00:00Z (RFC 3339)"
        case .malformedJSON(let error): error.description
        case .missingMember(let path): "\(path.bare) is missing"
        case .wrongMember(let path, let expected, let found):
            (path.isEmpty ? "" : "\(path.bare): ") + "expected \(expected), found \(found)"
        case .unsupportedSchemaVersion(let text):
            "schemaVersion is \(text), only 2 can be read; a Docker schema 1 image has to be pushed anew"
        case .wrongMediaType(let document, let found):
            "the media type \(found.quoted) does not belong to \(document)"
        case .ambiguousDocument(let document, let member):
            "\(document) must not have the member \(member.quoted): others could read it as another document"
        case .tooManyDescriptors(let path, let count):
            "\(path.bare) names \(count) descriptors, at most \(DocumentLimits.descriptors) are read"
        case .unsupportedLayoutVersion(let text):
            "\(text.quoted) is not a known version of the image layout; known is 1.0.0"
        }
    }
}

/// Bounds that hold for every document.
enum DocumentLimits {
    /// The most descriptors in one list.
    static let descriptors = 10_000
}

extension OCIError {
    /// The same error, seen from the object or array around: `digest` becomes `layers[3].digest`.
    func inside(_ outer: String) -> OCIError {
        func joined(_ inner: String) -> String {
            inner.isEmpty || inner.utf8.first == UInt8(ascii: "[") ? outer + inner : outer + "." + inner
        }
        return switch self {
        case .missingMember(let path): .missingMember(path: joined(path))
        case .wrongMember(let path, let expected, let found):
            .wrongMember(path: joined(path), expected: expected, found: found)
        case .tooManyDescriptors(let path, let count): .tooManyDescriptors(path: joined(path), count: count)
        default: self
        }
    }
}

extension String {
    /// The text escaped and shortened like ``quoted``, without the quotation marks.
    fileprivate var bare: String { String(quoted.dropFirst().dropLast()) }
}
