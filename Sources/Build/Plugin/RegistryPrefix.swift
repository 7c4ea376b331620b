import OCI
import Registry

/// The registry that goes before the names of repositories, unless they begin with it.
struct RegistryPrefix {
    /// Host and path, without slashes at its ends; `nil` where none goes before.
    let text: String?

    /// - Parameters:
    ///   - registry: A host, perhaps with a path, or a URL; Docker Hub's goes without saying.
    ///   - isWanted: Whether a registry goes before names at all.
    init(_ registry: String, isWanted: Bool) {
        var rest = Substring(registry)
        for scheme in ["https://", "http://"] where rest.lowercased().hasPrefix(scheme) {
            rest = rest.dropFirst(scheme.utf8.count)
        }
        while rest.last == "/" { rest = rest.dropLast() }
        // The version of the API, which Docker's own URLs end in.
        for version in ["/v1", "/v2"] where rest.hasSuffix(version) {
            rest = rest.dropLast(version.utf8.count)
        }
        let isHub = AuthKey(parsing: registry).registry == Reference.defaultRegistry
        text = isWanted && !isHub && !rest.isEmpty ? String(rest) : nil
    }

    /// A repository's name with it.
    func before(_ repository: String) -> String {
        guard let text, !repository.hasPrefix(text + "/") else { return repository }
        return "\(text)/\(repository.drop { $0 == "/" })"
    }

    /// A repository's name without it.
    func without(_ repository: String) -> String {
        guard let text, repository.hasPrefix(text + "/") else { return repository }
        return String(repository.dropFirst(text.utf8.count + 1))
    }
}
