/// The name of an image: `registry/repository`, and a tag or a digest or both.
///
/// A short name is completed as Docker does it: `debian` is
/// `docker.io/library/debian`. No tag is added; who wants `latest` says so.
/// With tag and digest the digest decides, and the tag is for people.
///
/// Source: OCI distribution-spec v1.1, "Pulling manifests" (grammar of names and
/// tags); Docker's reference grammar for registries and short names.
public struct Reference: Hashable, Sendable, CustomStringConvertible {
    /// The registry's host, small letters, with the port if one was given: `docker.io`, `[::1]:5000`.
    public let registry: String
    /// The path in the registry, such as `library/debian`.
    public let repository: String
    /// The tag, if one was given.
    public let tag: String?
    /// The digest, if one was given.
    public let digest: Digest?

    /// Docker Hub, which short names belong to.
    public static let defaultRegistry = "docker.io"

    /// Reads a reference.
    ///
    /// - Throws: ``OCIError/malformedReference(_:reason:)`` with the text as it stood.
    public init(parsing text: String) throws(OCIError) {
        func refuse(_ reason: String) -> OCIError { .malformedReference(text, reason: reason) }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw refuse("it holds a space or another character that no name has")
        }
        var rest = Substring(text)
        if let at = rest.firstIndex(of: "@") {
            guard let digest = try? Digest(parsing: String(rest[rest.index(after: at)...])) else {
                throw refuse("after @ comes sha256: and 64 lower-case hexadecimal digits")
            }
            (self.digest, rest) = (digest, rest[..<at])
        } else {
            digest = nil
        }
        let lastWord = rest.lastIndex(of: "/").map { rest.index(after: $0) } ?? rest.startIndex
        if let colon = rest[lastWord...].lastIndex(of: ":") {
            let tag = String(rest[rest.index(after: colon)...])
            guard Self.isTag(tag) else {
                throw refuse(
                    "a tag has 1 to 128 letters, digits and _ . - and begins with none of the last two")
            }
            (self.tag, rest) = (tag, rest[..<colon])
        } else {
            tag = nil
        }
        do {
            (registry, repository) = try Self.complete(rest)
        } catch {
            throw refuse(error.reason)
        }
        if (try? Digest(parsing: text)) != nil {
            throw refuse("a digest alone does not say in which repository it is")
        }
        if text.utf8.count == 64, text.utf8.allSatisfy(Self.isHexDigit) {
            throw refuse(
                "64 hexadecimal digits are an image's ID; a repository of such a name needs its registry")
        }
    }

    private init(registry: String, repository: String, tag: String?, digest: Digest?) {
        (self.registry, self.repository, self.tag, self.digest) = (registry, repository, tag, digest)
    }

    /// The same image name with another tag, or none, and without a digest.
    ///
    /// - Throws: ``OCIError/malformedReference(_:reason:)`` when it is no tag.
    public func tagged(_ tag: String?) throws(OCIError) -> Reference {
        if let tag, !Self.isTag(tag) {
            throw .malformedReference("\(name):\(tag)", reason: "\(tag.quoted) is not a tag")
        }
        return Reference(registry: registry, repository: repository, tag: tag, digest: nil)
    }

    /// With the tag `latest` where there is neither tag nor digest, as Docker understands it.
    public var completed: Reference {
        guard tag == nil, digest == nil else { return self }
        return Reference(registry: registry, repository: repository, tag: "latest", digest: nil)
    }

    /// The same image name and tag, pinned to a digest.
    public func pinned(to digest: Digest) -> Reference {
        Reference(registry: registry, repository: repository, tag: tag, digest: digest)
    }

    /// `registry/repository`.
    public var name: String { "\(registry)/\(repository)" }

    /// The whole reference, with its registry.
    public var description: String { name + suffix }

    /// The reference as Docker shows it: without `docker.io/` and `library/` where they go without saying;
    /// read again, it is the same reference.
    public var familiar: String {
        guard registry == Self.defaultRegistry else { return description }
        let path = repository.split(separator: "/")
        let short = (path.count == 2 && path[0] == "library" ? String(path[1]) : repository) + suffix
        // Without its registry `docker.io/localhost/app` would be another image's name.
        return (try? Reference(parsing: short)) == self ? short : description
    }

    private var suffix: String {
        (tag.map { ":" + $0 } ?? "") + (digest.map { "@\($0)" } ?? "")
    }

    /// Whether a text is a tag: 1 to 128 letters, digits, `_`, `.` and `-`, the first one no `.` and no `-`.
    public static func isTag(_ text: String) -> Bool {
        guard (1...128).contains(text.utf8.count), let first = text.utf8.first else { return false }
        return first != UInt8(ascii: ".") && first != UInt8(ascii: "-")
            && text.utf8.allSatisfy { isLetter($0) || isDigit($0) || "_.-".utf8.contains($0) }
    }

    // MARK: Grammar

    private struct Mistake: Error { let reason: String }

    /// Splits a name without tag and digest, and adds what a short name leaves out.
    private static func complete(_ name: Substring) throws(Mistake) -> (registry: String, repository: String)
    {
        guard !name.isEmpty else { throw Mistake(reason: "the name is missing") }
        guard !name.hasPrefix("http://"), !name.hasPrefix("https://") else {
            throw Mistake(reason: "a reference begins with the registry's host, without http:// or https://")
        }
        var registry = defaultRegistry
        var repository = String(name)
        if let slash = name.firstIndex(of: "/") {
            let first = name[..<slash]
            if first == "localhost" || first.utf8.contains(where: { ".:".utf8.contains($0) }) {
                guard isHost(first) else { throw Mistake(reason: "\(String(first).quoted) is not a host") }
                registry = first.lowercased()
                repository = String(name[name.index(after: slash)...])
            }
        }
        if registry == "index.docker.io" { registry = defaultRegistry }
        try checkPath(repository)
        if registry == defaultRegistry, !repository.contains("/") { repository = "library/" + repository }
        guard registry.utf8.count + 1 + repository.utf8.count <= 255 else {
            throw Mistake(reason: "registry and repository together are longer than 255 characters")
        }
        return (registry, repository)
    }

    private static func checkPath(_ path: String) throws(Mistake) {
        guard !path.utf8.contains(where: { (65...90).contains($0) }) else {
            throw Mistake(reason: "a repository has no upper-case letters")
        }
        for component in path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard isPathComponent(component) else {
                let word = String(decoding: component, as: UTF8.self)
                throw Mistake(
                    reason: word.isEmpty
                        ? "a part of the repository between slashes is empty"
                        : "\(word.quoted) is not lower-case letters and digits with . _ __ or - between them")
            }
        }
    }

    private static func isPathComponent(_ component: Substring.UTF8View) -> Bool {
        var separator: [UInt8] = []
        var hasBegun = false
        for byte in component {
            if isDigit(byte) || (97...122).contains(byte) {
                guard separator.isEmpty || hasBegun && isSeparator(separator) else { return false }
                (hasBegun, separator) = (true, [])
            } else {
                separator.append(byte)
            }
        }
        return hasBegun && separator.isEmpty
    }

    /// `.`, `_`, `__`, or any number of `-`.
    private static func isSeparator(_ bytes: [UInt8]) -> Bool {
        switch bytes {
        case [UInt8(ascii: ".")], [UInt8(ascii: "_")], [UInt8(ascii: "_"), UInt8(ascii: "_")]: true
        default: bytes.allSatisfy { $0 == UInt8(ascii: "-") }
        }
    }

    /// A domain name, an IPv4 address or an IPv6 address in brackets, and perhaps a port.
    private static func isHost(_ text: Substring) -> Bool {
        var host = text
        if let colon = text.lastIndex(of: ":"), text.last != "]" {
            let port = text[text.index(after: colon)...]
            guard port.utf8.allSatisfy(isDigit), let number = UInt16(port), number > 0 else { return false }
            host = text[..<colon]
        }
        if host.first == "[", host.last == "]" {
            let address = host.dropFirst().dropLast().utf8
            return address.count >= 2 && address.contains(UInt8(ascii: ":"))
                && address.allSatisfy { isHexDigit($0) || (65...70).contains($0) || $0 == UInt8(ascii: ":") }
        }
        return host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy {
            label in
            guard let first = label.first, let last = label.last else { return false }
            let hyphen = UInt8(ascii: "-")
            return first != hyphen && last != hyphen
                && label.allSatisfy { isLetter($0) || isDigit($0) || $0 == hyphen }
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (65...90).contains(byte) || (97...122).contains(byte)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    private static func isHexDigit(_ byte: UInt8) -> Bool { isDigit(byte) || (97...102).contains(byte) }
}
