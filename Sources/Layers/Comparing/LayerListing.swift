public import Linux
public import OCI
import SystemPackage
public import Tar

/// A layer whose entries are looked at, in the order in which they are stored.
///
/// Digest and diff ID are verified each time. Entries are handed out before
/// that is done: what they lead to counts once the call has returned.
public struct LayerListing: Sendable {
    private let blob: FileSlice
    private let descriptor: Descriptor
    private let diffID: Digest
    private let jobs: Int
    let limits: UnpackLimits

    /// Says which layer.
    ///
    /// - Parameters:
    ///   - blob: The stored blob.
    ///   - descriptor: What the manifest says of it.
    ///   - diffID: What the configuration says of its tar.
    ///   - jobs: Threads that decompress.
    ///   - limits: How much the layer may cost.
    public init(
        _ blob: FileSlice, _ descriptor: Descriptor, diffID: Digest, jobs: Int, _ limits: UnpackLimits
    ) {
        (self.blob, self.descriptor, self.diffID) = (blob, descriptor, diffID)
        (self.jobs, self.limits) = (jobs, limits)
    }

    /// Reads the layer to its end.
    ///
    /// - Parameters:
    ///   - progress: Told how many bytes of the tar came, time and again.
    ///   - body: Takes each entry; its content is skipped.
    /// - Throws: ``LayerError``, `TarError`, `CompressionError`, `FileError`, `ThreadError`, `Interruption`, and what
    ///   `body` throws.
    /// - Returns: What there was.
    public func forEach(
        progress: @escaping (_ bytes: Int) -> Void, _ body: (TarEntry) throws -> Void
    ) throws -> LayerSummary {
        try walk(progress: progress) { entry, _, _ in try body(entry) }
    }

    /// The same, and `body` may read the entry's content and look at its header's bytes.
    func walk(
        progress: @escaping (_ bytes: Int) -> Void,
        _ body: (TarEntry, inout TarReader, StreamWindow) throws -> Void
    ) throws -> LayerSummary {
        let read = try readLayer(blob, descriptor, diffID: diffID, jobs: jobs, limits) { stream in
            let window = StreamWindow()
            var reader = try TarReader {
                let chunk = try stream.next()
                if let chunk { window.append(chunk) }
                progress(chunk?.count ?? 0)
                return chunk
            }
            var entries = 0
            while let entry = try reader.next() {
                try Interruption.check()
                entries += 1
                try check(entry, number: entries)
                try body(entry, &reader, window)
            }
            let end = reader.header.lowerBound
            try reader.finish()
            return LayerSummary(entries: entries, size: window.end, membersEnd: end)
        }
        var summary = read.value
        summary.parts = read.parts
        return summary
    }

    private func check(_ entry: TarEntry, number: Int) throws(LayerError) {
        guard number <= limits.entries else {
            throw .limit("more than \(limits.entries) entries", flag: "--max-entries")
        }
        guard entry.path.count <= limits.pathLength else {
            throw .limit(
                "a path of \(entry.path.count) bytes, where \(limits.pathLength) are allowed",
                flag: "--max-path")
        }
    }

    /// The stored blob's size in bytes.
    var storedSize: Int64 { blob.size }

    /// The stored form that the media type names.
    var form: StoredForm {
        get throws(LayerError) {
            guard let form = StoredForm(mediaType: descriptor.mediaType) else {
                throw .mediaType(descriptor.mediaType)
            }
            return form
        }
    }

    /// The first bytes of the blob, `count` at most.
    func beginning(_ count: Int) throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let taken = try blob.read(
                upTo: count - bytes.count, at: Int64(bytes.count), appendingTo: &bytes)
            if taken == 0 { break }
        }
        return bytes
    }
}

/// What a layer was found to hold.
public struct LayerSummary: Sendable, Equatable {
    /// Entries of the tar.
    public let entries: Int
    /// Bytes of the tar.
    public let size: Int64
    /// Where in the tar its last member ends; zeros follow.
    let membersEnd: Int64
    /// Gzip members or zstd frames; 0 where nothing is compressed.
    public internal(set) var parts = 0
}
