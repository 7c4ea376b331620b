public import OCI

/// The image of a CI step, as a part of the builder.
///
/// Harness CI cuts the text at `:` and so takes a registry's port for the version; here
/// the reference is parsed.
public struct PluginImage: Hashable, Sendable {
    /// The image as it was named.
    public let reference: Reference

    /// Reads an image reference.
    ///
    /// - Throws: ``ProvenanceError/malformedPluginImage(_:)``.
    public init(parsing text: String) throws(ProvenanceError) {
        do {
            reference = try Reference(parsing: text)
        } catch {
            throw .malformedPluginImage(Redaction.withoutUserInformation(text))
        }
    }

    /// The entry of the builder's version map.
    ///
    /// The name is the repository without its registry, nor the `library/` that Docker Hub adds.
    /// The version is the tag, else the digest; `latest` when neither was given.
    public var component: ComponentVersion {
        ComponentVersion(
            name: repository,
            version: reference.tag ?? reference.digest.map { "sha256:\($0.hex)" } ?? "latest")
    }

    /// The entry of the builder's dependencies: a package URL, and the digest when it is known.
    ///
    /// Source: Package URL specification, type `docker`.
    ///
    /// - Parameter digest: The digest of the image that ran, when the reference has none.
    /// - Returns: The descriptor; without a digest where none is known.
    public func dependency(digest: Digest? = nil) -> ResourceDescriptor {
        let path = PercentEncoding.encoded(repository, allowing: "/")
        let version = PercentEncoding.encoded(component.version)
        let registry = isOnDockerHub ? nil : PercentEncoding.encoded(reference.registry)
        return ResourceDescriptor(
            uri: "pkg:docker/\(path)@\(version)" + (registry.map { "?repository_url=\($0)" } ?? ""),
            digest: (reference.digest ?? digest).map { DigestSet($0) } ?? DigestSet())
    }

    private var isOnDockerHub: Bool {
        ["docker.io", "index.docker.io", "registry-1.docker.io"].contains(reference.registry)
    }

    private var repository: String {
        let repository = reference.repository
        // Elsewhere `library` is a project of its own, such as Harbor's first one.
        guard isOnDockerHub, repository.hasPrefix("library/") else { return repository }
        return String(repository.dropFirst("library/".count))
    }
}
