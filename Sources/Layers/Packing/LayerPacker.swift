public import Compression
import Cryptography
public import Linux
import OCI
public import SystemPackage

/// Makes a layer of a directory tree, in one pass.
///
/// Every byte of the tree is read once, hashed once for the diff ID, compressed
/// once, hashed once for the digest and written once. Memory does not grow with
/// the tree.
///
/// The blob is whole when this returns, yet to be published, and not yet on the disk: that is for the caller to ask for,
/// who may not need it. Progress is told on the caller's thread. Throws ``LayerError``, `FileError`, `TarError`,
/// `CompressionError` or `Interruption`.
public func packLayer(
    of root: FilePath, into blob: borrowing TemporaryFile, _ options: LayerOptions,
    progress: (LayerProgress) -> Void
) throws -> Layer {
    try pack(into: blob, options.compression, jobs: options.jobs, progress: progress) { push in
        try TreeArchiver(root, options, push: push).archive()
    }
}

/// Makes a layer of a plan, in one pass; planned files are the same bytes as a tree of them.
///
/// The blob is whole when this returns, yet to be published, and not yet on the disk. Progress is told on the caller's
/// thread.
///
/// - Parameters:
///   - plan: What the layer holds.
///   - blob: Gets the layer.
///   - compression: How it is stored.
///   - jobs: Threads that compress; they change no byte.
///   - latestTime: The latest time that a file may have, in seconds since 1970; later ones are set back to it.
///   - progress: Told how far the layer has come.
/// - Throws: ``LayerError``, also where a file is no longer what it was when it was planned, `FileError`, `TarError`,
///   `CompressionError` or `Interruption`.
/// - Returns: What a manifest and a configuration say of it.
public func packLayer(
    of plan: LayerPlan, into blob: borrowing TemporaryFile, _ compression: CompressionMethod, jobs: Int,
    latestTime: Int64?, progress: (LayerProgress) -> Void
) throws -> Layer {
    try pack(into: blob, compression, jobs: jobs, progress: progress) { push in
        try PlanArchiver(plan, latestTime: latestTime, push: push).archive()
    }
}

/// Whom a file belongs to in the layer, where the file system does not know: `nil` leaves it as it is on disk.
///
/// The path is below the root, and `.` for the root itself. Called on another thread.
public typealias OwnerLookup =
    @Sendable (_ path: [UInt8], _ status: FileStatus) -> (user: UInt32, group: UInt32)?

/// Makes a layer of what changed in a tree, in one pass; the same files are the same bytes as a tree of them.
///
/// The blob is whole when this returns, yet to be published, and not yet on the disk. Progress is told on the caller's
/// thread.
///
/// - Parameters:
///   - changes: What the layer holds.
///   - blob: Gets the layer.
///   - compression: How it is stored.
///   - jobs: Threads that compress; they change no byte.
///   - latestTime: The latest time that a file may have, in seconds since 1970; later ones are set back to it.
///   - owners: Whom files belong to that can have no mark (``UnpackOptions/marksOwners``), if not to whom they do on
///     disk; without it no mark counts.
///   - marksDevices: Whether marked files stand for devices, as ``UnpackOptions/makesDevices`` says.
///   - progress: Told how far the layer has come.
/// - Throws: ``LayerError``, also where a file is no longer what it was when the tree was looked at, `FileError`,
///   `TarError`, `CompressionError` or `Interruption`.
/// - Returns: What a manifest and a configuration say of it.
public func packLayer(
    of changes: TreeChanges, into blob: borrowing TemporaryFile, _ compression: CompressionMethod, jobs: Int,
    latestTime: Int64?, owners: OwnerLookup? = nil, marksDevices: Bool = false,
    progress: (LayerProgress) -> Void
) throws -> Layer {
    try pack(into: blob, compression, jobs: jobs, progress: progress) { push in
        try ChangeArchiver(
            changes, latestTime: latestTime, owners: owners, marksDevices: marksDevices, push: push
        ).archive()
    }
}

private func pack(
    into blob: borrowing TemporaryFile, _ method: CompressionMethod, jobs: Int,
    progress: (LayerProgress) -> Void,
    archive: @escaping @Sendable (_ push: @escaping (Piece) -> Bool) throws -> TreeSummary
) throws -> Layer {
    var sha256 = try SHA256()
    var counts = (bytesIn: Int64(0), bytesOut: Int64(0), entries: 0)
    var writtenBack: Int64 = 0
    let stream = try OrderedCompression(method: method, jobs: jobs).run { push in
        try withoutActuallyEscaping(push) { push in
            try archive(push)
        }
    } consume: { piece, output in
        // Uncompressed, the digest is the diff ID, and taken by the other thread.
        if method != .none { sha256.update(output.span) }
        try blob.write(output.span)
        counts.bytesIn += Int64(piece.input.count)
        counts.bytesOut += Int64(output.count)
        counts.entries += piece.entries
        // The disk works while the processors do: the sync at the end finds little left.
        if counts.bytesOut - writtenBack >= 8 << 20 {
            blob.beginWriteback(offset: writtenBack, count: counts.bytesOut - writtenBack)
            writtenBack = counts.bytesOut
        }
        progress(LayerProgress(bytesIn: counts.bytesIn, bytesOut: counts.bytesOut, entries: counts.entries))
    }
    let diffID = Digest(sha256: stream.hash)
    let digest = method == .none ? diffID : Digest(sha256: sha256.finish())
    return Layer(
        diffID: diffID,
        descriptor: Descriptor(mediaType: method.mediaType, digest: digest, size: counts.bytesOut),
        uncompressedSize: counts.bytesIn, contents: stream.product)
}

extension CompressionMethod {
    /// The media type of a layer that is stored this way.
    ///
    /// Source: OCI image-spec v1.1, layer.md.
    fileprivate var mediaType: MediaType {
        switch self {
        case .none: .layerTar
        case .gzip: .layerTarGzip
        case .zstd: .layerTarZstd
        }
    }
}
