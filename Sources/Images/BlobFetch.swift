public import Linux
public import OCI

/// How blobs come from elsewhere; threads may call it.
public struct BlobFetch: Sendable {
    /// Brings a manifest, index or configuration; whoever asked checks its digest.
    let document: @Sendable (Descriptor) throws -> [UInt8]
    /// Brings a blob with the descriptor's size and digest.
    let blob: @Sendable (Descriptor) throws -> FileSlice

    /// The two ways to ask.
    public init(
        document: @escaping @Sendable (Descriptor) throws -> [UInt8],
        blob: @escaping @Sendable (Descriptor) throws -> FileSlice
    ) {
        (self.document, self.blob) = (document, blob)
    }
}
