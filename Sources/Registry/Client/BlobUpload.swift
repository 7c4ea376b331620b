import HTTP
public import OCI

/// A blob that is sent while it is made: its digest is known at its end only.
///
/// It goes in chunks. Of each the bytes are kept until the registry says that it has them, so that a broken
/// connection costs a part of one chunk, and memory is one chunk.
///
/// Source: OCI distribution-spec v1.1, "Pushing a blob in chunks".
public final class BlobUpload {
    private let session: UploadSession
    private var chunkBytes: Int
    /// Bytes that the registry does not have for certain; they begin at ``held``.
    private var pending: [UInt8] = []
    private var held: Int64 = 0

    init(_ session: UploadSession, chunkBytes: Int) throws {
        (self.session, self.chunkBytes) = (session, max(chunkBytes, 1))
        try session.begin()
        self.chunkBytes = max(self.chunkBytes, Int(session.leastChunk))
    }

    /// Bytes that were given so far.
    public var size: Int64 { held + Int64(pending.count) }

    /// Appends bytes; sends them once they are a chunk.
    ///
    /// - Throws: ``RegistryError``, `HTTPError`.
    public func write(_ bytes: Span<UInt8>) throws {
        pending.reserveCapacity(chunkBytes)
        for place in bytes.indices {
            pending.append(bytes[place])
            if pending.count == chunkBytes { try flush() }
        }
    }

    /// The same for an array, which goes faster.
    public func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = rest.prefix(chunkBytes - pending.count)
            pending += part
            rest = rest.dropFirst(part.count)
            if pending.count == chunkBytes { try flush() }
        }
    }

    /// Sends what is left, and gives the blob its name.
    ///
    /// - Parameter digest: Of all bytes that were written.
    /// - Throws: ``RegistryError``, `HTTPError`.
    public func finish(_ digest: Digest) throws {
        let size = size
        try retrying { hasFailed in
            if hasFailed, try session.isStored(digest, size: size) { return nil }
            let answer = try session.close(digest, stream(), at: held)
            if answer.response.isSuccess { try session.confirm(answer, digest, size: size) }
            // Closed before, when its answer was lost.
            if answer.isSessionLost, try session.isStored(digest, size: size) { return nil }
            return answer
        }
    }

    /// Gives up: the registry forgets what it has.
    public func cancel() { session.cancel() }

    private func flush() throws {
        try retrying { _ in
            guard !pending.isEmpty else { return nil }
            let (answer, held) = try session.append(stream(), at: held)
            if answer.response.isSuccess { try advance(to: held ?? size, answer) }
            return answer
        }
    }

    /// Forgets what the registry has; a number that cannot be is an error.
    private func advance(to offset: Int64, _ answer: Answer? = nil) throws {
        guard (held...size).contains(offset) else { throw try lost("the registry has \(offset) bytes of it") }
        pending.removeFirst(Int(offset - held))
        held = offset
        session.progress(.sent(held, of: nil))
    }

    private func stream() -> Ask.Stream {
        let bytes = pending
        return Ask.Stream(length: Int64(bytes.count)) { offset, piece in
            let start = Int(offset)
            piece += bytes[start..<min(start + 256 << 10, bytes.count)]
        }
    }

    /// Runs a step until everything that is pending has arrived.
    ///
    /// - Parameter step: Gives an answer, or `nil` when nothing is left to do; told whether it has failed before.
    /// - Throws: ``RegistryError``, `HTTPError`, once the tries are used up.
    private func retrying(_ step: (_ hasFailed: Bool) throws -> Answer?) throws {
        let client = session.client
        var (failures, breaks) = (0, 0)
        while true {
            let before = held
            var response: Response?
            var failure: any Error
            do {
                guard let answer = try step(failures > 0) else { return }
                // A part of a chunk may be taken: the rest is next.
                if answer.response.isSuccess {
                    if pending.isEmpty || answer.method == .put { return }
                    if held > before { continue }
                }
                failure = answer.refusal
                response = answer.response
                if answer.isSessionLost { throw try lost("the registry has forgotten it") }
                guard answer.isTransient || answer.status == 416 || answer.response.isSuccess else {
                    throw failure
                }
            } catch let error as HTTPError {
                guard error.isTransient else { throw error }
                failure = error
            }
            (failures, breaks) = (failures + 1, breaks + 1)
            guard breaks < 100,
                try client.pause(client.session.settings.backoff, failures, after: response)
            else { throw failure }
            if let offset = try session.held() {
                try advance(to: offset)
                if held > before { failures = 1 }
                session.progress(.resumed(at: held))
            } else if held > 0 {
                // Closing may have gone well unseen, and then there is no session any more.
                continue
            }
        }
    }

    private func lost(_ why: String) throws -> RegistryError {
        RegistryError(.patch, try session.client.url(session.repository, "blobs/uploads/"), .uploadLost(why))
    }
}
