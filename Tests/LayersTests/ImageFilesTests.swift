import Compression
import Linux
import OCI
import SystemPackage
import Tar
import TestSupport
import Testing

@testable import Layers

/// An image whose layers are stored, so that files can be copied out of it.
private struct StoredImage {
    let files: ImageFiles
    private let layers: [StoredLayer]

    init(tars: [[UInt8]]) throws {
        layers = try tars.map { try StoredLayer($0) }
        files = try ImageFiles(layers.map(\.listing))
    }

    init(_ layers: [[Member]]) throws { try self.init(tars: layers.map(Member.tar)) }

    /// The same, listed by what was stored of a listing.
    func relisted() throws -> ImageFiles {
        try ImageFiles(layers.map(\.listing), listed: FileListing(bytes: files.listing.bytes))
    }

    /// The same, without being listed again.
    func listed() throws -> ImageFiles { try ImageFiles(layers.map(\.listing), listed: files.listing) }
}

extension ImageFiles {
    fileprivate func select(
        _ paths: [String], in scratch: Scratch,
        verdict: (_ path: [UInt8], _ below: [UInt8], _ isDirectory: Bool) -> CopyRules.Verdict = { _, _, _ in
            .kept
        }
    ) throws -> ImageSelection {
        let spool = try Spool(in: Directory.open(scratch.path))
        return try select(paths.map { Array($0.utf8) }, into: spool, AttributeFilter(), verdict: verdict)
    }

    fileprivate func fingerprint(_ paths: [String]) throws -> Digest {
        let scratch = try Scratch()
        return try select(paths, in: scratch).fingerprint
    }
}

extension PlannedLayer {
    /// Copies out of an image; files keep their owners and modes.
    fileprivate mutating func copy(
        _ path: String, from image: StoredImage, to destination: String,
        _ change: (inout CopyRules) -> Void = { _ in }
    ) throws {
        var rules = CopyRules(modified: 5)
        rules.owner = { ($0.user, $0.group) }
        change(&rules)
        let selection = try image.files.select([path], in: scratch, verdict: rules.verdict)
        try plan.copy(Array(path.utf8), from: selection, to: Array(destination.utf8), rules)
    }
}

struct ImageFilesTests {
    @Test func `a directory that no layer names had nothing, and what is not there was nothing`() throws {
        let tar = try Member.tar([.file("i/j/k", "k"), .directory("d").having("user.a", [7])])
        let files = try ImageFiles([StoredLayer(tar).listing])
        let paths = ["i", "i/j", "i/j/k", "d", "none", "i/none"].map { Array($0.utf8) }
        let found = try files.earlierFiles(at: paths, AttributeFilter())
        #expect(found.map { $0 != nil } == [true, true, true, true, false, false])
        #expect(found.map { $0?.attributes.count ?? 0 } == [0, 0, 0, 1, 0, 0])
        #expect(found.map { $0?.content != nil } == [false, false, true, false, false, false])
    }

    /// Three layers that replace, remove and link what is below.
    private static let image: [[Member]] = [
        [
            .directory("opt/app", mode: 0o750, modified: 11).owned(by: 5),
            .file("opt/app/kept", "one").owned(by: 6), .file("opt/app/gone", "x"),
            .file("opt/app/new", "old"),
            .hardLink("opt/app/twin", to: "opt/app/kept"), .link("current", to: "/opt/app"),
            .directory("opt/hidden"), .file("opt/hidden/f", "x"), .file("implicit/d/f", "z"),
        ],
        [
            .file("opt/app/.wh.gone"), .file("opt/app/new", "new", mode: 0o600).having("user.a", [7]),
            .file("opt/hidden/.wh..wh..opq"), .file("opt/hidden/g", "y"), .device("opt/app/null", 1, 3),
            .fifo("opt/app/pipe").owned(by: 3), .link("opt/app/link", to: "../x"),
        ],
        [.hardLink("opt/app/third", to: "opt/app/kept"), .directory("opt/app/empty", modified: 44)],
    ]

    @Test(arguments: LayerPlanTests.copies)
    func `COPY --from puts what COPY puts`(
        title: String, files: [String], source: String, destination: String, expected: [String]
    ) throws {
        var (one, other) = (
            try PlannedLayer(over: LayerPlanTests.base), try PlannedLayer(over: LayerPlanTests.base)
        )
        try one.make(files)
        try one.copy(source, to: destination)
        let packed = try PackedTree(one.scratch["context"]) { $0.compression = .none }
        try other.copy(source, from: StoredImage(tars: [packed.blob]), to: destination) {
            $0.owner = { _ in (0, 0) }
            $0.permissions = { $0.kind == .directory ? 0o750 : 0o640 }
        }
        #expect(try other.lines == expected, "\(title)")
        #expect(try one.packed().blob == other.packed().blob, "\(title)")
    }

    @Test func `layers over each other give what is there at last`() throws {
        let image = try StoredImage(Self.image)
        var layer = try PlannedLayer()
        try layer.copy("opt", from: image, to: "/")
        #expect(
            try layer.lines == [
                "app/ directory 750 5:0", "app/empty/ directory 755 0:0", "app/kept file 644 6:0",
                "app/link link 777 0:0 ../x", "app/new file 600 0:0", "app/null ? 666 0:0",
                "app/pipe fifo 600 3:0",
                "app/third name of 644 6:0 app/kept", "app/twin name of 644 6:0 app/kept",
                "hidden/ directory 755 0:0", "hidden/g file 644 0:0",
            ])
        let members = try TarMember.all(of: layer.packed().blob)
        let found = members.map { "\($0.name) \($0.modified) " + String(decoding: $0.content, as: UTF8.self) }
        #expect(
            found.prefix(5) == [
                "app/ 11 ", "app/empty/ 44 ", "app/kept 1000 one", "app/link 0 ", "app/new 1000 new",
            ])
        #expect(members[4].record("SCHILY.xattr.user.a") == [7])
        #expect(members[5].device == (1, 3))
    }

    @Test(
        arguments: [
            ("current/new", "/f", ["f file 600 0:0"]),
            ("/current/../app/twin", "/x/", ["x/ directory 755 0:0", "x/twin file 644 6:0"]),
            (
                "current", "/a",
                [
                    "a/ directory 755 0:0", "a/empty/ directory 755 0:0", "a/kept file 644 6:0",
                    "a/link link 777 0:0 ../x",
                    "a/new file 600 0:0", "a/null ? 666 0:0", "a/pipe fifo 600 3:0",
                    "a/third name of 644 6:0 a/kept",
                    "a/twin name of 644 6:0 a/kept",
                ]
            ),
            ("implicit", "/", ["d/ directory 755 0:0", "d/f file 644 0:0"]),
        ] as [(String, String, [String])])
    func `paths are followed in the image`(path: String, destination: String, expected: [String]) throws {
        var layer = try PlannedLayer()
        try layer.copy(path, from: StoredImage(Self.image), to: destination)
        #expect(try layer.lines == expected)
    }

    @Test(
        arguments: [
            ("nothing", "there is no such file"), ("opt/app/gone", "there is no such file"),
            ("opt/hidden/f", "there is no such file"),
            ("opt/app/kept/x", "it leads through what is no directory"),
            ("circle", "it leads over more than 40 links"),
        ])
    func `a path that leads nowhere is refused`(path: String, reason: String) throws {
        let image = try StoredImage(Self.image + [[.link("circle", to: "circle")]])
        var layer = try PlannedLayer()
        #expect(throws: LayerError.source(FilePath(path), reason)) {
            try layer.copy(path, from: image, to: "/")
        }
    }

    @Test func `what was not selected, or is left out, is not copied`() throws {
        let image = try StoredImage(Self.image)
        var layer = try PlannedLayer()
        let selection = try image.files.select(["opt"], in: layer.scratch)
        #expect(throws: LayerError.source("current", "it was not selected")) {
            try layer.plan.copy(Array("current".utf8), from: selection, to: [47], CopyRules(modified: 5))
        }
        #expect(throws: LayerError.source("opt", "an ignore file or --exclude names it")) {
            try layer.copy("opt", from: image, to: "/") { $0.verdict = { _, _, _ in .leftOut } }
        }
        var told: [String] = []
        try layer.copy("opt", from: image, to: "/") {
            $0.verdict = { path, below, isDirectory in
                told.append(String(decoding: path, as: UTF8.self))
                switch String(decoding: below, as: UTF8.self) {
                case "app", "hidden": return .keptForContent
                case "app/new", "": return .kept
                default: return .leftOut
                }
            }
        }
        #expect(told.first == "opt" && told.contains("opt/app/kept"))
        #expect(try layer.lines == ["app/ directory 750 5:0", "app/new file 600 0:0"])
    }

    @Test func `layers without what is wanted are not read again`() throws {
        let image = try StoredImage(Self.image)
        let scratch = try Scratch()
        let spool = try Spool(in: Directory.open(scratch.path))
        var bytes = 0
        _ = try image.files.select(
            [Array("opt/app/empty".utf8), Array("opt/app/third".utf8)], into: spool, AttributeFilter(),
            progress: { bytes += $0 })
        let tars = try Self.image.map(Member.tar)
        #expect(bytes == tars[0].count)
    }

    @Test func `a listing that was stored is made anew, and one of the layers is taken`() throws {
        let image = try StoredImage(Self.image)
        let expected = try image.files.fingerprint(["opt", "current/new"])
        #expect(try image.relisted().fingerprint(["opt", "current/new"]) == expected)
        #expect(try image.listed().fingerprint(["opt", "current/new"]) == expected)
        let plan = LayerPlan(over: image.files.listing, try AttributeFilter())
        #expect(plan.listing.ends == nil)
    }

    @Test func `enumerating finds what a pattern may want`() throws {
        let listing = try StoredImage(Self.image).files.listing
        var entered: [String] = []
        let paths = listing.paths {
            entered.append(String(decoding: $0, as: UTF8.self))
            return !$0.starts(with: "implicit".utf8)
        } where: { path, entry in
            entry.kind == .symbolicLink || path.starts(with: "implicit/d".utf8)
        }
        #expect(paths.map { String(decoding: $0, as: UTF8.self) } == ["current", "opt/app/link"])
        #expect(entered == ["implicit", "opt", "opt/app", "opt/app/empty", "opt/hidden"])
    }

    private static let tree: [Member] = [
        .directory("d", mode: 0o750), .file("d/a", "content"), .hardLink("d/b", to: "d/a"),
        .link("d/l", to: "x"), .device("d/n", 1, 3), .file("d/z", "content").having("user.a", [1]),
    ]

    private static let changes: [(title: String, isSame: Bool, change: @Sendable (inout [Member]) -> Void)] =
        [
            ("nothing", true, { _ in }),
            (
                "times", true,
                {
                    $0[1].entry.modified = 7
                    $0[0].entry.modified = 8
                }
            ),
            ("the directory's own mode", true, { $0[0].entry.permissions = 0o700 }),
            ("an attribute that is not kept", true, { $0[5] = $0[5].having("trusted.b") }),
            ("what is not selected", true, { $0.append(.file("e", "x")) }),
            ("content", false, { $0[1] = .file("d/a", "Content") }),
            ("mode", false, { $0[1].entry.permissions = 0o600 }),
            ("user", false, { $0[1].entry.user = 1 }),
            ("group", false, { $0[1].entry.group = 1 }),
            ("target", false, { $0[3] = .link("d/l", to: "y") }),
            ("kind", false, { $0[3] = .file("d/l", "x") }),
            ("device", false, { $0[4] = .device("d/n", 1, 5) }),
            ("attribute's value", false, { $0[5].entry.attributes[0].value = [2] }),
            ("attribute's name", false, { $0[5].entry.attributes[0].name.append(98) }),
            ("name", false, { $0[5].entry.path[2] = 121 }),
            ("a name of its own", false, { $0[2] = .file("d/b", "content") }),
            ("a name of another", false, { $0[5] = .hardLink("d/z", to: "d/a") }),
            ("one more", false, { $0.append(.directory("d/e")) }),
        ]

    @Test(arguments: changes.indices)
    func `a fingerprint says what makes other layers`(number: Int) throws {
        let (title, isSame, change) = Self.changes[number]
        var members = Self.tree
        change(&members)
        let (one, other) = (try StoredImage([Self.tree]), try StoredImage([members]))
        let isEqual = try one.files.fingerprint(["d"]) == other.files.fingerprint(["d"])
        #expect(isEqual == isSame, "\(title)")
    }

    @Test func `a fingerprint does not know layers, but paths`() throws {
        let one = try StoredImage([Self.tree])
        let other = try StoredImage([
            [.file("d/a", "old"), .file("d/gone")], Array(Self.tree[0...4]),
            [Self.tree[5], .file("d/.wh.gone")],
        ])
        #expect(try one.files.fingerprint(["d"]) == other.files.fingerprint(["/d/."]))
        #expect(try one.files.fingerprint(["d/a"]) != one.files.fingerprint(["d/b"]))
        #expect(try one.files.fingerprint(["d/a", "d/z"]) != one.files.fingerprint(["d/z", "d/a"]))
    }

    @Test func `a layer that is not what it was is refused`() throws {
        let (one, other) = (
            try StoredLayer(Self.tree), try StoredLayer([.file("d"), .file("x"), .file("y")])
        )
        let listing = try ImageFiles([one.listing]).listing
        let scratch = try Scratch()
        var plan = LayerPlan(over: FileListing(), try AttributeFilter())
        let wrong = try ImageFiles([other.listing], listed: listing)
        #expect(throws: LayerError.self) {
            let selection = try wrong.select(["d"], in: scratch)
            try plan.copy(Array("d".utf8), from: selection, to: [47], CopyRules(modified: 1))
        }
    }

    @Test func `base and layer are what the plan's listing says`() throws {
        try Requirement.root()
        var layer = try PlannedLayer(over: LayerPlanTests.base)
        try layer.copy("opt/app", from: StoredImage(Self.image), to: "/srv")
        let tars = try LayerPlanTests.base.map(Member.tar) + [layer.packed().blob]
        #expect(try ListedImage(tars).lines == ListedImage.extracted(tars))
        #expect(try ListedImage(tars).listing.bytes == layer.plan.listing.bytes)
    }

    @Test func `a passwd out of an image names the users`() throws {
        var layer = try PlannedLayer()
        try layer.copy("etc", from: StoredImage([[.file("etc/passwd", "web:x:33:44::/:\n")]]), to: "/etc")
        #expect(layer.plan.listing.accounts.user(named: Array("web".utf8))?.group == 44)
    }
}
