import OCI

/// A part of the builder, and which version of it ran.
///
/// Source: SLSA Provenance v1, "BuilderVersion" (`runDetails.builder.version`).
public struct ComponentVersion: Hashable, Sendable {
    /// What the part is called, such as `plugins/kaniko`.
    public var name: String
    /// Its version, as the part itself writes it.
    public var version: String

    /// A part and its version.
    public init(name: String, version: String) {
        self.name = name
        self.version = version
    }

    /// The JSON object name to version, sorted by the bytes of the names.
    ///
    /// The order of discovery must not show: the same builder writes the same bytes. Of
    /// two versions under one name the later one is written.
    static func json(_ components: [ComponentVersion]) -> JSONObject {
        // sorted(by:) is stable, so the later of two equals is set last.
        let sorted = components.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        var object = JSONObject()
        for component in sorted { object[component.name] = .string(component.version) }
        return object
    }
}
