import HTTP
import OCI

/// Lists, page by page.
///
/// Source: OCI distribution-spec v1.1, "Listing Tags", "Listing Referrers".
extension RegistryClient {
    /// The most pages of one list.
    static var pageLimit: Int { 1_000 }
    /// The most bytes of one page.
    private static var pageBytes: Int { 4 << 20 }
    /// The most tags of a repository that are read.
    private static var tagLimit: Int { 1_000_000 }

    /// The tags of a repository, in the registry's order.
    ///
    /// - Returns: `nil` where there is no such repository.
    /// - Throws: ``RegistryError``, `HTTPError`.
    public func tags(of repository: String) throws -> [String]? {
        var tags: [String] = []
        let first = try url(repository, "tags/list").adding("n", "1000")
        let isThere = try pages(from: first, repository) { answer in
            guard let json = try? JSONValue(parsing: answer.body), let object = json.object else {
                throw answer.malformed("it is not a list of tags")
            }
            // An empty list is `null` to some.
            let page = object["tags"]?.array ?? []
            tags += page.compactMap(\.string).filter(Reference.isTag)
            guard tags.count <= Self.tagLimit else {
                throw answer.malformed("there are more than \(Self.tagLimit) tags")
            }
        }
        return isThere ? tags : nil
    }

    /// Reads a list; a page's link leads on at the same origin, and never to a page that was read.
    ///
    /// - Returns: `false` where there is none: status 404 for the first page.
    func pages(from first: URL, _ repository: String, _ take: (Answer) throws -> Void) throws -> Bool {
        var next: URL? = first
        var seen: Set<URL> = []
        while let place = next {
            guard seen.insert(place).inserted, seen.count <= Self.pageLimit else {
                throw RegistryError(.get, place, .malformed("the list does not end"))
            }
            var ask = Ask(.get, place, [Scope(repository: repository, actions: ["pull"])])
            ask.limit = Self.pageBytes
            let answer = try perform(ask)
            if answer.status == 404, place == first { return false }
            guard answer.response.isSuccess else { throw answer.refusal }
            try take(answer)
            next = try LinkField.next(answer.response.headers.all("Link")).map { link in
                let target = try Redirection.target(link, from: place, registry: session.origin, .get)
                guard target.origin == session.origin else {
                    throw RegistryError(.get, place, .forbiddenTarget("its next page is at \(target.origin)"))
                }
                return target
            }
        }
        return true
    }
}
