/// A value that is read from and written as one JSON document.
public protocol JSONDocument: Hashable, Sendable {
    /// Reads the value.
    init(json: JSONValue) throws(OCIError)
    /// The document as it is written.
    var json: JSONValue { get }
}

extension JSONDocument {
    /// Whether both are written with the same bytes.
    public static func == (left: Self, right: Self) -> Bool { left.json == right.json }

    /// Feeds what is written to the hasher.
    public func hash(into hasher: inout Hasher) { hasher.combine(json) }
}

/// A JSON document together with the bytes that its digest is of.
///
/// A digest names bytes, not values: reading a manifest and writing it again
/// can change its digest. So the bytes are kept from where they were read, and
/// stored and sent as they are.
public struct Document<Value: JSONDocument>: Hashable, Sendable {
    /// What the bytes say.
    public let value: Value
    /// The document as it is stored and sent.
    public let bytes: [UInt8]

    /// Reads a document and keeps its bytes.
    ///
    /// - Parameters:
    ///   - bytes: The whole document.
    ///   - limits: How much it may hold.
    /// - Throws: ``OCIError``; ``OCIError/malformedJSON(_:)`` when it is no JSON at all.
    public init(parsing bytes: [UInt8], limits: JSONLimits = .document) throws(OCIError) {
        let json: JSONValue
        do {
            json = try JSONValue(parsing: bytes, limits: limits)
        } catch {
            throw .malformedJSON(error)
        }
        (value, self.bytes) = (try Value(json: json), bytes)
    }

    /// Writes a new document, without white space.
    public init(_ value: Value) { (self.value, bytes) = (value, value.json.serialized()) }
}
