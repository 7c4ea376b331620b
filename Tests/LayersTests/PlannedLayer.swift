import Compression
import Glibc
import Linux
import OCI
import SystemPackage
import Tar
import TestSupport

@testable import Layers

/// A plan over an image, whose sources lie in a directory of the test's own.
struct PlannedLayer {
    let scratch: Scratch
    var plan: LayerPlan

    init(over layers: [[Member]] = [], in scratch: Scratch? = nil) throws {
        self.scratch = try scratch ?? Scratch()
        plan = LayerPlan(over: try ListedImage(layers).listing, try AttributeFilter())
        try self.scratch.directory("context")
    }

    /// Makes files: `d/` a directory, `l -> x` a link, `a = b` a further name of `b`, `f: content` a file.
    func make(_ files: [String]) throws {
        for file in files {
            let words = file.split(separator: " ").map(String.init)
            let path = "context/" + words[0]
            if words.count == 3, words[1] == "->" {
                try scratch.directory(FilePath(path).removingLastComponent().string)
                symlink(words[2], scratch[path].string)
            } else if words.count == 3 {
                link(scratch["context/" + words[2]].string, scratch[path].string)
            } else if path.hasSuffix("/") {
                try scratch.directory(path)
            } else {
                try scratch.write(String(path.prefix { $0 != ":" }), words.dropFirst().joined(separator: " "))
            }
        }
    }

    /// Copies from the context.
    mutating func copy(
        _ path: String, to destination: String, _ change: (inout CopyRules) -> Void = { _ in }
    ) throws {
        var rules = CopyRules(modified: 5)
        rules.permissions = { $0.kind == .directory ? 0o750 : 0o640 }
        change(&rules)
        let source = CopySource(try Directory.open(scratch["context"]))
        try plan.copy(Array(path.utf8), from: source, to: Array(destination.utf8), rules)
    }

    /// The layer's blob.
    func packed(
        _ compression: CompressionMethod = .none, jobs: Int = 1, latestTime: Int64? = nil
    ) throws -> (layer: Layer, blob: [UInt8]) {
        let directory = try Directory.open(scratch.path)
        let file = try TemporaryFile(in: directory)
        let layer = try packLayer(of: plan, into: file, compression, jobs: jobs, latestTime: latestTime) {
            _ in
        }
        let name = "blob-\(UInt64.random(in: .min ... .max))"
        try file.publish(as: FileName(name.utf8))
        return (layer, try content(of: scratch[name]))
    }

    /// `path kind mode owner target`, a line an entry of the layer.
    var lines: [String] {
        get throws {
            try TarMember.all(of: packed().blob).map { member in
                let kind = ["0": "file", "1": "name of", "2": "link", "5": "directory", "6": "fifo"][
                    member.type]
                let target = member.target.isEmpty ? "" : " " + String(decoding: member.target, as: UTF8.self)
                return "\(member.name) \(kind ?? "?") \(String(member.mode, radix: 8)) "
                    + "\(member.user):\(member.group)\(target)"
            }
        }
    }
}
