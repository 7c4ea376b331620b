import Linux
import SystemPackage
import Tar
import TestSupport

@testable import Layers

/// A member of a layer that a test writes down: the kind, and what a file holds.
struct Member: Sendable {
    var entry: TarEntry
    var content: [UInt8] = []

    static func file(_ path: String, _ content: String = "", mode: UInt32 = 0o644) -> Member {
        Member(
            entry: TarEntry(
                path: Array(path.utf8), kind: .regular(size: Int64(content.utf8.count)), permissions: mode,
                user: 0, group: 0, modified: 1000),
            content: Array(content.utf8))
    }
    static func directory(_ path: String, mode: UInt32 = 0o755, modified: Int64 = 1000) -> Member {
        Member(
            entry: TarEntry(path: Array(path.utf8), kind: .directory, permissions: mode, modified: modified))
    }
    static func link(_ path: String, to target: String) -> Member {
        Member(
            entry: TarEntry(
                path: Array(path.utf8), kind: .symbolicLink(target: Array(target.utf8)), permissions: 0o777))
    }
    static func hardLink(_ path: String, to target: String) -> Member {
        Member(
            entry: TarEntry(
                path: Array(path.utf8), kind: .hardLink(target: Array(target.utf8)), permissions: 0o644))
    }
    static func device(_ path: String, _ major: UInt32, _ minor: UInt32) -> Member {
        Member(
            entry: TarEntry(
                path: Array(path.utf8), kind: .characterDevice(major: major, minor: minor),
                permissions: 0o666,
                modified: 1000))
    }
    static func fifo(_ path: String) -> Member {
        Member(entry: TarEntry(path: Array(path.utf8), kind: .fifo, permissions: 0o600, modified: 1000))
    }

    /// The same, somebody else's.
    func owned(by user: UInt32) -> Member {
        var member = self
        member.entry.user = user
        return member
    }

    /// The same, with an attribute.
    func having(_ name: String, _ value: [UInt8] = [1]) -> Member {
        var member = self
        member.entry.attributes.append((Array(name.utf8), value))
        return member
    }

    /// The tar of these members.
    static func tar(_ members: [Member]) throws -> [UInt8] {
        var writer = try TarWriter()
        for member in members {
            try writer.begin(member.entry)
            if !member.content.isEmpty { try writer.write(member.content.span) }
            try writer.endMember()
        }
        try writer.finish()
        return writer.take(reserving: 0)
    }
}

/// Layers that were extracted into an empty directory, beside a directory that nobody may touch.
struct ExtractedTree {
    let scratch: Scratch
    let summary: UnpackSummary

    init(_ layers: [[UInt8]], in given: Scratch? = nil, _ change: (inout UnpackOptions) -> Void = { _ in })
        throws
    {
        scratch = try given ?? Scratch()
        try scratch.directory("root")
        var options = try UnpackOptions()
        change(&options)
        var extractor = TreeExtractor(into: try Directory.open(scratch["root"]), options)
        for layer in layers {
            var chunks = [layer][...]
            var reader = try TarReader { chunks.popFirst() }
            try extractor.apply(&reader)
        }
        try extractor.finish()
        if !options.keepsOwners {
            let table = try TemporaryFile(in: Directory.open(scratch.path))
            try extractor.writeOwners(to: table)
            try table.publish(as: "owners")
        }
        summary = extractor.summary
    }

    init(_ layers: [[Member]]) throws { try self.init(layers.map(Member.tar)) }

    /// The owner table's lines, in the order of the alphabet.
    var owners: [String] {
        get throws {
            try String(
                decoding: Directory.open(scratch.path).openFile("owners").readAll(limit: 1 << 20),
                as: UTF8.self
            )
            .split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#mtree") && !$0.hasPrefix("# ") }
            .sorted()
        }
    }

    /// `path kind mode time content`, a line an entry.
    var lines: [String] {
        get throws {
            var lines: [String] = []
            var walk = try TreeWalk(of: Directory.open(scratch["root"]))
            while let entry = try walk.next() {
                let status = try entry.status ?? walk.directory.status(of: entry.name)
                let rest =
                    switch status.kind {
                    case .regular:
                        " "
                            + String(
                                decoding: try walk.directory.openFile(entry.name).readAll(limit: 1 << 20),
                                as: UTF8.self)
                    case .symbolicLink:
                        " -> "
                            + String(decoding: try walk.directory.linkTarget(of: entry.name), as: UTF8.self)
                    default: ""
                    }
                let mode = status.kind == .symbolicLink ? "" : " " + String(status.permissions, radix: 8)
                lines.append("\(escaped(entry.path)) \(status.kind)\(mode)\(rest)")
            }
            return lines
        }
    }
}
