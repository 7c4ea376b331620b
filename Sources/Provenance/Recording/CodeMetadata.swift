public import OCI

/// Which sources were built: `externalParameters.codeMetadata`.
///
/// The names are those of Harness CI's provenance; policies read them.
public struct CodeMetadata: Hashable, Sendable {
    /// Where the repository is, as people open it.
    public var repositoryURL: String?
    /// The branch, without `refs/heads/`.
    public var branch: String?
    /// The pull request's number.
    public var prNumber: String?
    /// The tag, without `refs/tags/`.
    public var tag: String?
    /// The commit, 40 or 64 hexadecimal digits.
    public var commitSha: String?

    /// Describes sources by whatever is known of them.
    public init(
        repositoryURL: String? = nil, branch: String? = nil, prNumber: String? = nil, tag: String? = nil,
        commitSha: String? = nil
    ) {
        self.repositoryURL = repositoryURL
        self.branch = branch
        self.prNumber = prNumber
        self.tag = tag
        self.commitSha = commitSha
    }

    /// Whether nothing would be written.
    public var isEmpty: Bool { json.isEmpty }

    /// The JSON object, without the fields that are `nil` or empty.
    public var json: JSONObject {
        JSONObject(texts: [
            "repositoryURL": repositoryURL, "branch": branch, "prNumber": prNumber, "tag": tag,
            "commitSha": commitSha,
        ])
    }

    /// These values, and the other's where there is none here.
    ///
    /// An empty text counts as a value, so that it can hide the other's.
    public func filled(from other: CodeMetadata) -> CodeMetadata {
        CodeMetadata(
            repositoryURL: repositoryURL ?? other.repositoryURL, branch: branch ?? other.branch,
            prNumber: prNumber ?? other.prNumber, tag: tag ?? other.tag,
            commitSha: commitSha ?? other.commitSha)
    }

    /// Sets the branch, the tag or the pull request that a full ref names.
    mutating func set(ref: String) {
        func tail(after prefix: String) -> String? {
            guard ref.utf8.starts(with: prefix.utf8) else { return nil }
            return String(Substring(ref.utf8.dropFirst(prefix.utf8.count)))
        }
        branch = tail(after: "refs/heads/")
        tag = tail(after: "refs/tags/")
        if let request = tail(after: "refs/pull/") ?? tail(after: "refs/merge-requests/") {
            let number = request.utf8.prefix { (0x30...0x39).contains($0) }
            prNumber = number.isEmpty ? nil : String(Substring(number))
        }
    }
}
