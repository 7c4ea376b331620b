import Compression
import Layers
import Linux
import OCI
import SystemPackage
import TestSupport

/// A tree that was packed, and what its blob holds.
struct PackedTree {
    let layer: Layer
    let blob: [UInt8]
    /// The tar within the blob.
    let tar: [UInt8]

    /// Packs a tree; the blob must be inflatable.
    init(_ root: FilePath, _ change: (inout LayerOptions) throws -> Void = { _ in }) throws {
        var options = try LayerOptions()
        try change(&options)
        let scratch = try Scratch()
        let directory = try Directory.open(scratch.path)
        let file = try TemporaryFile(in: directory)
        layer = try packLayer(of: root, into: file, options) { _ in }
        try file.publish(as: "blob")
        let blob = try content(of: scratch["blob"])
        let tar =
            switch options.compression {
            case .none: blob
            case .gzip: try inflated(blob)
            case .zstd: try Command(["zstd", "-dcq"]).reading(scratch["blob"]).succeed().output
            }
        (self.blob, self.tar) = (blob, tar)
    }

    /// The members of the tar.
    var members: [TarMember] { get throws { try TarMember.all(of: tar) } }

    /// The names of the members in their order.
    var names: [String] { get throws { try members.map(\.name) } }

    /// The only member of this name.
    func member(_ name: String) throws -> TarMember {
        let found = try members.filter { $0.name == name }
        guard found.count == 1 else { throw Missing(name: name) }
        return found[0]
    }

    struct Missing: Error { let name: String }
}

private func inflated(_ blob: [UInt8]) throws -> [UInt8] {
    var stream = try GzipStream()
    return try stream.decompressAll(blob.span, limit: 1 << 30)
}
