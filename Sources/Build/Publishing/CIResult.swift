import Images
import Linux
import OCI
import SystemPackage

/// What a CI system is told of an image that was published, in each system's words.
///
/// Names and paths cannot be trusted to stay on their line: what would begin another one is escaped.
struct CIResult {
    /// The image's digest.
    let digest: Digest
    /// What the image is called, registries first; nothing where it went nowhere.
    let names: [String]
    /// Where it was pushed to; `nil` where it was not.
    let reference: String?
    /// The first archive that it was written to.
    let archive: FilePath?
    /// Its layers.
    let layers: Int
    /// Bytes of manifest, configuration and layers as they are stored.
    let size: Int64

    /// The image by its digest: `NAME@DIGEST`, as the file of names has it; the digest alone without a name.
    private var image: String {
        let name = names.first.map { ResultFiles.repository($0) + "@" } ?? ""
        return escaped("\(name)\(digest)".utf8)
    }

    // MARK: Drone

    /// Keys that Harness' steps know of its plugin for Kaniko.
    var drone: [UInt8] {
        var variables = [("digest", Array("\(digest)".utf8))]
        if let archive { variables.append(("IMAGE_TAR_PATH", archive.bytes)) }
        return QuotedVariables.lines(variables)
    }

    // MARK: GitHub

    /// Outputs of the step.
    var github: [UInt8] { Array("digest=\(digest)\nimage=\(image)\n".utf8) }

    /// A table for people, in Markdown.
    var summary: [UInt8] {
        let rows = (names.isEmpty ? ["-"] : names).map {
            "| \(Self.code($0)) | \(Self.code("\(digest)")) | \(Self.megabytes(size)) | \(layers) |\n"
        }
        return Array(
            ("\n| image | digest | size | layers |\n|---|---|---:|---:|\n" + rows.joined() + "\n").utf8)
    }

    /// A text that Markdown shows as it is: whatever could mean something is a reference to its number.
    private static func code(_ text: String) -> String {
        let shown = escaped(text.utf8).unicodeScalars.map { scalar in
            switch scalar {
            case "0"..."9", "A"..."Z", "a"..."z", ".", "-", "/", ":", "@": String(scalar)
            default: "&#\(scalar.value);"
            }
        }
        return "<code>\(shown.joined())</code>"
    }

    private static func megabytes(_ bytes: Int64) -> String {
        // Below a tenth it would be nothing.
        let tenths = max((bytes + 50_000) / 100_000, bytes > 0 ? 1 : 0)
        return "\(tenths / 10).\(tenths % 10) MB"
    }

    // MARK: GitLab

    /// Variables for the jobs that come later; there are no quotes in this form.
    var gitlab: [UInt8] { Array("IMAGE=\(image)\nIMAGE_DIGEST=\(digest)\n".utf8) }

    // MARK: Tekton

    /// The names that Chains looks for.
    static let tektonNames = ["IMAGE_URL", "IMAGE_DIGEST"]

    /// A file for each result; one that was pushed nowhere has no URL.
    var tekton: [(name: String, content: [UInt8])] {
        zip(Self.tektonNames, [reference, "\(digest)"]).compactMap { name, text in
            text.map { (name, Array(escaped($0.utf8).utf8)) }
        }
    }

    // MARK: Azure

    /// Commands for the agent, which reads them in the step's output.
    var azure: [UInt8] {
        let variables = [("digest", "\(digest)"), ("image", image)]
        return variables.flatMap { name, value in
            Array("##vso[task.setvariable variable=\(name);isOutput=true]".utf8) + Self.commandText(value)
                + [UInt8(ascii: "\n")]
        }
    }

    /// A value as the agent reads it back.
    static func commandText(_ text: String) -> [UInt8] {
        text.utf8.flatMap { byte in
            switch byte {
            case UInt8(ascii: "%"): Array("%AZP25".utf8)
            case UInt8(ascii: ";"): Array("%3B".utf8)
            case UInt8(ascii: "]"): Array("%5D".utf8)
            case UInt8(ascii: "\r"): Array("%0D".utf8)
            case UInt8(ascii: "\n"): Array("%0A".utf8)
            default: [byte]
            }
        }
    }
}

extension CIResult {
    /// What there is to tell of an image that went to these places.
    init(_ image: NewImage, as names: [ImageName], in outputs: ImageOutputs) {
        digest = image.manifest.digest
        let pushed = outputs.references.map(\.description)
        self.names = pushed + names.map(\.description).filter { !pushed.contains($0) }
        reference = pushed.first
        archive = outputs.archivePaths.first.map { Machine.absolute($0).lexicallyNormalized() }
        layers = image.layers.count
        size = image.contents.blobs.reduce(image.manifest.size) { $0 + $1.size }
    }
}
