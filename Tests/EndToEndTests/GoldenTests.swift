import SystemPackage
import TestSupport
import Testing

/// Digests that must never change: images that were built long ago are compared with them.
struct GoldenTests {
    private static let flags = ["--no-provenance", "--owner", "0:0", "--platform", "linux/amd64"]

    @Test(arguments: ["gzip", "zstd", "none"])
    func `the diff ID of a tree is fixed for ever`(compression: String) throws {
        #expect(
            try pack(["--compression", compression]).diffID
                == "sha256:a56f44d33d007ef68f6b350bd5935f2b37819663380f88977503a038a519407c")
    }

    @Test(arguments: [
        (
            "libdeflate 1.14 ", [String](),
            "sha256:513296a97780215094411844cd63a298f5757a093712a7429befb631a5374d8a"
        ),
        (
            "libdeflate 1.14 ", ["--compression-level", "1"],
            "sha256:8ee4c5703b149ec911ed5c0c9bffa1b51b2a569afb6f4e27d33be93dcfe2db00"
        ),
        (
            "libdeflate 1.14 ", ["--compression-level", "12"],
            "sha256:fe1b0d4a051eb0d1f1eaef58bdf9f3e3c3d81c2f93714c5b97ffeebd760f236c"
        ),
        (
            "libzstd 1.5.4", ["--compression", "zstd"],
            "sha256:5973a43ff7f0cae9001ab594a13b514d89a441cf53a796ae785f197397d6c194"
        ),
        (
            "libzstd 1.5.4", ["--compression", "zstd", "--compression-level", "19"],
            "sha256:bee41424363b55ab18fc0dd4c65112986ebd3e7545f15b863b02970db351b379"
        ),
        (
            "varve", ["--compression", "none"],
            "sha256:6b49f806f5a550943ef5c15fea79754543c721ef78dad58838ed013ce90bfa31"
        ),
    ])
    func `the manifest's digest is fixed for a version of the compressor`(
        library: String, flags: [String], digest: String
    ) throws {
        let versions = try Command.varve("--version").succeed().text.split(separator: "\n")
        guard versions.contains(where: { "\($0) ".hasPrefix(library) }) else {
            try Test.cancel("the digest is known for \(library) alone")
        }
        #expect(try pack(flags).digest == digest)
    }

    private func pack(_ flags: [String]) throws -> PackedTree {
        let scratch = try Scratch()
        try SmallTree.make(at: scratch.directory("tree"))
        return try PackedTree(scratch["tree"], in: scratch, Self.flags + flags)
    }
}
