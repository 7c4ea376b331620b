import Linux
public import OCI

/// A build context or a remote file that cannot be had, with what the other side said.
public enum ContextError: Error, Equatable, CustomStringConvertible {
    /// A server answered with a status that is no success: to what, and which.
    case refused(String, status: Int)
    /// A server leads on and on: from where.
    case tooManyRedirects(String)
    /// A server leads to a place that is not gone to: from where, and why not.
    case forbiddenTarget(String, reason: String)
    /// A server did not take what was sent: where, and with which status it answered.
    case notTaken(String, status: Int)
    /// More bytes than the limit: of what.
    case tooLarge(String, limit: Int64)
    /// Bytes of another digest than was demanded: of what.
    case checksum(String, expected: Digest, found: Digest)
    /// Another commit than was demanded: of which repository.
    case commit(String, expected: String, found: String)
    /// A URL whose file has no name that a file can have.
    case nameless(String)
    /// What came is no tar archive, and no Dockerfile either: from where, and what is wrong with it.
    case noContext(String, reason: String)
    /// There is no git to run, and why.
    case noGit(reason: String)
    /// Git failed: at what, for which repository, and its own words.
    case git(String, repository: String, reason: String)
    /// A repository's directory that cannot be the context: which, of what, and why.
    case subdirectory(String, repository: String, reason: String)

    /// An object store without its program here: which object, and what could fetch it.
    case noFetcher(String, programs: [String])
    /// An object store's program failed: which, at what, and its own words.
    case fetcher(String, String, reason: String)

    /// One line, as the user reads it.
    public var description: String {
        switch self {
        case .refused(let place, let status):
            "GET \(place): the server answers \(status)"
                + ([401, 403].contains(status) ? "; it may want a login that was not given" : "")
        case .notTaken(let place, let status):
            "PUT \(place): the server answers \(status); the image is where it shall be"
        case .tooManyRedirects(let place): "GET \(place): more than 10 redirects"
        case .forbiddenTarget(let place, let reason):
            "GET \(place): the server leads to a place that is not gone to: \(reason)"
        case .tooLarge(let what, let limit):
            "\(what) has more than \(limit) bytes; if you trust it, raise --max-bytes"
        case .checksum(let what, let expected, let found):
            "\(what): \(expected) expected, \(found) found"
        case .commit(let repository, let expected, let found):
            "\(repository): the commit \(expected) expected, \(found) found"
        case .nameless(let place):
            "\(place) gives its file no name; let the destination end with one, as in ADD URL /dir/name"
        case .noContext(let place, let reason):
            "\(place) is no build context: \(reason); give a directory, a tar archive or a repository"
        case .noGit(let reason): "cannot run git, which fetches repositories: \(reason); install it"
        case .git(let step, let repository, let reason): "cannot \(step) \(repository): \(reason)"
        case .noFetcher(let object, let programs):
            "cannot fetch \(object): there is no \(programs.joined(separator: " and no ")) on PATH; sign a URL there, and give https://…"
        case .fetcher(let program, let object, let reason): "\(program) cannot fetch \(object): \(reason)"
        case .subdirectory(let path, let repository, let reason):
            "\(path) of \(repository) cannot be the context: \(reason)"
        }
    }

    /// Whether bytes came that are not those of their digest.
    var isMismatch: Bool {
        switch self {
        case .checksum, .commit: true
        default: false
        }
    }

    /// Whether it is the other side that failed.
    var isRemote: Bool {
        switch self {
        case .refused, .notTaken, .tooManyRedirects, .forbiddenTarget, .git, .fetcher: true
        default: false
        }
    }
}
