import Glibc
import Linux
import SystemPackage
import Tar
import TestSupport
import Testing

@testable import Layers

struct TreeExtractorTests {
    @Test func `every kind of member is made as the layer says`() throws {
        let tree = try ExtractedTree([
            [
                .directory("d", mode: 0o1777), .file("d/f", "content", mode: 0o4755),
                .link("d/l", to: "../x"),
                .hardLink("h", to: "d/f"), .fifo("p"),
            ]
        ])
        #expect(
            try tree.lines == [
                "d directory 1777", "d/f regular 4755 content", "d/l symbolicLink -> ../x",
                "h regular 4755 content", "p fifo 600",
            ])
        let first = try Directory.open(tree.scratch["root/d"]).status(of: "f")
        let second = try Directory.open(tree.scratch["root"]).status(of: "h")
        #expect(first.identity == second.identity)
        #expect(first.modified == FileStatus.Time(seconds: 1000, nanoseconds: 0))
    }

    @Test func `a directory keeps its time although files are made in it later`() throws {
        let tree = try ExtractedTree([
            [.directory("d", modified: 77), .file("d/a")], [.file("d/b")],
        ])
        #expect(try Directory.open(tree.scratch["root/d"]).status().modified.seconds == 77)
    }

    @Test func `directories that no member names are made, with a time that is always the same`() throws {
        let tree = try ExtractedTree([[.file("a/b/f", "x")]])
        #expect(try tree.lines == ["a directory 755", "a/b directory 755", "a/b/f regular 644 x"])
        #expect(try Directory.open(tree.scratch["root/a"]).status().modified.seconds == 0)
    }

    @Test func `a directory without permissions takes its members first`() throws {
        let tree = try ExtractedTree([
            [.directory("d", mode: 0o500), .file("d/f"), .directory("d/e", mode: 0o555), .file("d/e/g")]
        ])
        #expect(try tree.lines.contains { $0.hasPrefix("d/e/g regular") })
        #expect(try Directory.open(tree.scratch["root"]).status(of: "d").permissions & 0o077 == 0)
    }

    @Test func `the root's own member sets the root`() throws {
        let tree = try ExtractedTree([[.directory("./", mode: 0o711, modified: 5), .file("./f")]])
        let status = try Directory.open(tree.scratch["root"]).status()
        #expect(status.permissions == 0o711)
        #expect(status.modified.seconds == 5)
        #expect(try tree.lines == ["f regular 644 "])
    }

    @Test(
        arguments: [
            ("C12 the last of two members wins", [[.file("f", "1"), .file("f", "2")]], ["f regular 644 2"]),
            (
                "C13 a directory takes a link's place",
                [[.directory("real"), .link("d", to: "real")], [.directory("d"), .file("d/f", "x")]],
                ["d directory 755", "d/f regular 644 x", "real directory 755"]
            ),
            (
                "C13 a link takes a directory's place, with all in it",
                [[.directory("real"), .directory("d"), .file("d/f")], [.link("d", to: "real")]],
                ["d symbolicLink -> real", "real directory 755"]
            ),
            (
                "a file takes a directory's place",
                [[.directory("d/e/f")], [.file("d", "x")]], ["d regular 644 x"]
            ),
            (
                "a directory takes a file's place", [[.file("d")], [.directory("d"), .file("d/f")]],
                ["d directory 755", "d/f regular 644 "]
            ),
            (
                "C14 a file over a hard link leaves the other name alone",
                [[.file("a", "old"), .hardLink("b", to: "a")], [.file("b", "new")]],
                ["a regular 644 old", "b regular 644 new"]
            ),
            (
                "C4 a hard link before its target",
                [[.hardLink("b", to: "a"), .hardLink("c", to: "b"), .file("a", "x")]],
                ["a regular 644 x", "b regular 644 x", "c regular 644 x"]
            ),
            (
                "a hard link to a lower layer's file", [[.file("a", "x")], [.hardLink("b", to: "a")]],
                ["a regular 644 x", "b regular 644 x"]
            ),
            (
                "a hard link to a link is the link", [[.link("l", to: "nowhere"), .hardLink("h", to: "l")]],
                ["h symbolicLink -> nowhere", "l symbolicLink -> nowhere"]
            ),
            (
                "a hard link to its own file by another way is nothing",
                [[.file("d/a", "x"), .link("l", to: "d"), .hardLink("d/a", to: "l/a")]],
                ["d directory 755", "d/a regular 644 x", "l symbolicLink -> d"]
            ),
            (
                "a hard link to itself is nothing", [[.file("a", "x"), .hardLink("a", to: "./a")]],
                ["a regular 644 x"]
            ),
            (
                "members through a link of a lower layer arrive behind it",
                [[.directory("usr/lib"), .link("lib", to: "usr/lib")], [.file("lib/f", "x")]],
                [
                    "lib symbolicLink -> usr/lib", "usr directory 755", "usr/lib directory 755",
                    "usr/lib/f regular 644 x",
                ]
            ),
            (
                "an absolute link leads within the tree, also where its target is still to be made",
                [[.directory("var"), .link("var/run", to: "/run"), .file("var/run/pid", "1")]],
                [
                    "run directory 755", "run/pid regular 644 1", "var directory 755",
                    "var/run symbolicLink -> /run",
                ]
            ),
            (
                "names with slashes and dots at odd places", [[.file("/a//./b", "x")]],
                ["a directory 755", "a/b regular 644 x"]
            ),
            ("C18 the same layer twice", [[.file("a", "x")], [.file("a", "x")]], ["a regular 644 x"]),
            ("C19 no members at all", [[]], []),
            (
                "C15 names that differ by case", [[.file("A"), .file("a")]],
                ["A regular 644 ", "a regular 644 "]
            ),
        ] as [(String, [[Member]], [String])])
    func `layers lie over each other`(title: String, layers: [[Member]], expected: [String]) throws {
        #expect(try ExtractedTree(layers).lines == expected, "\(title)")
    }

    @Test(
        arguments: [
            ("C2 a whiteout", [[.file("a"), .file("b")], [.file(".wh.a")]], ["b regular 644 "]),
            (
                "C2 a whiteout of a directory", [[.directory("d"), .file("d/f")], [.file(".wh.d")]], []
            ),
            (
                "C2 an opaque directory",
                [
                    [.directory("d/e"), .file("d/f"), .file("g")],
                    [.directory("d"), .file("d/.wh..wh..opq"), .file("d/n")],
                ],
                ["d directory 755", "d/n regular 644 ", "g regular 644 "]
            ),
            (
                "C2 a whiteout spares its own layer, also behind the member",
                [[.file("a", "old")], [.file("a", "new"), .file(".wh.a")]], ["a regular 644 new"]
            ),
            (
                "C2 an opaque whiteout behind the members spares them",
                [
                    [.directory("d/low"), .file("d/low/x"), .file("d/f")],
                    [.file("d/mine/deep/n", "x"), .file("d/.wh..wh..opq")],
                ],
                [
                    "d directory 755", "d/mine directory 755", "d/mine/deep directory 755",
                    "d/mine/deep/n regular 644 x",
                ]
            ),
            (
                "C2 a whiteout of what is not there", [[.file("a")], [.file(".wh.b"), .file("x/.wh.y")]],
                ["a regular 644 "]
            ),
            ("C2 a whiteout in the lowest layer", [[.file("a"), .file(".wh.a")]], ["a regular 644 "]),
            (
                "aufs' own files are no files",
                [[.file("a"), .file(".wh..wh.aufs"), .directory(".wh..wh.plnk")]], ["a regular 644 "]
            ),
            (
                "a whiteout removes a link, not what it leads to",
                [[.file("a", "x"), .link("l", to: "a")], [.file(".wh.l")]], ["a regular 644 x"]
            ),
            (
                "a whiteout spares its own layer, also what came through a link",
                [
                    [.directory("d"), .file("d/old"), .link("l", to: "d")],
                    [.file("l/new"), .file("d/.wh..wh..opq")],
                ],
                ["d directory 755", "d/new regular 644 ", "l symbolicLink -> d"]
            ),
            (
                "an opaque whiteout spares its own layer's link to a lower file",
                [[.file("d/a", "x")], [.hardLink("d/b", to: "d/a"), .file("d/.wh..wh..opq")]],
                ["d directory 755", "d/b regular 644 x"]
            ),
            (
                "what lies in aufs' own directories is none of the tree's",
                [[.file(".wh..wh.plnk/12.3"), .file("a")]], ["a regular 644 "]
            ),
            (
                "what was removed and made again is the new one's",
                [
                    [.directory("d", mode: 0o700), .file("d/f")], [.file(".wh.d")],
                    [.directory("d", mode: 0o711)],
                ],
                ["d directory 711"]
            ),
        ] as [(String, [[Member]], [String])])
    func `whiteouts remove what lower layers have`(title: String, layers: [[Member]], expected: [String])
        throws
    {
        #expect(try ExtractedTree(layers).lines == expected, "\(title)")
    }

    @Test(
        arguments: [
            ("1 upwards", [.file("../victim/f", "x")]),
            ("1 upwards within", [.file("a/../../victim/f", "x")]),
            ("3 a hard link upwards", [.hardLink("h", to: "../victim/secret")]),
            ("4 the root as a link", [.link("./", to: "/etc")]),
            ("4 the root as a file", [.file(".", "x")]),
            ("5 a whiteout of nothing", [.file("d/.wh.")]),
            ("5 a whiteout of the directory", [.file("d/.wh..")]),
            ("5 a whiteout of the directory above", [.file("d/.wh...")]),
            ("5 a file in a whiteout", [.file("d/.wh.e/f")]),
            ("a hard link in place of its target's directory", [.file("d/f"), .hardLink("d", to: "d/f")]),
            ("a hard link to nothing", [.hardLink("h", to: "absent")]),
            ("hard links in a circle", [.hardLink("a", to: "b"), .hardLink("b", to: "a")]),
        ] as [(String, [Member])])
    func `members that reach too far are refused by name`(title: String, members: [Member]) throws {
        let scratch = try Scratch()
        try scratch.write("victim/secret", "kept")
        #expect("\(title)") { () throws in
            _ = try ExtractedTree([Member.tar(members)], in: scratch)
        } throws: { error in
            guard case .hostile = error as? LayerError else { return false }
            return true
        }
        #expect(try text(of: scratch["victim/secret"]) == "kept")
        #expect(try Directory.open(scratch["victim"]).names() == ["secret"])
    }

    @Test(
        arguments: [
            ("2 through a link upwards", [.link("l", to: "../victim"), .file("l/f", "x")]),
            ("2 through an absolute link", [.link("l", to: "VICTIM"), .file("l/f", "x")]),
            (
                "2 through a chain of links",
                [.link("a", to: ".."), .link("b", to: "a/victim"), .file("b/f", "x")]
            ),
            ("2 over a link to a file", [.link("secret", to: "VICTIM/secret"), .file("secret", "x")]),
            (
                "3 a hard link through a link",
                [
                    .link("l", to: "VICTIM"), .file("l/secret", "x"), .hardLink("h", to: "l/secret"),
                    .file("h", "y"),
                ]
            ),
            ("5 a whiteout through a link", [.link("l", to: "VICTIM"), .file("l/.wh.secret")]),
            ("6 a directory whose name begins alike", [.link("l", to: "../root-evil"), .file("l/f")]),
        ] as [(String, [Member])])
    func `links never lead out of the tree`(title: String, members: [Member]) throws {
        let scratch = try Scratch()
        try scratch.write("victim/secret", "kept")
        try scratch.directory("root-evil")
        let victim = Array(scratch["victim"].string.utf8)
        let layers = try [[Member.file("first")], members].map { members in
            try Member.tar(
                members.map { member in
                    var member = member
                    if case .symbolicLink(let target) = member.entry.kind, target.starts(with: "VICTIM".utf8)
                    {
                        member.entry.kind = .symbolicLink(target: victim + target.dropFirst(6))
                    }
                    return member
                })
        }
        _ = try ExtractedTree(layers, in: scratch)
        #expect(try text(of: scratch["victim/secret"]) == "kept", "\(title)")
        #expect(try Directory.open(scratch["victim"]).names() == ["secret"], "\(title)")
        #expect(try Directory.open(scratch["root-evil"]).names() == [], "\(title)")
    }

    @Test func `links in a circle are an error`() throws {
        #expect(throws: FileError.self) {
            _ = try ExtractedTree([[.link("a", to: "b"), .link("b", to: "a"), .file("a/f")]])
        }
    }

    @Test(
        arguments: [
            ("as it is", [[.device("null", 1, 3)]], ["./null type=char device=native,1,3"]),
            ("beyond 255", [[.device("x", 259, 70_000)]], ["./x type=char device=native,259,70000"]),
            (
                "through a link",
                [[.directory("run"), .link("var", to: "run"), .device("var/x", 1, 3)]],
                ["./run/x type=char device=native,1,3"]
            ),
            (
                "with another name", [[.device("a", 1, 3), .hardLink("b", to: "a")]],
                ["./a type=char device=native,1,3", "./b type=char device=native,1,3"]
            ),
            ("removed", [[.device("dev/null", 1, 3)], [.file("dev/.wh.null")]], []),
            ("removed with its directory", [[.device("dev/null", 1, 3)], [.file(".wh.dev")]], []),
            ("removed with all there is", [[.device("dev/null", 1, 3)], [.file("dev/.wh..wh..opq")]], []),
            ("replaced", [[.device("null", 1, 3)], [.file("null")]], []),
            ("replaced with its directory", [[.device("dev/null", 1, 3)], [.file("dev")]], []),
            (
                "spared by its own layer's whiteout",
                [[.file("dev/x")], [.device("dev/null", 1, 3), .file("dev/.wh..wh..opq")]],
                ["./dev/null type=char device=native,1,3"]
            ),
        ] as [(String, [[Member]], [String])])
    func `a plain user's device is in the table, and nothing of it in the tree`(
        title: String, layers: [[Member]], expected: [String]
    ) throws {
        let tree = try ExtractedTree(layers)
        #expect(
            try tree.owners.filter { $0.contains("type=char") }
                == expected.map { "\($0) time=1000.0 uid=0 gid=0 mode=0666" }, "\(title)")
        #expect(tree.summary.devicesLeftOut == expected.count, "\(title)")
        #expect(try tree.lines.allSatisfy { !$0.contains("null") || title == "replaced" }, "\(title)")
    }

    @Test(
        arguments: [
            (
                "a file through a link",
                [[.directory("d"), .link("l", to: "d"), .file("l/f").owned(by: 5)]], "./d/f type=file uid=5"
            ),
            ("a hard link", [[.file("a").owned(by: 5), .hardLink("b", to: "a")]], "./b type=file uid=5"),
            (
                "a file made anew", [[.file("a").owned(by: 5)], [.file("a").owned(by: 6)]],
                "./a type=file uid=6"
            ),
            ("a directory", [[.directory("d").owned(by: 5), .file("d/f")]], "./d type=dir uid=5"),
            (
                "a directory that is named twice", [[.directory("d").owned(by: 5)], [.directory("d")]],
                "./d type=dir uid=0"
            ),
            ("a directory without a member", [[.file("d/f").owned(by: 5)]], "./d type=dir uid=0"),
            ("the root", [[.directory("./").owned(by: 5), .file("f")]], ". type=dir uid=5"),
        ] as [(String, [[Member]], String)])
    func `a plain user's table has the owner of`(title: String, layers: [[Member]], expected: String) throws {
        let lines = try ExtractedTree(layers).owners
        #expect(lines.contains { $0.hasPrefix(expected + " ") }, "\(title): \(lines)")
    }

    @Test func `a device's attributes are in the table, and a table's attributes are bounded`() throws {
        let tree = try ExtractedTree([[.device("x", 1, 3).having("user.note", [65])]])
        #expect(try tree.owners.contains("#varve xattr ./x 757365722e6e6f7465=41"))
        let value = [UInt8](repeating: 1, count: 60_000)
        #expect(throws: LayerError.self) {
            _ = try ExtractedTree([(0..<1200).map { Member.directory("d\($0)").having("user.a", value) }])
        }
    }

    @Test func `a directory that only a link leads to has a time that is always the same`() throws {
        let tree = try ExtractedTree([[.link("l", to: "far/away"), .file("l/f")]])
        for directory in ["far", "far/away"] {
            let status = try Directory.open(tree.scratch["root"].appending(directory)).status()
            #expect(status.modified.seconds == 0 && status.permissions == 0o755)
        }
    }

    @Test func `a link's attribute that nobody may set is left out and counted`() throws {
        try Requirement.root()
        let tree = try ExtractedTree([Member.tar([Member.link("l", to: "x").having("user.a")])]) {
            $0.keepsOwners = true
        }
        #expect(try tree.lines == ["l symbolicLink -> x"])
        #expect(tree.summary.attributesLeftOut == 1)
    }

    @Test func `root makes devices, owners and capabilities`() throws {
        try Requirement.root()
        let capability = Array<UInt8>([1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        var file = Member.file("ping", "x", mode: 0o6755)
        (file.entry.user, file.entry.group) = (1234, 70_000)
        file.entry.attributes = [
            (Array("security.capability".utf8), capability), (Array("security.selinux".utf8), [65]),
        ]
        let device = Member(
            entry: TarEntry(
                path: Array("null".utf8), kind: .characterDevice(major: 1, minor: 3), permissions: 0o666))
        let tree = try ExtractedTree([Member.tar([file, device])]) { $0.keepsOwners = true }
        let root = try Directory.open(tree.scratch["root"])
        let status = try root.status(of: "ping")
        #expect((status.user, status.group) == (1234, 70_000))
        #expect(status.permissions == 0o6755)
        let attributes = try root.openFile("ping").extendedAttributes { _ in true }
        #expect(attributes == [ExtendedAttribute(name: Array("security.capability".utf8), value: capability)])
        #expect(try root.status(of: "null").deviceNumber == (1, 3))
        #expect(try root.status(of: "null").permissions == 0o666)
    }

    @Test func `layers that come one by one leave directories as old as all at once`() throws {
        let layers: [[Member]] = [
            [
                .directory(".", modified: 900), .directory("a", modified: 1000),
                .directory("b", modified: 1001),
                .file("a/f"), .file("b/f"), .file("i/j/k"), .directory("c", modified: 1002),
            ],
            [.file("a/g"), .file("b/.wh.f"), .file("i/j/l"), .file("i/new/k"), .file("x")],
            [.directory("c/d", modified: 1003), .file("c/d/e"), .directory("i/new", modified: 1004)],
        ]
        let scratch = try Scratch()
        for name in ["at once", "one by one"] { try scratch.directory(name) }
        func extract(_ layers: [[Member]], to name: String, wasEmpty: Bool) throws {
            var extractor = TreeExtractor(
                into: try Directory.open(scratch[name]), try UnpackOptions(), wasEmpty: wasEmpty)
            for layer in layers {
                var chunks = [try Member.tar(layer)][...]
                var reader = try TarReader { chunks.popFirst() }
                try extractor.apply(&reader)
            }
            try extractor.finish()
        }
        func times(_ name: String) throws -> [String] {
            let script = "find . -type d -printf '%P %T@\\n' | sort"
            return try Command(shell: script).at(scratch[name]).succeed().text.split(separator: "\n").map {
                String($0.prefix { $0 != "." })
            }
        }
        try extract(layers, to: "at once", wasEmpty: true)
        for (number, layer) in layers.enumerated() {
            try extract([layer], to: "one by one", wasEmpty: number == 0)
        }
        let expected = [" 900", "a 1000", "b 1001", "c 1002", "c/d 1003", "i 0", "i/j 0", "i/new 1004"]
        #expect(try times("at once") == expected)
        #expect(try times("one by one") == expected)
    }

    @Test func `limits end the work by name`() throws {
        func expectLimit(_ flag: String, _ layers: [[Member]], _ change: (inout UnpackOptions) -> Void) {
            #expect("\(flag)") { () throws in
                _ = try ExtractedTree(layers.map(Member.tar), change)
            } throws: { error in
                guard case .limit(_, flag) = error as? LayerError else { return false }
                return true
            }
        }
        expectLimit("--max-entries", [[.file("a"), .file("b")], [.file("c")]]) { $0.limits.entries = 2 }
        expectLimit("--max-bytes", [[.file("a", "12345")], [.file("b", "123456")]]) { $0.limits.bytes = 10 }
        expectLimit("--max-path", [[.file("a/b/c/d")]]) { $0.limits.pathLength = 6 }
    }
}
