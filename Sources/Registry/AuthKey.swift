import OCI

/// Which repositories a credential is for: a registry, or those of it below a path.
///
/// Source: containers-auth.json(5); Docker's configuration file has URLs in place of hosts.
public struct AuthKey: Hashable, Sendable, CustomStringConvertible {
    /// The registry's host, small letters, with the port where there is one; every name of Docker Hub is `docker.io`.
    public let registry: String
    /// The path, without slashes at its ends; empty for the whole registry.
    public let path: String

    /// The name under which Docker keeps the login of Docker Hub.
    package static let dockerHub = "https://index.docker.io/v1/"
    private static let hubNames: Set = [
        "docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com",
    ]

    /// Reads a key as files have it: `host`, `host:port/path`, or a URL, of which the path does not count.
    public init(parsing text: String) {
        var rest = Substring(text)
        var isURL = false
        for scheme in ["https://", "http://"] where rest.lowercased().hasPrefix(scheme) {
            (rest, isURL) = (rest.dropFirst(scheme.utf8.count), true)
        }
        while rest.last == "/" { rest = rest.dropLast() }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let path = rest[slash...].drop { $0 == "/" }
        // Docker's own URLs end in the version of the API; what is no URL may name a repository so.
        let isWhole = isURL || path == "v1" || path == "v2"
        self.init(registry: String(rest[..<slash]), path: isWhole ? "" : String(path))
    }

    /// The key of a registry, or of a repository in it.
    public init(registry: String, path: String = "") {
        let host = registry.lowercased()
        self.registry = Self.hubNames.contains(host) ? Reference.defaultRegistry : host
        self.path = path
    }

    /// This key and those above it, the most exact one first.
    var ancestors: [AuthKey] {
        var keys = [self]
        var rest = Substring(path)
        while !rest.isEmpty {
            rest = rest.lastIndex(of: "/").map { rest[..<$0] } ?? ""
            keys.append(AuthKey(registry: registry, path: String(rest)))
        }
        return keys
    }

    /// What credential programs and Docker's file call it.
    var server: String {
        registry == Reference.defaultRegistry && path.isEmpty ? Self.dockerHub : description
    }

    /// `host` or `host/path`.
    public var description: String { path.isEmpty ? registry : "\(registry)/\(path)" }
}
