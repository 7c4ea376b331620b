import Linux
import SystemPackage
import TestSupport
import Testing

/// A tree to pack, and a layout with an image that no failure may touch.
final class Workplace: Sendable {
    /// What the tests change.
    let scratch: Scratch
    /// The root file system.
    var tree: FilePath { scratch["tree"] }
    /// The layout that holds the image `old`.
    var layout: FilePath { scratch["work/layout"] }

    private let provenance: [String]

    /// Makes both; images get provenance where that matters.
    init(withProvenance: Bool = false) throws {
        scratch = try Scratch()
        provenance = withProvenance ? [] : ["--no-provenance"]
        try scratch.write("tree/etc/motd", "old\n")
        try scratch.write("tree/usr/lib/data", String(repeating: "varve\n", count: 20_000))
        try Command(
            [Command.varvePath.string, "pack", tree.string, "-o", "oci:\(layout):old", "-q"] + provenance
        ).succeed()
        try scratch.write("tree/etc/motd", "new\n")
    }

    /// Packs the tree as the image `new`; killed after a minute.
    func pack(_ flags: String..., to output: FilePath? = nil) -> Command {
        Command(Self.limit + words(output) + flags)
    }

    /// The same under strace(1), which looks at the given places only: a path, or the name in a call.
    func pack(under strace: [String], at places: [String] = [], to output: FilePath? = nil) -> Command {
        let trace = ["strace", "-f", "-qq", "-o", scratch["trace"].string]
        return Command(Self.limit + trace + strace + places.flatMap { ["-P", $0] } + words(output))
    }

    private func words(_ output: FilePath?) -> [String] {
        [Command.varvePath.string, "pack", tree.string, "-o", "oci:\(output ?? layout):new", "-q"]
            + provenance
    }

    private static let limit = ["timeout", "-s", "KILL", "60"]

    /// Everything but the tree: paths, kinds, permissions and content.
    ///
    /// A lock file does not count.
    func snapshot() throws -> [String] { try Self.snapshot(of: scratch["work"]) }

    /// Everything below a directory, a line an entry.
    static func snapshot(of path: FilePath) throws -> [String] {
        var lines: [String] = []
        var walk = try TreeWalk(of: Directory.open(path))
        while let entry = try walk.next() {
            guard entry.name != ".lock" else { continue }
            let status = try entry.status ?? walk.directory.status(of: entry.name)
            let content =
                status.kind == .regular
                ? try walk.directory.openFile(entry.name).readAll(limit: 1 << 28).hashValue : 0
            lines.append("\(escaped(entry.path)) \(status.kind) \(status.permissions) \(content)")
        }
        return lines
    }

    /// Runs a command that must fail with one line, and must change nothing.
    func expectRefusal(
        of command: Command, status: Int32 = 1, saying text: String,
        at place: SourceLocation = #_sourceLocation
    ) throws {
        let before = try snapshot()
        let outcome = try command.run()
        #expect(outcome.status == status, "\(outcome.errors)", sourceLocation: place)
        #expect(outcome.errors.contains(text), sourceLocation: place)
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)", sourceLocation: place)
        #expect(outcome.output == [], sourceLocation: place)
        #expect(try snapshot() == before, sourceLocation: place)
    }

    /// The file of the only layer of the image `new`.
    func layer() throws -> FilePath {
        let found = try Command(
            shell: """
                skopeo inspect --raw oci:'\(layout)':new | tr ',{}' '\\n\\n\\n' | grep -A3 image.layer | grep digest
                """
        ).succeed().line
        let hex = found.split(separator: ":").last.map { $0.filter(\.isHexDigit) } ?? ""
        return layout.appending("blobs").appending("sha256").appending(String(hex))
    }

    /// What bsdtar lists of the image's layer, a line an entry.
    func listing(_ flags: String...) throws -> [String] {
        var command = pack()
        for flag in flags { command = command.adding(flag) }
        try command.succeed()
        return try Command(["bsdtar", "--numeric-owner", "-tvf", try layer().string]).succeed().text
            .split(separator: "\n").map(String.init)
    }
}
