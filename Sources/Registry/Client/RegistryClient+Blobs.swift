import HTTP
public import OCI

/// Blobs.
///
/// Source: OCI distribution-spec v1.1, "Pulling blobs", "Pushing blobs", "Mounting a blob from another repository".
extension RegistryClient {
    /// Asks for a blob's size.
    ///
    /// - Returns: `nil` where there is no such blob; -1 where the registry has it and does not say how large it is.
    /// - Throws: ``RegistryError``, `HTTPError`.
    public func blobSize(_ digest: Digest, in repository: String) throws -> Int64? {
        let scope = Scope(repository: repository, actions: ["pull"])
        let answer = try perform(Ask(.head, try url(repository, "blobs/\(digest)"), [scope]))
        if answer.status == 404 { return nil }
        guard answer.response.isSuccess else { throw answer.refusal }
        return answer.response.contentLength ?? -1
    }

    /// Brings a blob here, over as many connections as it takes.
    ///
    /// What `receive` got is right only once this returns.
    ///
    /// - Parameters:
    ///   - digest: What it must hash to.
    ///   - size: How large it must be, in bytes; `nil` where nobody knows.
    ///   - repository: Where it is.
    ///   - progress: Told what has come.
    ///   - receive: Gets its bytes in order, each once.
    /// - Returns: Its size.
    /// - Throws: ``RegistryError``, `HTTPError`, what `receive` throws.
    @discardableResult
    public func pullBlob(
        _ digest: Digest, size: Int64?, from repository: String,
        progress: @escaping (BlobProgress) -> Void = { _ in }, receive: (Span<UInt8>) throws -> Void
    ) throws -> Int64 {
        let download = try BlobDownload(self, digest, size: size, from: repository, progress: progress)
        return try download.run(receive)
    }

    /// Brings a blob there, unless it is there already.
    ///
    /// - Parameters:
    ///   - digest: Of its bytes.
    ///   - size: How many they are.
    ///   - repository: Where it shall be.
    ///   - mounting: A repository of the same registry that may have it.
    ///   - isMissing: Whether it is sent whatever the registry says, which said before that it has it, and has not.
    ///   - progress: Told what went.
    ///   - read: Appends the next bytes from an offset; asked again for the same ones where a connection broke.
    /// - Throws: ``RegistryError``, `HTTPError`, what `read` throws.
    public func pushBlob(
        _ digest: Digest, size: Int64, to repository: String, mounting: String? = nil,
        isMissing: Bool = false, progress: @escaping (BlobProgress) -> Void = { _ in },
        read: @escaping (_ offset: Int64, _ piece: inout [UInt8]) throws -> Void
    ) throws {
        if !isMissing, try hasBlob(digest, size: size, in: repository) { return progress(.existing) }
        let upload = UploadSession(self, repository, progress: progress)
        if let mounting, !isMissing, try upload.mount(digest, from: mounting) {
            return progress(.mounted(from: mounting))
        }
        try upload.send(digest, Ask.Stream(length: size, read: read))
    }

    /// Whether the registry has a blob, by its length or by its own word.
    private func hasBlob(_ digest: Digest, size: Int64, in repository: String) throws -> Bool {
        let scope = Scope(repository: repository, actions: ["pull", "push"])
        let question = Ask(.head, try url(repository, "blobs/\(digest)"), [scope])
        guard let found = try UploadSession.registryOnly({ try perform(question) }),
            found.response.isSuccess
        else { return false }
        if let length = found.response.contentLength { return length == size }
        return found.response.headers["Docker-Content-Digest"] == digest.description
    }

    /// Begins to send a blob whose digest is known at its end only.
    ///
    /// - Throws: ``RegistryError``, `HTTPError`.
    public func beginUpload(
        to repository: String, progress: @escaping (BlobProgress) -> Void = { _ in }
    ) throws -> BlobUpload {
        try BlobUpload(
            UploadSession(self, repository, progress: progress), chunkBytes: session.settings.chunkBytes)
    }

    /// Finds out whether blobs may be sent to a repository, before anything costly is done: begins an upload, and
    /// ends it.
    ///
    /// - Throws: ``RegistryError``, `HTTPError`.
    public func checkPush(to repository: String) throws {
        let upload = UploadSession(self, repository) { _ in }
        try upload.begin()
        upload.cancel()
    }
}
