import Compression
import Glibc
import Linux
import SystemPackage
import Tar
import TestSupport
import Testing

@testable import Layers

struct LayerPlanTests {
    /// A base as most are: usr-merge, and a few links more.
    static let base: [[Member]] = [
        [
            .directory("usr/bin"), .link("bin", to: "usr/bin"), .directory("run", mode: 0o711),
            .directory("var"), .link("var/run", to: "/run"), .directory("srv", mode: 0o700).owned(by: 7),
            .file("etc/conf"), .link("etc/link", to: "/srv/target"), .link("etc/nowhere", to: "/new/place"),
            .directory("srv/sub", mode: 0o777).owned(by: 8),
        ]
    ]

    /// What COPY makes of sources over ``base``.
    static let copies: [(String, [String], String, String, [String])] = [
        ("a file to a path", ["f: x"], "f", "/a/b", ["a/ directory 755 0:0", "a/b file 640 0:0"]),
        (
            "a file into a directory by its slash", ["f: x"], "f", "/a/",
            ["a/ directory 755 0:0", "a/f file 640 0:0"]
        ),
        (
            "a file into a directory by its dot", ["f: x"], "f", "/a/.",
            ["a/ directory 755 0:0", "a/f file 640 0:0"]
        ),
        (
            "a file into a directory that is there", ["f: x"], "f", "srv",
            ["srv/ directory 700 7:0", "srv/f file 640 0:0"]
        ),
        ("a file into the root", ["f: x"], "f", "/", ["f file 640 0:0"]),
        ("a file into the root by a dot", ["f: x"], "f", ".", ["f file 640 0:0"]),
        (
            "a file over a file", ["f: x"], "f", "/etc/conf",
            ["etc/ directory 755 0:0", "etc/conf file 640 0:0"]
        ),
        (
            "usr-merge", ["f: x"], "f", "/bin/x",
            ["usr/ directory 755 0:0", "usr/bin/ directory 755 0:0", "usr/bin/x file 640 0:0"]
        ),
        (
            "into a directory behind a link", ["f: x"], "f", "/bin",
            ["usr/ directory 755 0:0", "usr/bin/ directory 755 0:0", "usr/bin/f file 640 0:0"]
        ),
        (
            "an absolute link on the way", ["f: x"], "f", "/var/run/x/y",
            ["run/ directory 711 0:0", "run/x/ directory 755 0:0", "run/x/y file 640 0:0"]
        ),
        (
            "over what a link leads to", ["f: x"], "f", "/etc/link",
            ["srv/ directory 700 7:0", "srv/target file 640 0:0"]
        ),
        (
            "to what is still to be made behind a link", ["f: x"], "f", "/etc/nowhere",
            ["new/ directory 755 0:0", "new/place file 640 0:0"]
        ),
        ("a path upwards", ["f: x"], "f", "../../srv/../a", ["a file 640 0:0"]),
        (
            "a directory's content to a new directory", ["d/f: x", "d/e/g: y"], "d", "/a",
            ["a/ directory 755 0:0", "a/e/ directory 750 0:0", "a/e/g file 640 0:0", "a/f file 640 0:0"]
        ),
        (
            "a directory's content over another's", ["d/f: x", "d/sub/g: y"], "d/", "/srv",
            [
                "srv/ directory 700 7:0", "srv/f file 640 0:0", "srv/sub/ directory 750 0:0",
                "srv/sub/g file 640 0:0",
            ]
        ),
        (
            "a directory onto a link to one", ["d/bin/f: x"], "d", "/",
            ["usr/ directory 755 0:0", "usr/bin/ directory 750 0:0", "usr/bin/f file 640 0:0"]
        ),
        ("an empty directory", ["d/"], "d", "/a/b", ["a/ directory 755 0:0", "a/b/ directory 755 0:0"]),
        ("an empty directory onto one that is there", ["d/"], "d", "/srv", []),
        (
            "a file in place of a link below the destination", ["d/var/run: x"], "d", "/",
            ["var/ directory 750 0:0", "var/run file 640 0:0"]
        ),
        (
            "a source behind links", ["real/f: x", "l -> real", "m -> l/f"], "m", "/a/",
            ["a/ directory 755 0:0", "a/m file 640 0:0"]
        ),
        (
            "an absolute link in the source stays below its root",
            ["real/f: x", "l -> /real/../../real"], "l/f", "/g", ["g file 640 0:0"]
        ),
        (
            "links within a source stay links", ["d/l -> /etc/passwd", "d/m -> nowhere"], "d", "/a/",
            ["a/ directory 755 0:0", "a/l link 777 0:0 /etc/passwd", "a/m link 777 0:0 nowhere"]
        ),
        (
            "names of one file", ["d/a: x", "d/b = d/a", "d/c = d/a"], "d", "/",
            ["a file 640 0:0", "b name of 640 0:0 a", "c name of 640 0:0 a"]
        ),
        (
            "names with bytes that sort around the slash", ["d/a/z: x", "d/a.b: x", "d/a0: x", "d/B: x"],
            "d", "/",
            [
                "B file 640 0:0", "a/ directory 750 0:0", "a/z file 640 0:0", "a.b file 640 0:0",
                "a0 file 640 0:0",
            ]
        ),
    ]

    @Test(arguments: copies)
    func `COPY puts`(title: String, files: [String], source: String, destination: String, expected: [String])
        throws
    {
        var layer = try PlannedLayer(over: Self.base)
        try layer.make(files)
        try layer.copy(source, to: destination)
        #expect(try layer.lines == expected, "\(title)")
    }

    @Test(
        arguments: [
            (
                "a source that is not there", ["f: x"], "g", "/a",
                LayerError.source("g", "there is no such file")
            ),
            (
                "a source below a file", ["f: x"], "f/g", "/a",
                .source("f/g", "it leads through what is no directory")
            ),
            ("a source in a circle", ["l -> l"], "l", "/a", .source("l", "it leads over more than 40 links")),
            (
                "a directory over a file", ["d/f: x"], "d", "/etc/conf",
                .place("etc/conf", "etc/conf is no directory")
            ),
            (
                "a file below a file", ["f: x"], "f", "/etc/conf/a",
                .place("etc/conf/a", "etc/conf is no directory")
            ),
            (
                "a file into a file", ["f: x"], "f", "/etc/conf/",
                .place("etc/conf", "etc/conf is no directory")
            ),
            (
                "a file over a directory", ["srv: x"], "srv", "/",
                .place("srv", "a directory is there, and a file cannot take its place")
            ),
            (
                "a file over a directory below", ["d/sub: x"], "d", "/srv",
                .place("srv/sub", "a directory is there, and a file cannot take its place")
            ),
            (
                "a directory over a file below", ["d/conf/f: x"], "d", "/etc",
                .place("etc/conf", "what is there is no directory, and a directory cannot take its place")
            ),
            (
                "a directory over a link to nothing", ["d/nowhere/f: x"], "d", "/etc",
                .place("etc/nowhere", "what is there is no directory, and a directory cannot take its place")
            ),
            ("a whiteout's name", ["d/.wh.a: x"], "d", "/a", .whiteoutName("a/.wh.a")),
            (
                "a whiteout's name as destination", ["f: x"], "f", "/.wh..wh..opq",
                .whiteoutName(".wh..wh..opq")
            ),
            ("a whiteout's name on the way", ["f: x"], "f", "/.wh.a/f", .whiteoutName(".wh.a")),
        ] as [(String, [String], String, String, LayerError)])
    func `COPY refuses`(
        title: String, files: [String], source: String, destination: String, expected: LayerError
    ) throws {
        var layer = try PlannedLayer(over: Self.base)
        try layer.make(files)
        #expect(throws: expected, "\(title)") { try layer.copy(source, to: destination) }
    }

    @Test func `a tree that is planned has the bytes of a tree that is packed`() throws {
        var layer = try PlannedLayer()
        try layer.make([
            "b/first: content", "c = b/first", "l -> ../target", "a/z: x", "a.b: y", "a0: z", "é: \u{fffd}",
            "empty/",
        ])
        let context = layer.scratch["context"]
        let big = Sample.noise(3 << 20)
        try Directory.open(context).createFile("big").write(big.span)
        let sparse = try Directory.open(context).createFile("sparse")
        try sparse.setSize(5 << 20)
        for number in 0..<40 {
            try Directory.open(context).createFile(FileName("n\(number)".utf8))
                .write(Sample.noise(30_000 + number, seed: UInt64(number)).span)
        }
        mkfifo(layer.scratch["context/p"].string, 0o600)
        chmod(layer.scratch["context/a0"].string, 0o4755)
        try layer.copy("", to: "/") {
            $0.owner = { ($0.user, $0.group) }
            $0.permissions = { $0.permissions }
        }
        for jobs in [1, 2, 5] {
            let packed = try PackedTree(context) { $0.jobs = jobs }
            let planned = try layer.packed(.gzip(.level(6)), jobs: jobs)
            let method = try PackedTree(context) { $0.compression = .gzip(.level(6)) }
            #expect(planned.layer.diffID == packed.layer.diffID)
            #expect(planned.blob == method.blob)
            #expect(planned.layer.contents.entries == packed.layer.contents.entries)
        }
    }

    @Test(
        "what can only be a directory is told by its end",
        arguments: [
            ("/a", false), ("/a/", true), ("/a/.", true), ("/a/..", true), ("/", true), ("/a/..b", false),
        ])
    func meansDirectory(path: String, expected: Bool) {
        #expect(LayerPlan.isNamedAsDirectory(Array(path.utf8)) == expected)
    }

    @Test func `the layer makes of the base what the plan's listing says`() throws {
        try Requirement.root()
        var layer = try PlannedLayer(over: Self.base)
        try layer.make(["d/bin/f: x", "d/srv/sub/g: y", "d/l -> x", "d/h = d/bin/f", "e/sh -> f", "f: z"])
        try layer.copy("d", to: "/")
        try layer.copy("e", to: "/bin")
        try layer.copy("f", to: "/var/run/f")
        try layer.plan.makeDirectory(Array("/made/dir".utf8), .init(permissions: 0o755, modified: 3))
        let tars = try Self.base.map(Member.tar) + [layer.packed().blob]
        #expect(try ListedImage(tars).lines == ListedImage.extracted(tars))
        #expect(try ListedImage(tars).listing.bytes == layer.plan.listing.bytes)
    }

    @Test func `umoci makes of base and layer what the plan's listing says`() throws {
        try Requirement.root()
        try Requirement.program("umoci")
        var layer = try PlannedLayer(over: Self.base)
        try layer.make(["d/bin/f: x", "d/srv/sub/g: y", "d/l -> x", "d/h = d/bin/f"])
        try layer.copy("d", to: "/")
        let directory = try Directory.open(layer.scratch.path)
        let tars = try Self.base.map(Member.tar) + [layer.packed().blob]
        var line = "umoci init --layout i && umoci new --image i:t"
        for (number, tar) in tars.enumerated() {
            try directory.createFile(FileName("\(number).tar".utf8)).write(tar.span)
            line += " && umoci raw add-layer --image i:t \(number).tar"
        }
        try Command(shell: line + " && umoci unpack --image i:t b").at(layer.scratch.path).succeed()
        let rootfs = try Directory.open(layer.scratch["b/rootfs"])
        #expect(try ListedImage(tars).lines == ListedImage.lines(of: rootfs))
    }

    @Test func `another reader sees the same names`() throws {
        try Requirement.program("bsdtar")
        var layer = try PlannedLayer()
        try layer.make(["d/a/f: x", "d/l -> a", "d/h = d/a/f"])
        try layer.copy("d", to: "/opt/")
        let (_, blob) = try layer.packed()
        try Directory.open(layer.scratch.path).createFile("layer.tar").write(blob.span)
        let names = try Command(["bsdtar", "-tf", layer.scratch["layer.tar"].string]).succeed().text
        #expect(names.split(separator: "\n") == ["opt/", "opt/a/", "opt/a/f", "opt/h", "opt/l"])
    }

    @Test func `several sources see each other, and the last one wins`() throws {
        var layer = try PlannedLayer()
        try layer.make(["one/a: 1", "one/b = one/a", "two/a: 2", "f: 3"])
        try layer.copy("one", to: "/d/")
        try layer.copy("two", to: "/d/")
        try layer.copy("f", to: "/d")
        let members = try TarMember.all(of: layer.packed().blob)
        #expect(members.map(\.name) == ["d/", "d/a", "d/b", "d/f"])
        #expect(members.map { String(decoding: $0.content, as: UTF8.self) } == ["", "2", "1", "3"])
    }

    @Test func `what is left out stays out, but for what is taken in again`() throws {
        var layer = try PlannedLayer()
        try layer.make(["s/a/x: 1", "s/a/y: 2", "s/b/z: 3", "s/c/d/e: 4", "s/f: 5"])
        var told: [String] = []
        try layer.copy("s", to: "/") { rules in
            rules.verdict = { path, below, isDirectory in
                told.append(String(decoding: path, as: UTF8.self) + (isDirectory ? "/" : ""))
                switch String(decoding: below, as: UTF8.self) {
                case "b", "a/x": return .leftOut
                case "c", "c/d", "a": return .keptForContent
                default: return .kept
                }
            }
        }
        #expect(told == ["s/", "s/a/", "s/a/x", "s/a/y", "s/b/", "s/c/", "s/c/d/", "s/c/d/e", "s/f"])
        #expect(
            try layer.lines == [
                "a/ directory 750 0:0", "a/y file 640 0:0", "c/ directory 750 0:0", "c/d/ directory 750 0:0",
                "c/d/e file 640 0:0", "f file 640 0:0",
            ])
        var other = try PlannedLayer(in: layer.scratch)
        try other.copy("s/c", to: "/") {
            $0.verdict = { _, _, isDirectory in isDirectory ? .keptForContent : .leftOut }
        }
        #expect(other.plan.count == 0)
        #expect(throws: LayerError.source("s", "an ignore file or --exclude names it")) {
            try other.copy("s", to: "/") { $0.verdict = { _, _, _ in .leftOut } }
        }
    }

    @Test func `owners, modes and times are the rules'`() throws {
        var layer = try PlannedLayer()
        try layer.make(["d/f: x", "d/e/"])
        try layer.copy("d", to: "/a/b") { rules in
            rules.owner = { $0.kind == .directory ? (1, 2) : (3, 4) }
            rules.parents = CopyRules.Attributes(user: 5, group: 6, permissions: 0o711, modified: 9)
        }
        #expect(
            try layer.lines == [
                "a/ directory 711 5:6", "a/b/ directory 711 5:6", "a/b/e/ directory 750 1:2",
                "a/b/f file 640 3:4",
            ])
        let members = try TarMember.all(of: layer.packed(latestTime: 100).blob)
        #expect(members.map(\.modified) == [9, 9, 100, 100])
        #expect(throws: LayerError.owner("g", .max)) {
            try layer.copy("d/f", to: "/g") { $0.owner = { _ in (.max, 0) } }
        }
    }

    @Test func `sockets are left out and counted`() throws {
        var layer = try PlannedLayer()
        try layer.make(["d/f: x"])
        mknod(layer.scratch["context/d/s"].string, S_IFSOCK | 0o600, 0)
        try layer.copy("d", to: "/")
        let contents = try layer.packed().layer.contents
        #expect(contents.sockets == 1 && contents.firstSocket == "d/s" && contents.entries == 1)
    }

    @Test(arguments: ["another: file", "f: grown", "touch", "link", "gone"])
    func `a file that changes after it was planned is refused`(change: String) throws {
        var layer = try PlannedLayer()
        try layer.make(["d/f: x", "d/g: y"])
        try layer.copy("d", to: "/")
        let file = layer.scratch["context/d/f"]
        switch change {
        case "another: file":
            rename(layer.scratch["context/d/g"].string, file.string)
        case "f: grown":
            try Command(shell: "echo more >> \(file.string)").succeed()
        case "touch":
            try Command(["touch", "-d", "@77", file.string]).succeed()
        case "link":
            unlink(file.string)
            symlink("/etc/passwd", file.string)
        default: unlink(file.string)
        }
        #expect {
            try layer.packed()
        } throws: { error in
            if case LayerError.changed = error { true } else { false }
        }
    }

    @Test func `a directory that becomes a link leads nowhere outside`() throws {
        var layer = try PlannedLayer()
        try layer.make(["d/e/f: x"])
        try layer.scratch.write("outside/f", "secret")
        try layer.copy("d", to: "/")
        rename(layer.scratch["context/d/e"].string, layer.scratch["context/old"].string)
        symlink(layer.scratch["outside"].string, layer.scratch["context/d/e"].string)
        #expect(throws: LayerError.self) { try layer.packed() }
    }

    @Test func `extended attributes are kept as packing keeps them`() throws {
        var layer = try PlannedLayer()
        try layer.make(["d/e/f: x"])
        for name in ["d/e", "d/e/f"] {
            let outcome = try Command([
                "setfattr", "-n", "user.a", "-v", "1", layer.scratch["context/\(name)"].string,
            ]).run()
            if outcome.status != 0 { try Test.cancel("no extended attributes here") }
        }
        try layer.copy("d", to: "/")
        let members = try TarMember.all(of: layer.packed().blob)
        #expect(members.map { $0.record("SCHILY.xattr.user.a") } == [[49], [49]])
    }

    @Test func `a passwd that is copied in names the users`() throws {
        var layer = try PlannedLayer(over: [[.file("etc/passwd", "old:x:1:1::/:\n")]])
        try layer.make(["passwd: web:x:33:44::/:"])
        try layer.copy("passwd", to: "/etc/")
        #expect(layer.plan.listing.accounts.user(named: Array("web".utf8))?.user == 33)
        #expect(layer.plan.listing.accounts.user(named: Array("old".utf8)) == nil)
        let parents = CopyRules.Attributes(permissions: 0o755, modified: 0)
        try layer.plan.addFile(
            Array("app:x:5:5::/:\n".utf8), named: Array("passwd".utf8), to: Array("/etc/passwd".utf8),
            CopyRules.Attributes(permissions: 0o644, modified: 0), parents: parents)
        #expect(layer.plan.listing.accounts.user(named: Array("app".utf8))?.group == 5)
        #expect(layer.plan.count == 2)
    }

    @Test func `a directory that is there needs no layer, and a file in its way is refused`() throws {
        var layer = try PlannedLayer(over: Self.base)
        let attributes = CopyRules.Attributes(permissions: 0o755, modified: 0)
        try layer.plan.makeDirectory(Array("/var/run/".utf8), attributes)
        #expect(layer.plan.count == 0)
        #expect(throws: LayerError.place("etc/conf", "etc/conf is no directory")) {
            try layer.plan.makeDirectory(Array("/etc/conf".utf8), attributes)
        }
    }

    @Test func `content in memory is cut as a file of the same bytes is`() throws {
        var (one, other) = (try PlannedLayer(), try PlannedLayer())
        let bytes = Sample.noise(2_500_000)
        try Directory.open(one.scratch["context"]).createFile("f").write(bytes.span)
        try one.copy("f", to: "/") { $0.permissions = { _ in 0o644 } }
        let attributes = CopyRules.Attributes(permissions: 0o644, modified: 1)
        try other.plan.addFile(bytes, named: [102], to: [47], attributes, parents: attributes)
        #expect(
            try one.packed(.gzip(.level(1)), jobs: 2, latestTime: 1).blob
                == other.packed(.gzip(.level(1)), jobs: 3, latestTime: 1).blob)
    }
}
