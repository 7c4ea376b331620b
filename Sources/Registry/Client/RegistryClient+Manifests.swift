import HTTP
public import OCI

/// Manifests and indexes.
///
/// Source: OCI distribution-spec v1.1, "Pulling manifests", "Pushing Manifests", "Deleting Manifests".
extension RegistryClient {
    /// Which manifest of a repository.
    public enum ManifestName: Hashable, Sendable, CustomStringConvertible {
        /// The one that a tag names now.
        case tag(String)
        /// The one of a digest.
        case digest(Digest)

        /// As it stands in a path.
        public var description: String {
            switch self {
            case .tag(let tag): tag
            case .digest(let digest): digest.description
            }
        }

        /// The digest, if it is one.
        var digest: Digest? {
            if case .digest(let digest) = self { digest } else { nil }
        }
    }

    /// What a registry did with a manifest.
    public struct PutResult: Hashable, Sendable {
        /// The digest, computed here.
        public let digest: Digest
        /// Whether the registry says that it knows the manifest's subject (`OCI-Subject`).
        public let knowsSubject: Bool
    }

    /// Reads a manifest.
    ///
    /// - Returns: `nil` where there is none of that name.
    /// - Throws: ``RegistryError``, `HTTPError`.
    public func manifest(_ name: ManifestName, in repository: String) throws -> ManifestContent? {
        let answer = try perform(manifestAsk(.get, name, repository))
        if answer.status == 404 { return nil }
        guard answer.response.isSuccess else { throw answer.refusal }
        return try ManifestContent(answer, expected: name.digest)
    }

    /// Asks what a name stands for; reads the manifest where the registry's short answer does not say enough.
    ///
    /// The digest is the registry's word: whoever reads the manifest by it finds out.
    ///
    /// - Returns: `nil` where there is none of that name.
    /// - Throws: ``RegistryError``, `HTTPError`.
    public func descriptor(of name: ManifestName, in repository: String) throws -> Descriptor? {
        let answer = try perform(manifestAsk(.head, name, repository))
        if answer.status == 404 { return nil }
        let headers = answer.response.headers
        if answer.response.isSuccess, let size = answer.response.contentLength,
            let digest = headers["Docker-Content-Digest"].flatMap({ try? Digest(parsing: $0) }),
            let type = headers["Content-Type"]?.split(separator: ";").first,
            let mediaType = ManifestContent.accepted.first(where: { $0.description == type.trimmingSpaces })
        {
            if let expected = name.digest, expected != digest {
                throw RegistryError(
                    .head, answer.url, .digestMismatch(expected: "\(expected)", found: "\(digest)"))
            }
            return Descriptor(mediaType: mediaType, digest: digest, size: size)
        }
        // 401 and 403 without a body say nothing; a GET's do.
        return try manifest(name, in: repository)?.descriptor
    }

    /// Stores a manifest; everything that it names must be there.
    ///
    /// - Returns: Its digest.
    /// - Throws: ``RegistryError``, `HTTPError`.
    public func put(_ content: ManifestContent, as name: ManifestName, in repository: String) throws
        -> PutResult
    {
        try put(content, as: name, in: repository, ifMatch: nil)
    }

    /// The same, where the registry knows conditions: only if nobody was faster.
    func put(
        _ content: ManifestContent, as name: ManifestName, in repository: String, ifMatch: String?
    ) throws -> PutResult {
        var ask = Ask(
            .put, try url(repository, "manifests/\(name)"),
            [Scope(repository: repository, actions: ["pull", "push"])])
        ask.headers["Content-Type"] = content.mediaType.description
        ask.headers["If-Match"] = ifMatch
        ask.body = content.bytes
        ask.limit = 64 << 10
        let answer = try perform(ask)
        guard answer.response.isSuccess else { throw answer.refusal }
        let told = answer.response.headers["Docker-Content-Digest"].flatMap { try? Digest(parsing: $0) }
        if let told, told != content.digest {
            throw RegistryError(
                .put, answer.url, .digestMismatch(expected: "\(content.digest)", found: "\(told)"))
        }
        // 201 is the specification's word for it; of others the registry is asked. By the digest:
        // somebody else may have the tag already.
        if answer.status != 201,
            try descriptor(of: .digest(content.digest), in: repository) == nil
        {
            throw answer.malformed("it answers \(answer.status), and the manifest is not there")
        }
        return PutResult(
            digest: content.digest, knowsSubject: answer.response.headers["OCI-Subject"] != nil)
    }

    /// Removes a manifest, or a tag where the registry knows how.
    ///
    /// - Returns: `false` where there was none.
    /// - Throws: ``RegistryError``, `HTTPError`; many registries answer 405.
    @discardableResult
    public func deleteManifest(_ name: ManifestName, in repository: String) throws -> Bool {
        let scope = Scope(repository: repository, actions: ["delete"])
        let answer = try perform(Ask(.delete, try url(repository, "manifests/\(name)"), [scope]))
        if answer.status == 404 { return false }
        guard answer.response.isSuccess else { throw answer.refusal }
        return true
    }

    func manifestAsk(_ method: Request.Method, _ name: ManifestName, _ repository: String) throws -> Ask {
        var ask = Ask(
            method, try url(repository, "manifests/\(name)"),
            [Scope(repository: repository, actions: ["pull"])])
        ask.headers["Accept"] = ManifestContent.accepted.map(\.description).joined(separator: ", ")
        ask.limit = ManifestContent.limit
        return ask
    }
}
