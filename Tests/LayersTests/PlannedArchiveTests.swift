import Compression
import Linux
import SystemPackage
import Tar
import TestSupport
import Testing

@testable import Layers

extension PlannedLayer {
    /// Puts an archive's members into the plan; they keep their owners.
    mutating func unpack(
        _ tar: [UInt8], to destination: String, _ limits: UnpackLimits = UnpackLimits(),
        _ change: (inout CopyRules) -> Void = { _ in }
    ) throws {
        var rules = CopyRules(modified: 5)
        rules.owner = { ($0.user, $0.group) }
        change(&rules)
        let spool = try Spool(in: Directory.open(scratch.path))
        try plan.unpack(streamed(tar), to: Array(destination.utf8), into: spool, rules, limits)
    }

    mutating func unpack(
        _ members: [Member], to destination: String, _ change: (inout CopyRules) -> Void = { _ in }
    ) throws {
        try unpack(Member.tar(members), to: destination, UnpackLimits(), change)
    }
}

struct PlannedArchiveTests {
    static let base: [[Member]] = [
        [
            .directory("usr/bin", mode: 0o711), .link("bin", to: "usr/bin"),
            .directory("srv", mode: 0o700).owned(by: 7),
            .file("etc/conf", "old"), .link("var/run", to: "/run"), .directory("run"), .file("f", "image's"),
        ]
    ]

    @Test(
        arguments: [
            (
                "members as they are", "/a/b",
                [
                    .directory("d", mode: 0o1777).owned(by: 3), .file("d/f", "x", mode: 0o4755).owned(by: 4),
                    .link("l", to: "/etc"), .fifo("p"), .device("null", 1, 3), .hardLink("h", to: "d/f"),
                ],
                [
                    "a/ directory 755 0:0", "a/b/ directory 755 0:0", "a/b/d/ directory 1777 3:0",
                    "a/b/d/f file 4755 4:0", "a/b/h name of 4755 4:0 a/b/d/f", "a/b/l link 777 0:0 /etc",
                    "a/b/null ? 666 0:0", "a/b/p fifo 600 0:0",
                ]
            ),
            (
                "the archive's root changes nothing", "/srv",
                [.directory("./", mode: 0o777).owned(by: 9), .file("./g", "x")],
                ["srv/ directory 700 7:0", "srv/g file 644 0:0"]
            ),
            ("the archive's root alone", "/srv", [.directory("./", mode: 0o777)], []),
            (
                "directories that are not named", "/", [.file("x/y/z", "1")],
                ["x/ directory 755 0:0", "x/y/ directory 755 0:0", "x/y/z file 644 0:0"]
            ),
            (
                "a directory named behind its file", "/", [.file("x/z", "1"), .directory("x", mode: 0o701)],
                ["x/ directory 701 0:0", "x/z file 644 0:0"]
            ),
            (
                "usr-merge by files", "/", [.file("bin/tool", "1")],
                ["usr/ directory 755 0:0", "usr/bin/ directory 711 0:0", "usr/bin/tool file 644 0:0"]
            ),
            (
                "usr-merge by directories", "/", [.directory("bin", mode: 0o750), .file("bin/tool", "1")],
                ["usr/ directory 755 0:0", "usr/bin/ directory 750 0:0", "usr/bin/tool file 644 0:0"]
            ),
            (
                "a destination behind a link", "/var/run/x", [.file("g", "1")],
                ["run/ directory 755 0:0", "run/x/ directory 755 0:0", "run/x/g file 644 0:0"]
            ),
            (
                "an absolute name", "/srv", [.file("/etc/g", "1")],
                ["srv/ directory 700 7:0", "srv/etc/ directory 755 0:0", "srv/etc/g file 644 0:0"]
            ),
            (
                "a link that leads upwards stays in the image", "/srv",
                [.link("up", to: "../../../../etc"), .file("up/g", "1")],
                [
                    "etc/ directory 755 0:0", "etc/g file 644 0:0", "srv/ directory 700 7:0",
                    "srv/up link 777 0:0 ../../../../etc",
                ]
            ),
            (
                "a file in place of a link", "/var", [.file("run", "1")],
                ["var/ directory 755 0:0", "var/run file 644 0:0"]
            ),
            (
                "a link that changes between two files", "/",
                [.link("l", to: "srv"), .file("l/a", "1"), .link("l", to: "run"), .file("l/b", "2")],
                [
                    "l link 777 0:0 run", "run/ directory 755 0:0", "run/b file 644 0:0",
                    "srv/ directory 700 7:0", "srv/a file 644 0:0",
                ]
            ),
            (
                "hard links before their target, and over each other", "/",
                [.hardLink("c", to: "b"), .hardLink("b", to: "a"), .file("a", "1")],
                ["a file 644 0:0", "b name of 644 0:0 a", "c name of 644 0:0 a"]
            ),
            (
                "a hard link to itself", "/", [.file("a", "1"), .hardLink("a", to: "./a")],
                ["a file 644 0:0"]
            ),
            (
                "a hard link to a link", "/", [.link("l", to: "x"), .hardLink("m", to: "l")],
                ["l link 777 0:0 x", "m name of 777 0:0 l"]
            ),
            (
                "the last of two files of one name", "/", [.file("a", "1"), .file("a", "2", mode: 0o600)],
                ["a file 600 0:0"]
            ),
        ] as [(String, String, [Member], [String])])
    func `ADD puts`(title: String, destination: String, members: [Member], expected: [String]) throws {
        var layer = try PlannedLayer(over: Self.base)
        try layer.unpack(members, to: destination)
        #expect(try layer.lines == expected, "\(title)")
    }

    @Test(
        arguments: [
            ("a path upwards", "/srv", [.file("../etc/conf", "evil")]),
            ("a hard link upwards", "/srv", [.hardLink("h", to: "../etc/conf")]),
            ("a hard link to the image's file", "/", [.hardLink("h", to: "etc/conf")]),
            (
                "a hard link to the image's file by a link", "/",
                [.link("l", to: "/etc"), .hardLink("h", to: "l/conf")]
            ),
            ("a hard link to nothing", "/", [.hardLink("h", to: "nothing")]),
            ("hard links in a circle", "/", [.hardLink("a", to: "b"), .hardLink("b", to: "a")]),
            ("a hard link to a directory", "/", [.directory("d"), .hardLink("h", to: "d")]),
            ("a root that is a file", "/", [.file("./", "x")]),
            ("a link in a circle", "/", [.link("l", to: "l"), .file("l/f", "x")]),
            ("a file in a file", "/", [.file("etc/conf/x", "x")]),
            ("a file in a directory's place", "/", [.file("srv", "x")]),
            ("a link in a directory's place", "/", [.link("srv", to: "x")]),
            ("a directory in a file's place", "/", [.directory("f")]),
            ("a whiteout", "/", [.file("etc/.wh.conf")]),
            ("an opaque whiteout", "/", [.file("etc/.wh..wh..opq")]),
            ("a directory like a whiteout", "/", [.file(".wh.etc/f")]),
            ("a hard link like a whiteout", "/", [.file("a"), .hardLink(".wh.f", to: "a")]),
            ("a destination that is a file", "/etc/conf", [.file("a")]),
            ("a name too long", "/", [.file(String(repeating: "n", count: 256))]),
            (
                "a path too long", "/" + String(repeating: "d/", count: 2000),
                [
                    .file(
                        "a/very/long/way/to/go/"
                            + String(repeating: "e", count: 120))
                ]
            ),
        ] as [(String, String, [Member])])
    func `ADD refuses`(title: String, destination: String, members: [Member]) throws {
        var layer = try PlannedLayer(over: Self.base)
        #expect(throws: LayerError.self, "\(title)") { try layer.unpack(members, to: destination) }
    }

    @Test func `contents, times and attributes are the archive's`() throws {
        var layer = try PlannedLayer()
        let big = Sample.noise(2_500_000)
        try layer.unpack(
            [
                .file("small", "content").having("user.a", [0, 255]).having("trusted.b"),
                Member(
                    entry: TarEntry(
                        path: Array("big".utf8), kind: .regular(size: Int64(big.count)), permissions: 0o644,
                        modified: 77), content: big),
                .directory("d", modified: -3).having("user.d"), .file("empty"),
            ], to: "/")
        let members = try TarMember.all(of: layer.packed(latestTime: 900).blob)
        #expect(members.map(\.name) == ["big", "d/", "empty", "small"])
        #expect(members.map(\.content) == [big, [], [], Array("content".utf8)])
        #expect(members.map(\.modified) == [77, -3, 900, 900])
        #expect(members[3].record("SCHILY.xattr.user.a") == [0, 255])
        #expect(members[3].record("SCHILY.xattr.trusted.b") == nil)
        #expect(members[1].record("SCHILY.xattr.user.d") == [1])
    }

    @Test(arguments: [nil, "gzip", "bzip2", "xz", "zstd -q"])
    func `a tree that went through an archive has the bytes of the tree`(command: String?) throws {
        try Requirement.program("tar")
        var layer = try PlannedLayer()
        try layer.make([
            "b/first: content", "c = b/first", "l -> ../target", "a/z: x", "a.b: y", "a0: z", "é: w",
            "empty/",
        ])
        let context = layer.scratch["context"]
        try Directory.open(context).createFile("big").write(Sample.noise(3 << 20).span)
        try Directory.open(context).createFile("sparse").setSize(5 << 20)
        try Command(shell: "tar --sparse --format=gnu -cf - . | \(command ?? "cat") > ../a")
            .at(context).succeed()
        if let command { try Requirement.program(String(command.prefix { $0 != " " })) }
        let source = CopySource(try Directory.open(layer.scratch.path))
        #expect(try source.archiveForm(of: [97]) != nil)
        var rules = CopyRules(modified: 5)
        rules.owner = { ($0.user, $0.group) }
        let spool = try Spool(in: Directory.open(layer.scratch.path))
        try layer.plan.unpack([97], from: source, to: [47], into: spool, rules)
        let packed = try PackedTree(context) { $0.compression = .gzip(.level(6)) }
        #expect(try layer.packed(.gzip(.level(6)), jobs: 2).blob == packed.blob)
    }

    @Test func `another reader lists the layer as it lists the archive`() throws {
        try Requirement.program("bsdtar")
        var layer = try PlannedLayer()
        var link = Member.hardLink("d/h", to: "d/f").owned(by: 4)
        link.entry.permissions = 0o4755
        let tar = try Member.tar([
            .directory("d", mode: 0o1777), .file("d/f", "x", mode: 0o4755).owned(by: 4), link,
            .link("l", to: "/etc"), .fifo("p"), .device("z", 1, 3),
        ])
        try layer.unpack(tar, to: "/")
        let directory = try Directory.open(layer.scratch.path)
        try directory.createFile("one").write(tar.span)
        let blob = try layer.packed().blob
        try directory.createFile("other").write(blob.span)
        let lists = try ["one", "other"].map {
            try Command(["bsdtar", "-tvf", layer.scratch[$0].string]).succeed().text
        }
        #expect(lists[0] == lists[1])
    }

    @Test func `what is left out stays out`() throws {
        var layer = try PlannedLayer()
        try layer.unpack(
            [
                .directory("a", mode: 0o700), .file("a/x", "1"), .file("a/y", "2"), .directory("b"),
                .file("b/z", "3"),
                .directory("c", mode: 0o701), .directory("c/d", mode: 0o702), .file("c/d/e", "4"),
                .file("f", "5"),
                .directory("g"),
            ], to: "/"
        ) { rules in
            rules.verdict = { path, below, _ in
                #expect(path == below)
                switch String(decoding: path, as: UTF8.self) {
                case "b", "a/x": return .leftOut
                case "c", "c/d", "a", "g": return .keptForContent
                default: return .kept
                }
            }
        }
        #expect(
            try layer.lines == [
                "a/ directory 700 0:0", "a/y file 644 0:0", "c/ directory 701 0:0", "c/d/ directory 702 0:0",
                "c/d/e file 644 0:0", "f file 644 0:0",
            ])
    }

    @Test func `owners and modes may be others than the archive's`() throws {
        var layer = try PlannedLayer()
        try layer.unpack(
            [.directory("d").owned(by: 3), .file("d/f").owned(by: 4), .link("l", to: "x")], to: "/"
        ) {
            $0.owner = { _ in (8, 9) }
            $0.permissions = { $0.kind == .directory ? 0o710 : $0.permissions | 0o111 }
        }
        #expect(
            try layer.lines == [
                "d/ directory 710 8:9", "d/f file 755 8:9", "l link 777 8:9 x",
            ])
    }

    @Test func `limits hold`() throws {
        let tar = try Member.tar([.file("a", "123"), .file("b", "456"), .file("c")])
        var limits = UnpackLimits()
        limits.entries = 2
        var layer = try PlannedLayer()
        #expect(throws: LayerError.limit("more than 2 entries", flag: "--max-entries")) {
            try layer.unpack(tar, to: "/", limits)
        }
        limits = UnpackLimits()
        limits.bytes = 5
        #expect(throws: LayerError.limit("more than 5 bytes of files", flag: "--max-bytes")) {
            try layer.unpack(tar, to: "/", limits)
        }
    }

    @Test func `what follows the archive's end is refused`() throws {
        var layer = try PlannedLayer()
        let tar = try Member.tar([.file("a", "123")])
        #expect(throws: LayerError.self) { try layer.unpack(tar + tar, to: "/") }
        var other = try PlannedLayer()
        try other.unpack(tar + [UInt8](repeating: 0, count: 9000), to: "/")
        #expect(other.plan.count == 1)
    }

    @Test func `an archive is no link's way out, and no directory`() throws {
        var layer = try PlannedLayer()
        try layer.make(["l -> /etc/passwd", "d/", "text: x"])
        let source = CopySource(try Directory.open(layer.scratch["context"]))
        #expect(try source.archiveForm(of: Array("d".utf8)) == nil)
        #expect(try source.archiveForm(of: Array("text".utf8)) == nil)
        #expect(throws: LayerError.source("l", "there is no such file")) {
            try source.archiveForm(of: Array("l".utf8))
        }
        let spool = try Spool(in: Directory.open(layer.scratch.path))
        for name in ["d", "text", "l"] {
            #expect(throws: LayerError.self) {
                try layer.plan.unpack(
                    Array(name.utf8), from: source, to: [47], into: spool, CopyRules(modified: 5))
            }
        }
    }

    @Test func `a passwd out of an archive names the users`() throws {
        var layer = try PlannedLayer()
        try layer.unpack([.file("etc/passwd", "web:x:33:44::/:\n")], to: "/")
        #expect(layer.plan.listing.accounts.user(named: Array("web".utf8))?.group == 44)
    }

    @Test func `base and layer are what the plan's listing says`() throws {
        try Requirement.root()
        var layer = try PlannedLayer(over: Self.base)
        try layer.unpack(
            [
                .directory("bin", mode: 0o750), .file("bin/f", "x"), .hardLink("g/h", to: "bin/f"),
                .device("n", 1, 3),
                .link("etc/conf", to: "x"),
            ], to: "/")
        let tars = try Self.base.map(Member.tar) + [layer.packed().blob]
        #expect(try ListedImage(tars).lines == ListedImage.extracted(tars))
        #expect(try ListedImage(tars).listing.bytes == layer.plan.listing.bytes)
    }
}
