/// How a container is started from an image, and how the image was made.
///
/// Backed by the JSON object that was read: members that this package does not
/// know survive every change. New members are written in the order of the
/// specification, whatever the order of the calls, and empty ones are left out.
///
/// Source: OCI image-spec v1.1, config.md, "Properties".
public struct ImageConfiguration: JSONDocument {
    private var members: JSONObject
    private static let order = [
        "created", "author", "architecture", "os", "os.version", "os.features", "variant", "config", "rootfs",
        "history",
    ]
    private static let executionOrder = [
        "User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes", "WorkingDir", "Labels", "StopSignal",
    ]

    /// The configuration of an image without layers, as `FROM scratch` begins.
    public init(platform: Platform) {
        members = ["rootfs": ["type": "layers", "diff_ids": []]]
        self.platform = platform
    }

    /// Reads a configuration.
    ///
    /// - Throws: ``OCIError`` with the path of the wrong member, such as `rootfs.diff_ids[2]`.
    public init(json: JSONValue) throws(OCIError) {
        members = try Expect.object(json)
        for key in ["architecture", "os"] { _ = try members.required(key, Expect.string) }
        for key in ["author", "variant"] { _ = try members.optional(key, Expect.string) }
        _ = try members.optional("created", Expect.timestamp)
        try members.optional("config", Self.checkExecution)
        try members.required("rootfs", Self.checkRootfs)
        _ = try members.optional("history", Self.history)
    }

    /// The document as it is written.
    public var json: JSONValue { .object(members) }

    // MARK: The image

    /// When the image was made.
    public var created: Timestamp? {
        get { members["created"]?.string.flatMap { try? Timestamp(parsing: $0) } }
        set { set("created", newValue.map { .string($0.description) }) }
    }

    /// Who made it.
    public var author: String? {
        get { members["author"]?.string }
        set { set("author", newValue.map { .string($0) }) }
    }

    /// The machine that it is for, in the words that stand in the document.
    public var platform: Platform {
        get {
            Platform(
                os: members["os"]?.string ?? "", architecture: members["architecture"]?.string ?? "",
                variant: members["variant"]?.string)
        }
        set {
            set("architecture", .string(newValue.architecture))
            set("os", .string(newValue.os))
            set("variant", newValue.variant.map { .string($0) })
        }
    }

    /// The digests of the layers' tar streams before compression, the base's first.
    public var diffIDs: [Digest] {
        get { members["rootfs"]?["diff_ids"]?.array?.compactMap { try? Expect.digest($0) } ?? [] }
        set {
            var rootfs = members["rootfs"]?.object ?? ["type": "layers"]
            rootfs["diff_ids"] = .array(newValue.map { .string($0.description) })
            set("rootfs", .object(rootfs))
        }
    }

    /// What each step of the build did; the entries that are no empty layers match ``diffIDs``.
    public var history: [HistoryEntry] {
        get { members["history"].flatMap { try? Self.history($0) } ?? [] }
        set { set("history", newValue.isEmpty ? nil : .array(newValue.map(\.json))) }
    }

    /// Adds a layer on top, and the step that made it.
    public mutating func append(layer diffID: Digest, history entry: HistoryEntry) {
        diffIDs.append(diffID)
        history.append(entry)
    }

    // MARK: The container

    /// The user, as `user`, `uid`, `user:group` or `uid:gid`; `nil` is root.
    public var user: String? {
        get { execution("User")?.string }
        set { setText("User", newValue) }
    }

    /// Ports such as `8080/tcp`, written in the order of their bytes.
    public var exposedPorts: [String] {
        get { execution("ExposedPorts")?.object?.keys ?? [] }
        set { setNames("ExposedPorts", newValue) }
    }

    /// Variables as `NAME=value`, in their order.
    public var environment: [String] {
        get { texts("Env") }
        set { setTexts("Env", newValue) }
    }

    /// The command's fixed beginning.
    public var entrypoint: [String] {
        get { texts("Entrypoint") }
        set { setTexts("Entrypoint", newValue) }
    }

    /// The command, or the arguments of ``entrypoint``.
    public var command: [String] {
        get { texts("Cmd") }
        set { setTexts("Cmd", newValue) }
    }

    /// Directories outside the container's own file system, written in the order of their bytes.
    public var volumes: [String] {
        get { execution("Volumes")?.object?.keys ?? [] }
        set { setNames("Volumes", newValue) }
    }

    /// The directory where the command starts.
    public var workingDirectory: String? {
        get { execution("WorkingDir")?.string }
        set { setText("WorkingDir", newValue) }
    }

    /// Texts about the image, written in the order of their names' bytes.
    public var labels: Annotations {
        get { execution("Labels").flatMap { try? Annotations(json: $0) } ?? [:] }
        set { self[execution: "Labels"] = newValue.isEmpty ? nil : newValue.sorted.json }
    }

    /// The signal that asks the container to end, such as `SIGTERM`.
    public var stopSignal: String? {
        get { execution("StopSignal")?.string }
        set { setText("StopSignal", newValue) }
    }

    /// A member of `config` that has no property here, such as `Healthcheck`, `Shell` or `OnBuild`.
    ///
    /// The members that have a property are written through it, because only
    /// the property keeps their form; here they can be read.
    public subscript(execution key: String) -> JSONValue? {
        get { execution(key) }
        set {
            var config = members["config"]?.object ?? JSONObject()
            config.update(key, to: newValue, order: Self.executionOrder)
            set("config", config.isEmpty ? nil : .object(config))
        }
    }

    // MARK: Members

    private mutating func set(_ key: String, _ value: JSONValue?) {
        members.update(key, to: value, order: Self.order)
    }

    private func execution(_ key: String) -> JSONValue? { members["config"]?[key] }

    private func texts(_ key: String) -> [String] { execution(key)?.array?.compactMap(\.string) ?? [] }

    private mutating func setTexts(_ key: String, _ texts: [String]) {
        self[execution: key] = texts.isEmpty ? nil : .array(texts.map { .string($0) })
    }

    private mutating func setText(_ key: String, _ text: String?) {
        self[execution: key] = text.flatMap { $0.isEmpty ? nil : .string($0) }
    }

    private mutating func setNames(_ key: String, _ names: [String]) {
        let sorted = Set(names.map { TextBytes($0) }).sorted()
        let members = sorted.map { JSONObject.Member(key: $0.text, value: [:]) }
        self[execution: key] = members.isEmpty ? nil : .object(JSONObject(distinct: members))
    }

    // MARK: Checks

    private static func history(_ value: JSONValue) throws(OCIError) -> [HistoryEntry] {
        try Expect.array(value, of: HistoryEntry.init(json:))
    }

    private static func checkRootfs(_ value: JSONValue) throws(OCIError) {
        let rootfs = try Expect.object(value)
        let type = try rootfs.required("type", Expect.string)
        guard type == "layers" else {
            throw .wrongMember(path: "type", expected: "\"layers\"", found: type.quoted)
        }
        _ = try rootfs.required("diff_ids", Expect.digests)
    }

    private static func checkExecution(_ value: JSONValue) throws(OCIError) {
        let config = try Expect.object(value)
        for key in ["User", "WorkingDir", "StopSignal"] { _ = try config.optional(key, Expect.string) }
        for key in ["Env", "Entrypoint", "Cmd"] {
            _ = try config.optional(key, Expect.strings)
        }
        for key in ["ExposedPorts", "Volumes"] {
            _ = try config.optional(key, Expect.object)
        }
        _ = try config.optional("Labels", Annotations.init(json:))
    }
}
