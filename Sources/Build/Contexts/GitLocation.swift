import HTTP
import Linux
import Provenance
import Registry

/// A repository, what of it, and the login that stood in its URL: `https://host/path.git#ref:directory`.
///
/// `git+https://`, `git+http://`, `git+ssh://` and `git+file://` name a repository whatever its path, and so do
/// `git://`, `ssh://` and `user@host:path`; `https://` and `http://` do where the path ends with `.git`. Behind `#`
/// stands a branch, a tag, a full ref or a commit, behind a further `#` the commit that is wanted of it, and behind
/// `:` the directory that is the context.
///
/// Source: git-clone(1), "Git URLs"; BuildKit's forms of a Git context.
struct GitLocation: Sendable, CustomStringConvertible {
    /// How the repository is reached.
    enum Transport: String, Sendable { case https, http, ssh, git, file }

    /// How the repository is reached.
    let transport: Transport
    /// Where it is, as git is told: without a login, but for the user's name that SSH needs.
    let remote: String
    /// The origin of an `http` or `https` remote, which alone gets the login.
    let origin: URL.Origin?
    /// The login of the URL.
    let login: Credential?
    /// What is checked out; `nil` for what the repository's HEAD is, and where ``commit`` is all there is.
    let ref: String?
    /// The commit that is wanted, 40 or 64 hexadecimal digits.
    let commit: String?
    /// The directory that is the context; empty for all.
    let subdirectory: [FileName]

    /// Reads a location; `nil` for what names no repository.
    ///
    /// - Parameters:
    ///   - bytes: The whole text.
    ///   - flag: Where it stood, for messages.
    ///   - mayBeLocal: Whether `git+file://` is taken: from the user, and never from a Dockerfile, whose author
    ///     need not be the one who may read this machine's files.
    /// - Throws: ``BuildError/usage(_:_:)``; `CryptographyError` without memory.
    init?(parsing bytes: [UInt8], _ flag: String, mayBeLocal: Bool = false) throws {
        guard let text = String(validating: bytes, as: UTF8.self), Self.namesRepository(text) else {
            return nil
        }
        let (base, fragment) = Self.halves(text, at: "#")
        do {
            let place = try GitRemote(parsing: base.hasPrefix("git+") ? String(base.dropFirst(4)) : base)
            guard mayBeLocal || place.transport != .file else {
                throw GitRemote.Mistake("a repository of this machine's is no place here")
            }
            (transport, remote, origin, login) = (place.transport, place.text, place.origin, place.login)
            let (revision, directory) = Self.halves(fragment ?? "", at: ":")
            (ref, commit) = try Self.revision(revision)
            subdirectory = try Self.names(directory ?? "")
        } catch let error as GitRemote.Mistake {
            throw BuildError.usage(flag, "\(Self.shown(text)): \(error.reason)")
        } catch let error as URLError {
            throw BuildError.usage(flag, "\(Self.shown(text)): \(error.reason)")
        }
    }

    /// The place without a login, as a user writes it.
    var description: String {
        let wanted = [ref, commit].compactMap { $0 }.joined(separator: "#")
        let path = subdirectory.map { escaped($0.bytes) }.joined(separator: "/")
        let fragment = wanted + (path.isEmpty ? "" : ":" + path)
        return escaped(remote.utf8) + (fragment.isEmpty ? "" : "#" + escaped(fragment.utf8))
    }

    /// What provenance says of a commit that was checked out.
    func material(commit: String) throws(ProvenanceError) -> ResourceDescriptor? {
        // An @ of the path would begin the ref.
        var text = remote
        if origin != nil { text = remote.map { $0 == "@" ? "%40" : String($0) }.joined() }
        if let ref { text += "@" + PercentEncoding.encoded(ref, allowing: "/") }
        let path = subdirectory.map { PercentEncoding.encoded(String(decoding: $0.bytes, as: UTF8.self)) }
        if !path.isEmpty { text += "#" + path.joined(separator: "/") }
        return try SourceLocation(parsing: text).dependency(commit: commit)
    }

    private static func namesRepository(_ text: String) -> Bool {
        let base = halves(text, at: "#").0
        guard let scheme = base.firstRange(of: "://").map({ base[..<$0.lowerBound].lowercased() }) else {
            return isSecureCopy(base)
        }
        switch scheme {
        case "git", "ssh": return true
        case "http", "https": return base.hasSuffix(".git")
        default: return scheme.hasPrefix("git+")
        }
    }

    /// Whether this is `user@host:path`; a file of such a name is written with `./` before it.
    static func isSecureCopy(_ text: String) -> Bool {
        let (front, path) = halves(text, at: ":")
        let (user, host) = halves(front, at: "@")
        guard path != nil, let host, !user.isEmpty, !host.isEmpty else { return false }
        return isName(user + host)
    }

    /// Whether this has nothing but letters, digits, `-`, `.` and `_`.
    static func isName(_ text: some StringProtocol) -> Bool {
        text.utf8.allSatisfy { byte in
            switch byte {
            case 48...57, 65...90, 97...122: true
            default: "-._".utf8.contains(byte)
            }
        }
    }

    private static func revision(_ text: String) throws -> (ref: String?, commit: String?) {
        let (ref, pinned) = halves(text, at: "#")
        if let pinned {
            guard let commit = CommitID(pinned) else {
                throw GitRemote.Mistake("behind the second # stands a commit, 40 or 64 hexadecimal digits")
            }
            return (ref.isEmpty ? nil : try checked(ref), commit.hex)
        }
        if let commit = CommitID(ref) { return (nil, commit.hex) }
        return (ref.isEmpty ? nil : try checked(ref), nil)
    }

    /// Refuses what is no ref, above all what git would take for a flag or a refspec.
    ///
    /// Source: git-check-ref-format(1).
    private static func checked(_ ref: String) throws(GitRemote.Mistake) -> String {
        let forbidden = Set(" ~^:?*[\\".utf8)
        let components = ref.split(separator: "/", omittingEmptySubsequences: false)
        let isRef =
            ref.utf8.count <= 1024 && ref != "@" && !ref.hasPrefix("-") && !ref.hasPrefix("+")
            && !ref.hasSuffix(".") && !ref.contains("..") && !ref.contains("@{")
            && ref.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && !forbidden.contains($0) }
            && components.allSatisfy { !$0.isEmpty && !$0.hasPrefix(".") && !$0.hasSuffix(".lock") }
        guard isRef else {
            throw GitRemote.Mistake("\(escaped(ref.utf8)) is no name of a branch, a tag or a commit")
        }
        return ref
    }

    private static func names(_ path: String) throws(GitRemote.Mistake) -> [FileName] {
        let names = path.utf8.split(separator: UInt8(ascii: "/")).filter { !$0.elementsEqual(".".utf8) }
        guard !names.contains(where: { $0.elementsEqual("..".utf8) || $0.contains(0) }) else {
            throw GitRemote.Mistake("the directory of a repository has no ..")
        }
        return names.map { FileName($0) }
    }

    private static func halves(_ text: String, at separator: Character) -> (String, String?) {
        guard let place = text.firstIndex(of: separator) else { return (text, nil) }
        return (String(text[..<place]), String(text[text.index(after: place)...]))
    }

    private static func shown(_ text: String) -> String {
        escaped(Redaction.withoutUserInformation(text).utf8)
    }
}
