public import OCI
public import SystemPackage

/// A layer that was made: what a manifest and a configuration say of it.
public struct Layer: Sendable {
    /// The digest of the uncompressed tar.
    public let diffID: Digest
    /// Media type, digest and size of the stored blob.
    public let descriptor: Descriptor
    /// Bytes of the uncompressed tar.
    public let uncompressedSize: Int64
    /// What the tree held.
    public let contents: TreeSummary
}

/// What was met in a tree while it was packed.
public struct TreeSummary: Sendable {
    /// Entries that were written.
    public internal(set) var entries = 0
    /// The newest time of an entry as it was written, in seconds since 1970; `nil` without entries.
    public internal(set) var newestTime: Int64?
    /// Sockets that were left out: a tar cannot hold them.
    public internal(set) var sockets = 0
    /// The first of them.
    public internal(set) var firstSocket: FilePath?
    /// Files whose owner or group was the packing user's own and became 0.
    public internal(set) var filesGivenToRoot = 0
}

/// How far a layer has come.
public struct LayerProgress: Sendable {
    /// Bytes of the uncompressed tar that are done.
    public let bytesIn: Int64
    /// Bytes of the blob so far.
    public let bytesOut: Int64
    /// Entries so far.
    public let entries: Int
}
