/// The version of an image layout: the content of its file `oci-layout`.
///
/// Source: OCI image-spec v1.1, image-layout.md, "oci-layout file".
public struct ImageLayoutVersion: JSONDocument, CustomStringConvertible {
    /// The version, such as `1.0.0`.
    public let description: String

    /// The one version there is, 1.0.0.
    public static let current = ImageLayoutVersion("1.0.0")
    /// The name of the file.
    public static let fileName = "oci-layout"

    private init(_ text: String) { description = text }

    /// Reads the file's content.
    ///
    /// - Throws: ``OCIError/unsupportedLayoutVersion(_:)`` for another version than 1.0.0, and
    ///   ``OCIError`` with the member's path when there is none.
    public init(json: JSONValue) throws(OCIError) {
        let text = try Expect.object(json).required("imageLayoutVersion", Expect.string)
        guard text == Self.current.description else { throw .unsupportedLayoutVersion(text) }
        self = .current
    }

    /// The file's content.
    public var json: JSONValue { ["imageLayoutVersion": .string(description)] }
}
