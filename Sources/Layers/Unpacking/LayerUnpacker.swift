public import Linux
public import OCI
import SystemPackage
import Tar

/// Makes a tree of an image's layers.
///
/// Reading, inflating, hashing and writing go side by side. Each layer is
/// verified to its end before the next one is begun; until ``finish()``
/// nobody may take the tree for good.
public struct LayerUnpacker: ~Copyable {
    private var extractor: TreeExtractor
    private let options: UnpackOptions

    /// Begins with an empty directory, or with the tree of the layers below: of that nothing changes but what the
    /// layers speak of.
    public init(into root: consuming Directory, _ options: UnpackOptions, wasEmpty: Bool = true) {
        extractor = TreeExtractor(into: root, options, wasEmpty: wasEmpty)
        self.options = options
    }

    /// Puts a layer over those before it.
    ///
    /// - Parameters:
    ///   - blob: The stored blob.
    ///   - descriptor: What the manifest says of it.
    ///   - diffID: What the configuration says of its tar.
    ///   - progress: Told how many bytes of the tar came, time and again.
    /// - Throws: ``LayerError``, `TarError`, `CompressionError`, `FileError`, `ThreadError`, `Interruption`.
    public mutating func apply(
        _ blob: FileSlice, _ descriptor: Descriptor, diffID: Digest,
        progress: @escaping (_ bytes: Int) -> Void
    ) throws {
        _ = try readLayer(blob, descriptor, diffID: diffID, jobs: options.jobs, options.limits) { stream in
            var reader = try TarReader {
                let chunk = try stream.next()
                progress(chunk?.count ?? 0)
                return chunk
            }
            try extractor.apply(&reader)
            try reader.finish()
        }
    }

    /// Gives the directories their attributes.
    ///
    /// - Throws: `FileError`, `Interruption`.
    /// - Returns: What was made.
    public mutating func finish() throws -> UnpackSummary {
        try extractor.finish()
        return extractor.summary
    }

    /// Writes down what a plain user's file system could not hold, once the tree is finished.
    ///
    /// - Parameter table: Gets an mtree specification of owners, modes, devices and attributes.
    /// - Throws: `FileError`, `Interruption`.
    public func writeOwners(to table: borrowing TemporaryFile) throws { try extractor.writeOwners(to: table) }
}
