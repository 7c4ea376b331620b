import Cryptography
import HTTP
import OCI

/// One blob on its way here, over as many connections as it takes.
///
/// Source: OCI distribution-spec v1.1, "Pulling blobs"; RFC 9110, section 14.
final class BlobDownload {
    /// A connection that brought so much was worth it: failures are counted anew.
    private static let worthwhile: Int64 = 64 << 10
    /// The most connections for one blob.
    private static let limit = 100

    private let client: RegistryClient
    private let ask: Ask
    private let digest: Digest
    private let progress: (BlobProgress) -> Void
    private var size: Int64?
    private var sha256: SHA256?
    /// Bytes that were handed over.
    private var received: Int64 = 0
    /// Bytes that this connection brings once more.
    private var skipped: Int64 = 0
    private var isRangeKnown = true
    private var hasBegun = false

    init(
        _ client: RegistryClient, _ digest: Digest, size: Int64?, from repository: String,
        progress: @escaping (BlobProgress) -> Void
    ) throws {
        (self.client, self.digest, self.size, self.progress) = (client, digest, size, progress)
        let scope = Scope(repository: repository, actions: ["pull"])
        ask = Ask(.get, try client.url(repository, "blobs/\(digest)"), [scope])
        sha256 = try SHA256()
    }

    /// Brings it.
    ///
    /// - Returns: Its size.
    func run(_ receive: (Span<UInt8>) throws -> Void) throws -> Int64 {
        var failures = 0
        for _ in 0..<Self.limit {
            let before = received
            let outcome = Result { try connect(receive) }
            if received - before >= Self.worthwhile { failures = 0 }
            failures += 1
            var response: Response?
            switch outcome {
            case .success(let answer?):
                guard answer.isTransient else { throw answer.refusal }
                response = answer.response
            case .success(nil):
                if size.map({ received >= $0 }) ?? true { return try finish() }
            case .failure(let error):
                guard let error = error as? HTTPError, error.isTransient else { throw error }
            }
            guard try client.pause(client.session.settings.backoff, failures, after: response) else {
                if case .failure(let error) = outcome { throw error }
                if case .success(let answer?) = outcome { throw answer.refusal }
                break
            }
            progress(.resumed(at: received))
        }
        throw failure(.sizeMismatch(expected: size ?? -1, found: received))
    }

    /// One connection; `nil` where it brought a part, or the rest.
    private func connect(_ receive: (Span<UInt8>) throws -> Void) throws -> Answer? {
        var ask = ask
        if received > 0, isRangeKnown { ask.headers["Range"] = "bytes=\(received)-" }
        hasBegun = false
        let answer = try client.authorized(ask) { response, bytes in
            if !hasBegun { try begin(response) }
            try take(bytes, receive)
        }
        if answer.status == 416, received > 0 {
            // It has less than it said, or does not know ranges: once more from the start.
            guard isRangeKnown else { throw answer.refusal }
            isRangeKnown = false
            return nil
        }
        guard answer.response.isSuccess else { return answer }
        if !hasBegun { try begin(answer.response) }
        return nil
    }

    /// Looks at what an answer holds, before its first byte.
    private func begin(_ response: Response) throws {
        hasBegun = true
        skipped = received
        if response.status == 206 {
            guard let field = response.headers["Content-Range"], let range = ByteRange.content(field),
                range.first == received, size == nil || range.size == nil || range.size == size
            else {
                // Pieces that do not fit are never put together.
                isRangeKnown = false
                throw failure(.malformed("it holds another part of the blob than was asked for"))
            }
            skipped = 0
            if size == nil { size = range.size }
        } else if let length = response.contentLength {
            if let size, size != length { throw failure(.sizeMismatch(expected: size, found: length)) }
            size = length
        }
    }

    private func take(_ bytes: Span<UInt8>, _ receive: (Span<UInt8>) throws -> Void) throws {
        let drop = Int(min(skipped, Int64(bytes.count)))
        skipped -= Int64(drop)
        guard drop < bytes.count else { return }
        let fresh = bytes.extracting(drop...)
        if let size, received + Int64(fresh.count) > size {
            throw failure(.sizeMismatch(expected: size, found: received + Int64(fresh.count)))
        }
        sha256?.update(fresh)
        try receive(fresh)
        received += Int64(fresh.count)
        progress(.received(received, of: size))
    }

    private func finish() throws -> Int64 {
        guard let sha256 = sha256.take() else { return received }
        let found = Digest(sha256: sha256.finish())
        guard found == digest else {
            throw failure(.digestMismatch(expected: "\(digest)", found: "\(found)"))
        }
        return received
    }

    private func failure(_ reason: RegistryError.Reason) -> RegistryError {
        RegistryError(.get, ask.url, reason)
    }
}
