import Glibc
import Linux
import SystemPackage
import Tar
import TestSupport
import Testing

@testable import Layers

/// An archive that was unpacked into a directory beside another one that nobody may touch.
private struct UnpackedContext {
    let scratch: Scratch
    let summary: UnpackSummary

    init(_ members: [Member], by command: String? = nil, _ limits: UnpackLimits = UnpackLimits()) throws {
        scratch = try Scratch()
        try scratch.directory("root")
        try scratch.write("outside/f", "untouched")
        summary = try unpackTree(
            from: streamed(archive(Member.tar(members), by: command)),
            into: Directory.open(scratch["root"]), limits)
    }

    /// `path kind mode time`, a line an entry.
    var lines: [String] {
        get throws {
            var lines: [String] = []
            var walk = try TreeWalk(of: Directory.open(scratch["root"]))
            while let entry = try walk.next() {
                let status = try walk.directory.status(of: entry.name)
                let mode = status.kind == .symbolicLink ? "" : " " + String(status.permissions, radix: 8)
                lines.append("\(escaped(entry.path)) \(status.kind)\(mode) \(status.modified.seconds)")
            }
            return lines
        }
    }
}

struct UnpackedContextTests {
    @Test(arguments: [nil, "gzip", "bzip2", "xz", "zstd -q"])
    func `a context is what the archive holds`(command: String?) throws {
        let context = try UnpackedContext(
            [
                .directory("./", mode: 0o700, modified: 5), .directory("d", mode: 0o500, modified: 7),
                .file("d/f", "content", mode: 0o4751).owned(by: 77), .hardLink("h", to: "d/f"),
                .link("l", to: "../outside"), .fifo("p"), .device("null", 1, 3),
            ], by: command)
        #expect(
            try context.lines.filter { !$0.hasPrefix("l ") } == [
                "d directory 700 7", "d/f regular 4751 1000", "h regular 4751 1000", "p fifo 600 1000",
            ])
        #expect(try text(of: context.scratch["root/d/f"]) == "content")
        #expect(context.summary.devicesLeftOut == 1)
        let status = try Directory.open(context.scratch["root/d"]).status(of: "f")
        #expect(status.user == Machine.user.id && status.links == 2)
    }

    @Test func `names of whiteouts are names like others`() throws {
        let context = try UnpackedContext([
            .file("a/f", "x"), .file("a/.wh.f", "y"), .file("a/.wh..wh..opq", "z"), .file(".wh.", "e"),
            .file(".wh.d/in", "w"),
        ])
        #expect(
            try context.lines.map { String($0.prefix { $0 != " " }) } == [
                ".wh.", ".wh.d", ".wh.d/in", "a", "a/.wh..wh..opq", "a/.wh.f", "a/f",
            ])
        #expect(try text(of: context.scratch["root/a/f"]) == "x")
    }

    @Test(
        arguments: [
            ("a path upwards", [.file("../outside/f", "evil")]),
            ("a path upwards, late", [.file("a/../../outside/f", "evil")]),
            ("a hard link to outside", [.hardLink("h", to: "../outside/f")]),
            ("a hard link to nothing", [.hardLink("h", to: "outside/f")]),
        ] as [(String, [Member])])
    func `a hostile context is refused`(title: String, members: [Member]) throws {
        let error = #expect(throws: LayerError.self, "\(title)") { try UnpackedContext(members) }
        #expect(error?.description.hasPrefix("cannot copy given: its member ") == true, "\(title)")
    }

    @Test(arguments: ["/outside", "../outside", "../../../../../outside"])
    func `a link that an archive made leads nowhere outside`(target: String) throws {
        let context = try UnpackedContext([
            .link("l", to: target), .file("l/f", "evil"), .link("f", to: target + "/f"), .file("f", "evil"),
        ])
        #expect(try text(of: context.scratch["outside/f"]) == "untouched")
        #expect(try text(of: context.scratch["root/outside/f"]) == "evil")
    }

    @Test func `limits hold`() throws {
        var limits = UnpackLimits()
        limits.entries = 2
        #expect(throws: LayerError.self) {
            try UnpackedContext([.file("a"), .file("b"), .file("c")], by: nil, limits)
        }
        limits = UnpackLimits()
        limits.bytes = 5
        #expect(throws: LayerError.self) {
            try UnpackedContext([.file("a", "123"), .file("b", "456")], by: nil, limits)
        }
    }
}
