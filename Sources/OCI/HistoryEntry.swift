/// What one step of a build did, as the image configuration tells it.
///
/// An entry that was read keeps all its members; only a changed one is written anew.
///
/// Source: OCI image-spec v1.1, config.md, "history".
public struct HistoryEntry: Hashable, Sendable {
    /// When the step was done.
    public var created: Timestamp? { didSet { write("created", created?.description) } }
    /// The instruction or command.
    public var createdBy: String? { didSet { write("created_by", createdBy) } }
    /// Who did it.
    public var author: String? { didSet { write("author", author) } }
    /// A remark.
    public var comment: String? { didSet { write("comment", comment) } }
    /// Whether the step made no layer.
    public var isEmptyLayer: Bool {
        didSet { members.set("empty_layer", to: isEmptyLayer ? true : nil, order: Self.order) }
    }
    private var members: JSONObject

    /// Writes an entry.
    ///
    /// - Parameters:
    ///   - created: When the step was done.
    ///   - createdBy: The instruction or command.
    ///   - author: Who did it.
    ///   - comment: A remark.
    ///   - isEmptyLayer: Whether the step made no layer.
    public init(
        created: Timestamp? = nil, createdBy: String? = nil, author: String? = nil, comment: String? = nil,
        isEmptyLayer: Bool = false
    ) {
        (self.created, self.createdBy, self.author) = (created, createdBy, author)
        (self.comment, self.isEmptyLayer) = (comment, isEmptyLayer)
        members = JSONObject()
        members["created"] = created.map { .string($0.description) }
        members["created_by"] = createdBy.map { .string($0) }
        members["author"] = author.map { .string($0) }
        members["comment"] = comment.map { .string($0) }
        members["empty_layer"] = isEmptyLayer ? true : nil
    }

    /// Reads an entry.
    ///
    /// - Throws: ``OCIError/wrongMember(path:expected:found:)``.
    public init(json: JSONValue) throws(OCIError) {
        members = try Expect.object(json)
        created = try members.optional("created", Expect.timestamp)
        createdBy = try members.optional("created_by", Expect.string)
        author = try members.optional("author", Expect.string)
        comment = try members.optional("comment", Expect.string)
        isEmptyLayer = try members.optional("empty_layer", Expect.bool) ?? false
    }

    /// The object as it is written.
    public var json: JSONValue { .object(members) }

    private static let order = ["created", "created_by", "author", "comment", "empty_layer"]

    private mutating func write(_ key: String, _ text: String?) {
        members.set(key, to: text.map { .string($0) }, order: Self.order)
    }
}
