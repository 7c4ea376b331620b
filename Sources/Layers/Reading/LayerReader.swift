import Compression
public import Linux
public import OCI

/// Reads a layer: hands its tar stream to `body` and verifies everything before it returns.
///
/// Every byte of the blob is read once, hashed once for the digest, and hashed
/// once more, opened, for the diff ID. Memory does not grow with the layer, and
/// every thread has ended when this returns.
///
/// - Parameters:
///   - blob: The stored blob.
///   - descriptor: What the manifest says of it: media type, digest and size.
///   - diffID: What the configuration says of the uncompressed tar, or `nil` not to compare.
///   - jobs: Threads that decompress.
///   - limits: How much the layer may cost.
///   - body: Takes the stream on the caller's thread; what it does not take is read and verified all the same.
/// - Throws: ``LayerError``, `CompressionError`, `FileError`, `ThreadError`, `Interruption`, or what `body` throws.
/// - Returns: What `body` returned, the diff ID that was found, and how many gzip members or zstd frames there are.
public func readLayer<Value>(
    _ blob: FileSlice, _ descriptor: Descriptor, diffID: Digest?, jobs: Int, _ limits: UnpackLimits,
    _ body: (LayerStream) throws -> Value
) throws -> (value: Value, diffID: Digest, parts: Int) {
    guard let form = StoredForm(mediaType: descriptor.mediaType) else {
        throw LayerError.mediaType(descriptor.mediaType)
    }
    guard blob.size == descriptor.size else {
        throw LayerError.sizeMismatch(expected: descriptor.size, found: blob.size)
    }
    let decompression = LayerDecompression(blob, form, jobs: jobs, limits)
    do {
        let (value, sums) = try decompression.run { try body(LayerStream(decompression)) }
        let found = (digest: Digest(sha256: sums.stored), diffID: Digest(sha256: sums.content))
        try verify(found, descriptor, diffID)
        return (value, found.diffID, sums.parts)
    } catch let error as CompressionError {
        // The library knows of a limit, and nothing of the flag that raises it.
        guard error == ZstdStream.windowError(limit: limits.zstdWindowLog) else { throw error }
        throw LayerError.tooLargeWindow(log: limits.zstdWindowLog)
    }
}

private func verify(
    _ found: (digest: Digest, diffID: Digest), _ descriptor: Descriptor, _ diffID: Digest?
) throws(LayerError) {
    guard found.digest == descriptor.digest else {
        throw .digestMismatch(expected: descriptor.digest, found: found.digest)
    }
    if let diffID, diffID != found.diffID {
        throw .diffIDMismatch(expected: diffID, found: found.diffID)
    }
}
