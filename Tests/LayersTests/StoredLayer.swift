import Linux
import OCI
import SystemPackage
import Tar
import TestSupport

@testable import Layers

/// A layer's blob in a file of its own.
struct StoredLayer {
    let listing: LayerListing
    private let scratch: Scratch

    /// Stores a tar, taken through a command for bash where one is given.
    init(_ tar: [UInt8], by command: String? = nil, _ mediaType: MediaType = .layerTar) throws {
        let scratch = try Scratch()
        self.scratch = scratch
        let directory = try Directory.open(scratch.path)
        try directory.createFile("tar").write(tar.span)
        try Command(shell: "\(command ?? "cat") < tar > blob").at(scratch.path).succeed()
        func digest(_ name: String) throws -> Digest {
            try Digest(
                parsing: "sha256:"
                    + Command(["sha256sum"]).reading(scratch[name]).succeed().text.prefix(64))
        }
        let blob = try FileSlice(File.reading(scratch["blob"]))
        listing = LayerListing(
            blob, Descriptor(mediaType: mediaType, digest: try digest("blob"), size: blob.size),
            diffID: try digest("tar"), jobs: 2, UnpackLimits())
    }

    init(_ members: [Member]) throws { try self.init(Member.tar(members)) }
}

extension LayerComparison.Difference {
    /// `- path`, `+ path` or `~ path`.
    var line: String {
        switch self {
        case .removed(let entry): "- " + escaped(entry.entry.path)
        case .added(let entry): "+ " + escaped(entry.entry.path)
        case .changed(_, let entry): "~ " + escaped(entry.entry.path)
        }
    }
}
