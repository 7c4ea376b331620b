import OCI

/// Registries that stand for others when images are pulled.
///
/// Source: Kaniko's flags `--registry-map` and `--registry-mirror`.
public struct RegistryMap: Hashable, Sendable {
    /// A registry that stands for another one, and the path that goes before its repositories.
    public struct Target: Hashable, Sendable {
        /// The registry.
        public let registry: String
        /// Without slashes at its ends; empty for none.
        public let path: String

        /// Reads `registry` or `registry/path`.
        ///
        /// - Throws: ``RegistryMapError``.
        init(parsing text: some StringProtocol) throws(RegistryMapError) {
            let slash = text.firstIndex(of: "/") ?? text.endIndex
            do {
                registry = try RegistryName.parse(String(text[..<slash]))
            } catch {
                throw RegistryMapError(text: String(text), reason: "\(error)")
            }
            var path = text[slash...].dropFirst()
            while path.last == "/" { path = path.dropLast() }
            self.path = String(path)
            guard
                self.path.isEmpty
                    || (try? Reference(parsing: "\(registry)/\(path)/a"))?.repository == "\(path)/a"
            else {
                throw RegistryMapError(
                    text: String(text), reason: "\(self.path.quoted) is no path of a repository")
            }
        }
    }

    private var targets: [String: [Target]] = [:]

    /// No registry stands for another.
    public init() {}

    /// Adds what one `--registry-map` says: `original=new/path;new2;original2=new3`.
    ///
    /// - Throws: ``RegistryMapError``.
    public mutating func add(_ text: String) throws(RegistryMapError) {
        var original: String?
        for part in text.split(separator: ";", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if sides.count == 2 {
                do {
                    original = try RegistryName.parse(String(sides[0]))
                } catch {
                    throw RegistryMapError(text: text, reason: "\(error)")
                }
            }
            guard let original, let last = sides.last else {
                throw RegistryMapError(
                    text: text, reason: "before = stands the registry that others stand for")
            }
            add(try Target(parsing: last), for: original)
        }
    }

    /// Adds what one `--registry-mirror` says: a registry, perhaps with a path, that stands for Docker Hub.
    ///
    /// - Throws: ``RegistryMapError``.
    public mutating func addMirror(_ text: String) throws(RegistryMapError) {
        add(try Target(parsing: text), for: Reference.defaultRegistry)
    }

    private mutating func add(_ target: Target, for original: String) {
        if !(targets[original]?.contains(target) ?? false) { targets[original, default: []].append(target) }
    }

    /// Those that stand for a registry, in the order in which they were added.
    public func targets(of registry: String) -> [Target] { targets[registry] ?? [] }
}

/// A text that says of no registry which one it stands for.
public struct RegistryMapError: Error, Equatable, CustomStringConvertible {
    /// The text as it stood.
    public let text: String
    /// What is wrong with it.
    public let reason: String

    /// One line, as the user reads it.
    public var description: String {
        "\(text.quoted): \(reason); write it as docker.io=mirror.example.com/path"
    }
}
