import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Layers

struct FileListingTests {
    @Test(
        arguments: [
            (
                "every kind of file",
                [
                    [
                        .directory("./", mode: 0o711), .directory("d", mode: 0o1777),
                        .file("d/f", "x", mode: 0o4755),
                        .link("l", to: "d/f"), .hardLink("h", to: "d/f"), .fifo("p"), .device("n", 1, 3),
                    ]
                ],
                [
                    " directory 711 0:0 ", "d directory 1777 0:0 ", "d/f regular 4755 0:0 ",
                    "h regular 4755 0:0 ",
                    "l symbolicLink 777 0:0 d/f", "n characterDevice 666 0:0 ", "p fifo 600 0:0 ",
                ]
            ),
            (
                "directories that nobody names", [[.file("a/b/f")]],
                [
                    " directory 755 0:0 ", "a directory 755 0:0 ", "a/b directory 755 0:0 ",
                    "a/b/f regular 644 0:0 ",
                ]
            ),
            (
                "an implied directory keeps what a lower layer says",
                [[.directory("a", mode: 0o700).owned(by: 7)], [.file("a/f")]],
                [" directory 755 0:0 ", "a directory 700 7:0 ", "a/f regular 644 0:0 "]
            ),
            (
                "a directory on a directory changes its attributes",
                [[.directory("a", mode: 0o700), .file("a/f")], [.directory("a", mode: 0o750).owned(by: 3)]],
                [" directory 755 0:0 ", "a directory 750 3:0 ", "a/f regular 644 0:0 "]
            ),
            (
                "names under a lower link arrive behind it",
                [
                    [.directory("usr/bin"), .link("bin", to: "usr/bin")],
                    [.file("bin/x"), .file("/var//run/./pid")],
                ],
                [
                    " directory 755 0:0 ", "bin symbolicLink 777 0:0 usr/bin", "usr directory 755 0:0 ",
                    "usr/bin directory 755 0:0 ", "usr/bin/x regular 644 0:0 ", "var directory 755 0:0 ",
                    "var/run directory 755 0:0 ", "var/run/pid regular 644 0:0 ",
                ]
            ),
            (
                "a whiteout hides lower layers alone, wherever it stands",
                [
                    [.file("d/a"), .file("d/b")],
                    [.file("d/a", mode: 0o600), .file("d/.wh.a"), .file("d/.wh.b")],
                ],
                [" directory 755 0:0 ", "d directory 755 0:0 ", "d/a regular 600 0:0 "]
            ),
            (
                "an opaque directory shows nothing of lower layers",
                [
                    [.file("d/a"), .file("d/e/b"), .file("d/e/c")],
                    [.file("d/e/c", mode: 0o600), .file("d/.wh..wh..opq")],
                ],
                [
                    " directory 755 0:0 ", "d directory 755 0:0 ", "d/e directory 755 0:0 ",
                    "d/e/c regular 600 0:0 ",
                ]
            ),
            (
                "a hard link has what its target has, also where that comes later or goes",
                [
                    [.file("a", mode: 0o600).owned(by: 5), .link("l", to: "x")],
                    [
                        .hardLink("c", to: "b"), .hardLink("b", to: "a"), .hardLink("m", to: "l"),
                        .file(".wh.a"),
                    ],
                ],
                [
                    " directory 755 0:0 ", "b regular 600 5:0 ", "c regular 600 5:0 ",
                    "l symbolicLink 777 0:0 x",
                    "m symbolicLink 777 0:0 x",
                ]
            ),
        ] as [(String, [[Member]], [String])])
    func `layers lie over each other`(title: String, layers: [[Member]], expected: [String]) throws {
        #expect(try ListedImage(layers).lines == expected, "\(title)")
    }

    @Test(
        arguments: [
            ("a path upwards", [[.file("../x")]]),
            ("a file below a file", [[.file("f"), .file("f/x")]]),
            ("a file below a lower file", [[.file("f")], [.file("f/x")]]),
            ("links in a circle", [[.link("a", to: "b"), .link("b", to: "a"), .file("a/x")]]),
            ("a root that is a file", [[.file(".")]]),
            ("a hard link to nothing", [[.hardLink("a", to: "b")]]),
            ("hard links to each other", [[.hardLink("a", to: "b"), .hardLink("b", to: "a")]]),
            ("a hard link to a directory", [[.directory("d"), .hardLink("h", to: "d")]]),
            ("a hard link to the root", [[.hardLink("h", to: "/")]]),
            ("a hard link in place of what holds its target", [[.file("d/f"), .hardLink("d", to: "d/f")]]),
            ("a whiteout of the directory itself", [[.file("d/.wh..")]]),
            ("a whiteout of the directory above", [[.file("d/.wh...")]]),
            ("a whiteout of nothing", [[.file("d/.wh.")]]),
            ("a file in a whiteout", [[.file("a")], [.file(".wh.a/b")]]),
            ("a name of 256 bytes", [[.file(String(repeating: "n", count: 256))]]),
            ("a target of 4096 bytes", [[.link("l", to: String(repeating: "t/", count: 2048))]]),
            ("a path of 4097 bytes", [[.file(String(repeating: "d/", count: 2048) + "f")]]),
        ] as [(String, [[Member]])])
    func `what cannot be extracted is not listed either`(title: String, layers: [[Member]]) throws {
        #expect(throws: LayerError.self, "\(title)") { try ListedImage(layers) }
        guard Machine.user.id == 0 else { return }
        #expect(throws: (any Error).self, "\(title)") {
            try ListedImage.extracted(layers.map(Member.tar))
        }
    }

    @Test(arguments: [UInt64](1...40))
    func `layers of any kind are listed as root extracts them`(seed: UInt64) throws {
        try Requirement.root()
        var dice = Dice(seed: seed)
        // Most images with many members at random cannot be extracted: the small ones tell more.
        for _ in 0..<5 {
            let count = Int.random(in: 2...7, using: &dice)
            let layers = try (0..<3).map { _ in try Member.tar((0..<count).map { _ in .random(&dice) }) }
            let extracted = try? ListedImage.extracted(layers)
            let image = try? ListedImage(layers)
            #expect(try image?.lines == extracted)
            guard let image else { continue }
            let again = try FileListing(bytes: image.listing.bytes)
            #expect(again.bytes == image.listing.bytes)
        }
    }

    @Test func `a whole directory of this machine is listed as root extracts it`() throws {
        try Requirement.root()
        let tar = try PackedTree("/etc") { $0.exclusion = try Exclusion(["*.sock"]) }.tar
        #expect(try ListedImage([tar, tar]).lines == ListedImage.extracted([tar, tar]))
    }

    @Test func `a layer that fails leaves the listing as it was`() throws {
        var listing = try ListedImage([[.file("a")]]).listing
        let before = listing.bytes
        #expect(throws: LayerError.self) {
            try listing.apply(StoredLayer([Member.file("b"), .file("../c")]).listing)
        }
        #expect(listing.bytes == before)
    }

    @Test func `a tree of twenty thousand levels is listed, stored, read and removed`() throws {
        // 9 links, each of which leads on from the last one's end.
        let step = String(repeating: "d/", count: 2000)
        var members: [Member] = [.directory(step), .link("l0", to: step)]
        for number in 1...9 {
            members.append(.directory("l\(number - 1)/" + step))
            members.append(.link("l\(number)", to: "l\(number - 1)/" + step))
        }
        let image = try ListedImage([members])
        #expect(image.listing.count == 20_010)
        let again = try FileListing(bytes: image.listing.bytes)
        #expect(again.bytes == image.listing.bytes)
        let gone = try ListedImage([members, [.file(".wh.d")]])
        #expect(gone.listing.count == 10)
    }

    @Test func `a stored listing of a hundred thousand levels is read and written`() throws {
        var tree = FileTree()
        var place = FileTree.root
        for _ in 0..<100_000 { place = try tree.insert([100], in: place, .unspoken, layer: 1) }
        var listing = FileListing()
        listing.tree = tree
        let again = try FileListing(bytes: listing.bytes)
        #expect(again.count == 100_000)
        #expect(again.bytes == listing.bytes)
        let path = [UInt8](String(repeating: "d/", count: 100_001).utf8)
        #expect(try again.resolve(path).missing == [[100]])
    }

    @Test func `many whiteouts of one directory take no longer than one`() throws {
        let files = (0..<3000).map { Member.file("d/\($0)") }
        let whiteouts = (0..<3000).flatMap { _ in [Member.file("d/.wh..wh..opq"), .file(".wh.d")] }
        let image = try ListedImage([[.file("d/x")], files + whiteouts])
        #expect(image.listing.count == 3001)
    }

    @Test func `a name costs less than a hundred bytes and its text`() {
        // And the table's place: four to sixteen bytes.
        #expect(MemoryLayout<FileTree.Node>.stride <= 64)
    }
}

extension Member {
    /// A member with few names to choose from, so that they meet each other.
    static func random(_ dice: inout Dice) -> Member {
        func path() -> String {
            (0..<Int.random(in: 1...3, using: &dice)).map { _ in
                ["a", "b", "c", "d"].randomElement(using: &dice) ?? "a"
            }.joined(separator: "/")
        }
        let user = UInt32.random(in: 0...9, using: &dice)
        switch Int.random(in: 0..<16, using: &dice) {
        case 0..<4: return .file(path(), mode: 0o640).owned(by: user)
        case 4..<8: return .directory(path(), mode: [0o700, 0o755].randomElement(using: &dice) ?? 0)
        case 8..<10:
            return .link(path(), to: ["/", "../", ""].randomElement(using: &dice).map { $0 + path() } ?? "a")
        case 10: return .hardLink(path(), to: path())
        case 11..<14: return .file(path() + "/.wh.a")
        case 14: return .file(".wh." + (["a", "b", "c", "d"].randomElement(using: &dice) ?? "a"))
        default: return .file(path() + "/.wh..wh..opq")
        }
    }
}
