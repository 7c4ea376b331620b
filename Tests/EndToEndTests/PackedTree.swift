import OCI
import SystemPackage
import TestSupport

/// A tree that varve packed, and the image that came of it as it lies in its layout.
struct PackedTree {
    /// The layout's directory.
    let layout: FilePath
    /// What skopeo and umoci call the image.
    let reference: String
    /// `sha256:…` of the manifest, as varve printed it.
    let digest: String
    /// What varve said beside.
    let errors: String
    /// The manifest.
    let manifest: JSONValue
    /// The image configuration.
    let configuration: JSONValue
    private let scratch: Scratch

    /// Packs a tree as `app` into a layout of its own.
    ///
    /// `flags` are further arguments, `layout` is the layout's name in `scratch`, and `change` does to the command
    /// whatever else is special.
    init(
        _ tree: FilePath, in scratch: Scratch, _ flags: [String] = ["--no-provenance"],
        layout name: String = "out", change: (Command) -> Command = { $0 }
    ) throws {
        let layout = scratch[name]
        let words = [Command.varvePath.string, "pack", tree.string, "-o", "oci:\(layout):app"]
        let outcome = try change(Command(words + flags)).succeed()
        self.scratch = scratch
        self.layout = layout
        reference = "\(layout):app"
        digest = outcome.line
        errors = outcome.errors
        manifest = try Self.document(digest, in: layout)
        configuration = try Self.document(manifest["config"]?["digest"]?.string ?? "", in: layout)
    }

    /// The digest of the uncompressed layer, as the configuration says.
    var diffID: String { configuration["rootfs"]?["diff_ids"]?.array?.first?.string ?? "" }

    /// The stored layer.
    var layer: FilePath { Self.blob(manifest["layers"]?.array?.first?["digest"]?.string ?? "", in: layout) }

    /// The configuration's execution parameters.
    var execution: JSONValue? { configuration["config"] }

    /// The provenance beside the layout.
    func provenance() throws -> JSONValue {
        let path = FilePath("\(layout).provenance").appending("\(digest.dropFirst(7)).json")
        return try JSONValue(parsing: try content(of: path))
    }

    /// A blob's path.
    static func blob(_ digest: String, in layout: FilePath) -> FilePath {
        layout.pushing(FilePath("blobs/sha256/\(digest.dropFirst(7))"))
    }

    private static func document(_ digest: String, in layout: FilePath) throws -> JSONValue {
        try JSONValue(parsing: try content(of: blob(digest, in: layout)))
    }
}

/// The digest that sha256sum gives a file, as `sha256:…`.
func sha256sum(_ path: FilePath) throws -> String {
    // From standard input, so that no name is escaped.
    "sha256:" + (try Command(["sha256sum"]).reading(path).succeed().text.prefix(64))
}
