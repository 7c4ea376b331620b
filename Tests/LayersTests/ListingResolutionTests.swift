import Linux
import Testing

@testable import Layers

struct ListingResolutionTests {
    private let listing: FileListing

    init() throws {
        listing = try ListedImage([
            [
                .directory("usr/bin"), .link("bin", to: "usr/bin"), .directory("run"), .directory("var"),
                .link("var/run", to: "/run"), .link("up", to: "../../../usr"), .link("circle", to: "circle"),
                .link("nowhere", to: "missing/deep"), .file("usr/file"), .link("back", to: "usr/bin/.."),
                .link("toFile", to: "usr/file"), .link("turn", to: "missing/../usr/bin"),
            ]
        ]).listing
    }

    @Test(
        arguments: [
            ("", "", []), ("/", "", []), ("/..", "", []), ("../../usr", "usr", []),
            (".//usr/./bin/", "usr/bin", []),
            ("bin", "usr/bin", []), ("/bin/x", "usr/bin", ["x"]), ("var/run/x/y", "run", ["x", "y"]),
            ("up/bin/../file", "usr/file", []), ("nowhere", "", ["missing", "deep"]),
            ("nowhere/x", "", ["missing", "deep", "x"]), ("back/bin", "usr/bin", []),
            ("toFile", "usr/file", []),
            ("a/b/../c", "", ["a", "c"]), ("a/../bin/x", "usr/bin", ["x"]), ("turn/x", "usr/bin", ["x"]),
            ("a/../..", "", []),
        ] as [(String, String, [String])])
    func `a path leads where it does for a process in the image`(
        path: String, real: String, missing: [String]
    ) throws {
        let found = try listing.resolve(Array(path.utf8))
        #expect(found.path == Array(real.utf8))
        #expect(found.missing == missing.map { Array($0.utf8) })
    }

    @Test(arguments: [
        ("bin", "bin"), ("var/run", "var/run"), ("up/bin", "usr/bin"), ("circle", "circle"),
        ("bin/..", "usr"),
        ("toFile", "toFile"),
    ])
    func `a link at the end stays where it is not to be followed`(path: String, real: String) throws {
        let found = try listing.resolve(Array(path.utf8), followingLast: false)
        #expect(found.path == Array(real.utf8))
        #expect(found.missing.isEmpty)
    }

    @Test(arguments: [
        ("usr/file/x", "usr/file is no directory"), ("toFile/..", "usr/file is no directory"),
        ("circle", "it leads over more than 40 links"),
    ])
    func `a path that leads through a file or in circles is refused`(path: String, reason: String) {
        #expect(throws: LayerError.place(FileListing.filePath(Array(path.utf8)), reason)) {
            try listing.resolve(Array(path.utf8))
        }
    }
}
