import HTTP
import Linux
public import OCI

/// Manifests that say something about another one.
///
/// Source: OCI distribution-spec v1.1, "Listing Referrers", "Pushing Manifests with Subject", "Referrers Tag Schema".
extension RegistryClient {
    /// The most referrers of a manifest that are read.
    private static var referrerLimit: Int { 10_000 }
    /// How often the index of a fallback tag is written anew, where others write it too.
    private static var appendLimit: Int { 8 }

    /// The tag that stands for the list of referrers in a registry without one.
    static func fallbackTag(_ subject: Digest) -> String { "sha256-\(subject.hex)" }

    /// The manifests whose subject is a digest.
    ///
    /// - Parameters:
    ///   - subject: The digest.
    ///   - artifactType: The kind that is wanted; all where `nil`.
    ///   - repository: Where they are.
    /// - Returns: Their descriptors; none where there are none.
    /// - Throws: ``RegistryError``, `HTTPError`.
    public func referrers(
        of subject: Digest, artifactType: MediaType? = nil, in repository: String
    ) throws -> [Descriptor] {
        let all =
            try listedReferrers(subject, artifactType, repository) ?? taggedReferrers(subject, repository)
        guard let artifactType else { return all }
        return all.filter { $0.artifactType == artifactType }
    }

    /// What the registry's own list says; `nil` where it has none.
    private func listedReferrers(
        _ subject: Digest, _ artifactType: MediaType?, _ repository: String
    ) throws -> [Descriptor]? {
        var found: [Descriptor] = []
        var place = try url(repository, "referrers/\(subject)")
        if let artifactType { place = place.adding("artifactType", artifactType.description) }
        do {
            let isThere = try pages(from: place, repository) { answer in
                let type = answer.response.headers["Content-Type"]?.split(separator: ";").first ?? ""
                guard type.trimmingSpaces == MediaType.imageIndex.description,
                    let page = try? Document<Index>(parsing: answer.body)
                else { throw NoList() }
                found += page.value.manifests
                guard found.count <= Self.referrerLimit else {
                    throw answer.malformed("there are more than \(Self.referrerLimit) referrers")
                }
            }
            return isThere ? found : nil
        } catch is NoList {
            return nil
        } catch let error as RegistryError {
            // Registries without the list have many words for it.
            guard let status = error.status, [400, 404, 405, 406, 501].contains(status) else { throw error }
            return nil
        }
    }

    private struct NoList: Error {}

    private func taggedReferrers(_ subject: Digest, _ repository: String) throws -> [Descriptor] {
        try fallbackIndex(subject, repository)?.index.manifests ?? []
    }

    /// The index that the fallback tag names, and its entity tag; `nil` where there is none.
    private func fallbackIndex(_ subject: Digest, _ repository: String) throws -> (
        index: Index, entityTag: String?
    )? {
        let answer = try perform(manifestAsk(.get, .tag(Self.fallbackTag(subject)), repository))
        if answer.status == 404 { return nil }
        guard answer.response.isSuccess else { throw answer.refusal }
        let content = try ManifestContent(answer, expected: nil)
        guard content.mediaType.isIndex, let document = try? Document<Index>(parsing: content.bytes) else {
            throw answer.malformed(
                "the tag for referrers names something else than an index, which stays as it is")
        }
        return (document.value, answer.response.headers["ETag"])
    }

    /// Stores a manifest that has a subject, and sees to it that it is found from there.
    ///
    /// - Parameters:
    ///   - content: The manifest.
    ///   - entry: Its descriptor as lists of referrers have it, with artifact type and annotations.
    ///   - subject: The digest that it says something about.
    ///   - repository: Where it goes.
    /// - Throws: ``RegistryError``, `HTTPError`.
    public func putReferrer(
        _ content: ManifestContent, entry: Descriptor, of subject: Digest, in repository: String
    ) throws {
        let result = try put(content, as: .digest(content.digest), in: repository)
        // A registry can say that it knows the subject, and have no list: only the list proves it.
        if result.knowsSubject, let listed = try listedReferrers(subject, nil, repository),
            listed.contains(where: { $0.digest == content.digest })
        {
            return
        }
        try appendToFallback(entry, of: subject, in: repository)
    }

    /// Adds to the index of the fallback tag.
    ///
    /// Others may do the same now, and a registry without conditions lets the later one win: so the index is read
    /// again after it was written, and written again where an entry is missing, after a time that chance gives.
    func appendToFallback(_ entry: Descriptor, of subject: Digest, in repository: String) throws {
        var known: [Descriptor] = [entry]
        for attempt in 1...Self.appendLimit {
            let current = try fallbackIndex(subject, repository)
            var index = current?.index ?? Index(manifests: [])
            let missing = known.filter { wanted in !index.manifests.contains { $0.digest == wanted.digest } }
            if missing.isEmpty { return }
            index.manifests += missing
            known = index.manifests
            let content = try ManifestContent(Document(index).bytes, mediaType: .imageIndex)
            do {
                _ = try put(
                    content, as: .tag(Self.fallbackTag(subject)), in: repository, ifMatch: current?.entityTag)
            } catch let error as RegistryError {
                guard error.status == 412 || error.status == 409 else { throw error }
            }
            // Whoever read before this write writes soon after it.
            Machine.sleep(milliseconds: UInt32.random(in: 20...(100 * UInt32(attempt))))
            try Interruption.check()
        }
        let last = try fallbackIndex(subject, repository)?.index.manifests ?? []
        guard known.allSatisfy({ wanted in last.contains { $0.digest == wanted.digest } }) else {
            throw RegistryError(
                .put, try url(repository, "manifests/\(Self.fallbackTag(subject))"),
                .malformed(
                    "others write the list of referrers at the same time, \(Self.appendLimit) times now"))
        }
    }
}
