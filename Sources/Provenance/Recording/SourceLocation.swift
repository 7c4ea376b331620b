import OCI

/// Where sources are: a repository and what of it, or a directory.
///
/// A repository is written `git+https://host/path@ref#subpath`; `git+` may be missing, the
/// scheme may be `http`, `https`, `ssh`, `git` or `file`, and `user@host:path` means SSH.
/// Any other text is the path of a directory, as it stands.
///
/// Source: SPDX 2.3, clause 7.7, "Package download location".
public struct SourceLocation: Hashable, Sendable {
    private enum Kind: Hashable, Sendable { case url, secureCopy, directory }

    /// Where the repository is, without `git+`, user information and final `.git`; or the directory.
    ///
    /// `user@host:path` keeps its user, which is a login name and no secret.
    public let repositoryURL: String
    /// What was checked out: `refs/heads/main`, `v1.2`, a commit.
    public let ref: String?
    /// The directory inside the repository.
    public let subpath: String?
    private let kind: Kind

    /// Reads a location.
    ///
    /// - Throws: ``ProvenanceError/malformedSource(_:reason:)``.
    public init(parsing text: String) throws(ProvenanceError) {
        let text = Redaction.withoutUserInformation(text)
        func malformed(_ reason: String) -> ProvenanceError { .malformedSource(text, reason: reason) }
        guard !text.isEmpty else { throw malformed("it is empty") }
        guard let (kind, base, rest) = try SourceLocation.machine(of: text) else {
            (repositoryURL, ref, subpath, kind) = (text, nil, nil, .directory)
            return
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw malformed("a space or control character is not percent-encoded")
        }
        // The first @ counts: a tag such as @scope/name@1.2 holds more of them, a repository's path none.
        let (location, subpath) = rest.halves(at: UInt8(ascii: "#"))
        let (path, ref) = location.halves(at: UInt8(ascii: "@"))
        guard !path.utf8.contains(UInt8(ascii: "?")) else { throw malformed("a repository has no query") }
        guard ref?.isEmpty != true else { throw malformed("nothing follows the @") }
        let repository = SourceLocation.withoutGitSuffix(String(path))
        guard repository.utf8.contains(where: { $0 != UInt8(ascii: "/") }) else {
            throw malformed("no repository follows the host")
        }
        repositoryURL = base + repository
        self.ref = ref.map { PercentEncoding.decoded(String($0)) }
        self.subpath = subpath.flatMap { $0.isEmpty ? nil : PercentEncoding.decoded(String($0)) }
        self.kind = kind
    }

    /// What provenance says of these sources.
    ///
    /// Only a full ref tells a branch from a tag: `main` and `v1.2` are taken for neither.
    public var codeMetadata: CodeMetadata {
        var metadata = CodeMetadata(repositoryURL: repositoryURL)
        if let ref {
            metadata.set(ref: ref)
            metadata.commitSha = CommitID(ref)?.hex
        }
        return metadata
    }

    /// The sources as a dependency of the build.
    ///
    /// - Parameter commit: The commit that was checked out, 40 or 64 hexadecimal digits; without
    ///   it, a `ref` that is a commit counts.
    /// - Returns: `nil` for a relative path without a commit, which nobody could find again.
    /// - Throws: ``ProvenanceError/malformedCommit(_:)``.
    public func dependency(commit: String? = nil) throws(ProvenanceError) -> ResourceDescriptor? {
        var digest = DigestSet()
        if let commit {
            guard let id = CommitID(commit) else { throw .malformedCommit(commit) }
            digest["gitCommit"] = id.hex
        } else if let id = ref.flatMap({ CommitID($0) }) {
            digest["gitCommit"] = id.hex
        }
        if kind == .directory, !repositoryURL.utf8.starts(with: "/".utf8) {
            return digest.isEmpty ? nil : ResourceDescriptor(name: repositoryURL, digest: digest)
        }
        return ResourceDescriptor(uri: uri, digest: digest)
    }

    private var uri: String {
        let allowed = "/!$&'()*+,;=:"
        var uri: String
        switch kind {
        case .directory: return "file://" + PercentEncoding.encoded(repositoryURL, allowing: allowed)
        case .url: uri = "git+" + PercentEncoding.encoded(repositoryURL, allowing: allowed + "%[]")
        case .secureCopy:
            let (host, path) = repositoryURL[...].halves(at: UInt8(ascii: ":"))
            let name = host.halves(at: UInt8(ascii: "@")).tail ?? host
            let absolute = (path ?? "").utf8.starts(with: "/".utf8) ? path ?? "" : "/\(path ?? "")"
            uri = "git+ssh://\(name)" + PercentEncoding.encoded(String(absolute), allowing: allowed + "%")
        }
        if let ref { uri += "@" + PercentEncoding.encoded(ref, allowing: allowed + "@") }
        if let subpath { uri += "#" + PercentEncoding.encoded(subpath, allowing: allowed + "@?") }
        return uri
    }

    /// The URL without the slashes and the `.git` at its end.
    static func withoutGitSuffix(_ url: String) -> String {
        var bytes = Array(url.utf8)
        while bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
        if bytes.count > 4, bytes.suffix(4).elementsEqual(".git".utf8) { bytes.removeLast(4) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// How the text names another machine, the part that does so, and what follows.
    ///
    /// - Returns: `nil` for a path on this machine.
    private static func machine(
        of text: String
    ) throws(ProvenanceError) -> (kind: Kind, base: String, rest: Substring)? {
        let (front, tail) = text[...].halves(at: UInt8(ascii: ":"))
        guard let tail, !front.utf8.contains(UInt8(ascii: "/")) else { return nil }
        let name = front.utf8.starts(with: "git+".utf8) ? Substring(front.utf8.dropFirst(4)) : front
        if tail.utf8.starts(with: "//".utf8) {
            let scheme = name.lowercased()
            guard ["https", "http", "ssh", "git", "file"].contains(scheme) else {
                throw .malformedSource(text, reason: "its scheme is none of https, http, ssh, git, file")
            }
            let (host, path) = Substring(tail.utf8.dropFirst(2)).halves(before: UInt8(ascii: "/"))
            guard isHost(host) || host.isEmpty && scheme == "file" else {
                throw .malformedSource(text, reason: "the host is missing or malformed")
            }
            return (.url, "\(scheme)://\(host.lowercased())", path)
        }
        let (user, host) = name.halves(at: UInt8(ascii: "@"))
        guard !user.isEmpty, let host, isHost(host) else { return nil }
        return (.secureCopy, "\(user)@\(host.lowercased()):", tail)
    }

    /// Whether this is a host's name or address, with a port or without.
    private static func isHost(_ text: Substring) -> Bool {
        var name = text
        if let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")), text.utf8.last != UInt8(ascii: "]") {
            guard text.utf8[colon...].dropFirst().allSatisfy({ (0x30...0x39).contains($0) }) else {
                return false
            }
            name = text[..<colon]
        }
        return !name.isEmpty
            && name.utf8.allSatisfy {
                switch $0 {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...: true
                default: "-._~:[]".utf8.contains($0)
                }
            }
    }
}

extension Substring {
    /// What stands before and after the first `separator`; no tail without one.
    fileprivate func halves(at separator: UInt8) -> (head: Substring, tail: Substring?) {
        guard let place = utf8.firstIndex(of: separator) else { return (self, nil) }
        return (self[..<place], Substring(utf8[place...].dropFirst()))
    }

    /// What stands before the first `separator`, and the rest with it.
    fileprivate func halves(before separator: UInt8) -> (head: Substring, tail: Substring) {
        let place = utf8.firstIndex(of: separator) ?? endIndex
        return (self[..<place], self[place...])
    }
}
