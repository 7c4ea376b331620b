import HTTP
import OCI

/// A place that a registry has given for one blob.
///
/// Source: OCI distribution-spec v1.1, "Pushing blobs".
final class UploadSession {
    /// The most sessions for one blob.
    private static let limit = 3
    /// The most times that one blob's sending breaks, however far it comes each time.
    private static let breakLimit = 100

    let client: RegistryClient
    let repository: String
    let progress: (BlobProgress) -> Void
    /// Where the next bytes go; changes with each answer.
    private(set) var location: URL?
    /// The least bytes of a chunk but the last, where the registry says so.
    private(set) var leastChunk: Int64 = 0
    private var scopes: [Scope] { [Scope(repository: repository, actions: ["pull", "push"])] }

    init(_ client: RegistryClient, _ repository: String, progress: @escaping (BlobProgress) -> Void) {
        (self.client, self.repository, self.progress) = (client, repository, progress)
    }

    /// Begins anew.
    func begin() throws {
        var ask = Ask(.post, try client.url(repository, "blobs/uploads/"), scopes)
        ask.limit = 64 << 10
        let answer = try client.perform(ask)
        guard answer.response.isSuccess else { throw answer.refusal }
        try follow(answer, isFirst: true)
    }

    /// Takes a blob over from another repository.
    ///
    /// - Returns: Whether it is there now; otherwise the session may have begun.
    func mount(_ digest: Digest, from other: String) throws -> Bool {
        let place = try client.url(repository, "blobs/uploads/")
        var ask = Ask(
            .post, place.adding("mount", digest.description).adding("from", other),
            scopes + [Scope(repository: other, actions: ["pull"])])
        ask.limit = 64 << 10
        // Whatever goes wrong with it: sending the blob is always possible.
        guard let answer = try Self.registryOnly({ try client.perform(ask) }) else { return false }
        if answer.status == 201 { return true }
        if answer.status == 202 { try? follow(answer, isFirst: true) }
        return false
    }

    /// Runs a request whose refusal does not matter; everything else that it throws comes out.
    static func registryOnly(_ body: () throws -> Answer) throws -> Answer? {
        do {
            return try body()
        } catch is RegistryError {
            return nil
        }
    }

    /// Gives the place back; what goes wrong with that does not matter.
    func cancel() {
        guard let location else { return }
        self.location = nil
        _ = try? client.authorized(Ask(.delete, location, scopes)) { _, _ in }
    }

    private func follow(_ answer: Answer, isFirst: Bool) throws {
        if let least = answer.response.headers["OCI-Chunk-Min-Length"].flatMap(Int64.init) {
            leastChunk = min(max(least, 0), 64 << 20)
        }
        guard let field = answer.response.headers["Location"] else {
            if isFirst { throw answer.malformed("it does not say where the blob shall go (no Location)") }
            return
        }
        location = try Redirection.target(
            field, from: answer.url, registry: client.session.origin, answer.method)
    }

    // MARK: Steps

    /// Appends a chunk: `PATCH`.
    ///
    /// - Returns: The answer, and how many bytes the registry says it has, where it says so.
    func append(_ stream: Ask.Stream, at offset: Int64) throws -> (answer: Answer, held: Int64?) {
        var ask = try ask(.patch)
        ask.headers["Content-Type"] = "application/octet-stream"
        ask.headers["Content-Range"] = "\(offset)-\(offset + stream.length - 1)"
        ask.stream = stream
        let answer = try client.authorized(ask) { _, _ in }
        guard answer.response.isSuccess else { return (answer, nil) }
        try follow(answer, isFirst: false)
        return (answer, answer.response.headers["Range"].flatMap(ByteRange.uploaded))
    }

    /// Says what the digest of everything is, with the rest of the bytes: `PUT`.
    func close(_ digest: Digest, _ rest: Ask.Stream, at offset: Int64) throws -> Answer {
        var ask = try ask(.put)
        ask.url = ask.url.adding("digest", digest.description)
        if rest.length > 0 {
            ask.headers["Content-Type"] = "application/octet-stream"
            if offset > 0 { ask.headers["Content-Range"] = "\(offset)-\(offset + rest.length - 1)" }
            ask.stream = rest
        }
        ask.answerTimeout = client.session.settings.storingTimeout
        return try client.authorized(ask) { _, _ in }
    }

    /// Asks how many bytes the registry has.
    ///
    /// - Returns: `nil` where the session is gone, or the registry does not say.
    func held() throws -> Int64? {
        guard let answer = try Self.registryOnly({ try client.perform(ask(.get)) }), answer.response.isSuccess
        else { return nil }
        try follow(answer, isFirst: false)
        return answer.response.headers["Range"].flatMap(ByteRange.uploaded)
    }

    /// Whether the blob is there, after all.
    func isStored(_ digest: Digest, size: Int64) throws -> Bool {
        let ask = Ask(.head, try client.url(repository, "blobs/\(digest)"), scopes)
        guard let answer = try Self.registryOnly({ try client.perform(ask) }) else { return false }
        return answer.response.isSuccess && answer.response.contentLength ?? size == size
    }

    /// Makes sure of the end of an upload: a success, of the right digest.
    func confirm(_ answer: Answer, _ digest: Digest, size: Int64) throws {
        let told = answer.response.headers["Docker-Content-Digest"].flatMap { try? Digest(parsing: $0) }
        if let told, told != digest {
            throw RegistryError(.put, answer.url, .digestMismatch(expected: "\(digest)", found: "\(told)"))
        }
        // 201 is the specification's word for it; of others the registry is asked.
        guard answer.status != 201, try !isStored(digest, size: size) else { return }
        throw answer.malformed("the upload ended with \(answer.status), and the blob is not there")
    }

    private func ask(_ method: Request.Method) throws -> Ask {
        guard let location else {
            throw RegistryError(
                method, try client.url(repository, "blobs/uploads/"), .uploadLost("there is no session"))
        }
        return Ask(method, location, scopes)
    }

    // MARK: A blob that can be read again

    /// Sends a blob, from where the registry has it, in a new session where the old one is lost.
    func send(_ digest: Digest, _ source: Ask.Stream) throws {
        var (failures, breaks, sessions) = (0, 0, 0)
        var (offset, furthest) = (Int64(0), Int64(0))
        while true {
            if location == nil {
                sessions += 1
                guard sessions <= Self.limit else {
                    throw RegistryError(
                        .put, try client.url(repository, "blobs/uploads/"),
                        .uploadLost("\(Self.limit) sessions were lost"))
                }
                try begin()
                offset = 0
            }
            let rest = reporting(source, from: offset)
            let outcome = Result { try close(digest, rest, at: offset) }
            var response: Response?
            switch outcome {
            case .success(let answer) where answer.response.isSuccess:
                return try confirm(answer, digest, size: source.length)
            case .success(let answer):
                guard answer.isTransient || answer.status == 416 || answer.isSessionLost else {
                    throw answer.refusal
                }
                response = answer.response
                if answer.isSessionLost { location = nil }
            case .failure(let error):
                guard let error = error as? HTTPError, error.isTransient else { throw error }
            }
            (failures, breaks) = (failures + 1, breaks + 1)
            guard breaks < Self.breakLimit,
                try client.pause(client.session.settings.backoff, failures, after: response)
            else {
                _ = try outcome.get()
                if case .success(let answer) = outcome { throw answer.refusal }
                return
            }
            // The answer can have been lost after the blob was stored.
            if try isStored(digest, size: source.length) { return }
            offset = try location == nil ? 0 : resumed(within: source.length)
            // An offset that jumps back and forth is no progress.
            if offset > furthest { (failures, furthest) = (0, offset) }
            progress(.resumed(at: offset))
        }
    }

    /// Where to go on; an offset that cannot be ends the session.
    private func resumed(within size: Int64) throws -> Int64 {
        if let held = try held(), (0...size).contains(held) { return held }
        cancel()
        return 0
    }

    /// A stream from an offset that tells how far it is.
    private func reporting(_ source: Ask.Stream, from start: Int64) -> Ask.Stream {
        Ask.Stream(length: source.length - start) { [progress] offset, piece in
            progress(.sent(start + offset, of: source.length))
            try source.read(start + offset, &piece)
            let left = source.length - start - offset
            if Int64(piece.count) > left { piece.removeLast(piece.count - Int(left)) }
        }
    }
}

extension Answer {
    /// Whether a session is not known any more.
    var isSessionLost: Bool { status == 404 || ErrorBody(parsing: body).has("BLOB_UPLOAD_UNKNOWN") }
}
