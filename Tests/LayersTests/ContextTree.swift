import Glibc
import Linux
import OCI
import SystemPackage
import TestSupport

@testable import Layers

/// A directory that things are copied from, and what its fingerprint is.
struct ContextTree {
    let scratch: Scratch

    init(_ files: [String] = []) throws {
        scratch = try Scratch()
        try scratch.directory("context")
        try scratch.directory("store")
        try make(files)
    }

    /// Makes files: `d/` a directory, `l -> x` a link, `a = b` a further name of `b`, `f: content` a file.
    func make(_ files: [String]) throws {
        for file in files {
            let words = file.split(separator: " ").map(String.init)
            let path = "context/" + words[0]
            if words.count == 3, words[1] == "->" {
                symlink(words[2], scratch[path].string)
            } else if words.count == 3 {
                link(scratch["context/" + words[2]].string, scratch[path].string)
            } else if path.hasSuffix("/") {
                try scratch.directory(path)
            } else {
                let name = String(path.prefix { $0 != ":" })
                try scratch.directory(FilePath(name).removingLastComponent().string)
                try overwrite(name, words.dropFirst().joined(separator: " "))
            }
        }
    }

    /// Writes a file's bytes in place: it stays the same file.
    private func overwrite(_ name: String, _ content: String) throws {
        try Command(["sh", "-c", "printf %s \"$1\" > \"$2\"", "sh", content, scratch[name].string]).succeed()
    }

    /// Runs a command in the context; what it changes is older than a tick then.
    func run(_ script: String) throws {
        try Command(["sh", "-c", script]).at(scratch["context"]).succeed()
    }

    /// Waits until all files are older than a tick.
    func settle() { Machine.sleep(milliseconds: 25) }

    var source: CopySource { get throws { CopySource(try Directory.open(scratch["context"])) } }

    /// What earlier calls stored.
    func stored(_ filter: AttributeFilter? = nil) throws -> ContentDigests {
        try ContentDigests(
            of: source, in: Directory.open(scratch["store"]), filter ?? AttributeFilter())
    }

    func store(_ digests: ContentDigests) throws {
        try digests.write(in: try Directory.open(scratch["store"]))
    }

    /// The tables that are stored.
    var tables: [FilePath] {
        get throws {
            try Directory.open(scratch["store"]).names().map {
                scratch["store/" + String(decoding: $0.bytes, as: UTF8.self)]
            }
        }
    }

    static func verdict(_ path: [UInt8], _ below: [UInt8], _ isDirectory: Bool) -> CopyRules.Verdict {
        if path.contains(UInt8(ascii: "x")) { return .leftOut }
        let name = path.split(separator: 47).last ?? []
        return isDirectory && name.starts(with: "way".utf8) ? .keptForContent : .kept
    }

    /// The fingerprint, without the files whose path holds `x`; of directories named `way…` only what is in them.
    func fingerprint(
        _ paths: [String] = ["."], _ digests: ContentDigests? = nil, jobs: Int = 2,
        note: (([UInt8], [UInt8]) -> Void)? = nil
    ) throws -> Digest {
        try source.fingerprint(
            of: paths.map { Array($0.utf8) }, where: Self.verdict,
            digests ?? ContentDigests(AttributeFilter()), jobs: jobs, note: note)
    }
}
