import OCI

/// Registries that something holds for: none, some by their names, or all.
public struct RegistrySet: Hashable, Sendable {
    private let names: Set<String>
    private let isEverything: Bool

    /// None.
    public static let none = RegistrySet(names: [], isEverything: false)
    /// Every registry.
    public static let all = RegistrySet(names: [], isEverything: true)

    /// Registries as references have them: `registry.example.com`, `localhost:5000`.
    ///
    /// - Throws: ``RegistryNameError``.
    public init(_ names: [String]) throws(RegistryNameError) {
        var set: Set<String> = []
        for name in names { set.insert(try RegistryName.parse(name)) }
        self.init(names: set, isEverything: false)
    }

    private init(names: Set<String>, isEverything: Bool) {
        (self.names, self.isEverything) = (names, isEverything)
    }

    /// A registry's name as references have it.
    ///
    /// - Throws: ``RegistryNameError``.
    public static func name(_ text: String) throws(RegistryNameError) -> String {
        try RegistryName.parse(text)
    }

    /// Whether it holds for a registry.
    public func contains(_ registry: String) -> Bool { isEverything || names.contains(registry) }
}

/// The host of a registry, with its port.
enum RegistryName {
    /// Reads a name as references have it; Docker Hub's are all `docker.io`.
    static func parse(_ text: String) throws(RegistryNameError) -> String {
        // A reference knows what a host is. One word alone would be a repository of Docker Hub to it.
        let isPlain = !text.contains("/") && !text.contains("@")
        guard isPlain, !text.isEmpty else { throw RegistryNameError(text: text) }
        if let registry = try? Reference(parsing: text + "/a").registry, registry == text.lowercased() {
            return registry
        }
        guard AuthKey(registry: text).registry == Reference.defaultRegistry else {
            throw RegistryNameError(text: text)
        }
        return Reference.defaultRegistry
    }
}

/// A text that names no registry.
public struct RegistryNameError: Error, Equatable, CustomStringConvertible {
    /// The text as it stood.
    public let text: String

    /// One line, as the user reads it.
    public var description: String {
        "\(text.quoted) is not a registry such as registry.example.com or localhost:5000; "
            + "it has no https:// and no path"
    }
}
