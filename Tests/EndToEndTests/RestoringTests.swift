import Linux
import SystemPackage
import TestSupport
import Testing

/// umoci makes the tree again, and nothing about it has changed.
struct RestoringTests {
    @Test(arguments: TreeCase.all + TreeCase.attributes)
    func `umoci restores the tree from an uncompressed layer`(_ tree: TreeCase) throws {
        try expectRestored(tree, compression: "none")
    }

    @Test func `umoci restores all of it from one gzip layer`() throws {
        let scratch = try Scratch()
        try expectRestored(try TreeCase.makeAll(in: scratch), in: scratch, compression: "gzip")
    }

    @Test func `a plain user's umoci restores what a plain user packed`() throws {
        try Requirement.root()
        try Requirement.program("umoci")
        let scratch = try Scratch()
        let original = try TreeCase.makeAll(in: scratch, isPlain: true)
        try Command(["chown", "-hR", "65534:65534", scratch.path.string]).succeed()
        // chown took the bits away.
        try Command(shell: "find . -name setuid -exec chmod u+s {} +").at(original).succeed()
        let packed = try PackedTree(original, in: scratch) { $0.asPlainUser() }
        try Command(["umoci", "unpack", "--rootless", "--image", packed.reference, scratch["bundle"].string])
            .asPlainUser().with("HOME", scratch.path.string).succeed()
        let restored = try TreeListing(of: scratch["bundle/rootfs"])
        let differences = restored.differences(from: try TreeListing(of: original))
        #expect(differences == [])
    }

    @Test func `an attribute of 64 KiB is restored`() throws {
        try Requirement.program("setfattr")
        // ext4 stops at a block; tmpfs takes as much as the kernel allows.
        let scratch = try Scratch(in: "/dev/shm")
        try scratch.write("tree/file")
        let value = String(repeating: "QUJD", count: 65536 / 3) + "RA=="
        let set = Command(["setfattr", "-n", "user.large", "-v", "0s\(value)", scratch["tree/file"].string])
        guard try set.run().status == 0 else {
            try Test.cancel("\(scratch.path) takes no attribute of 64 KiB")
        }
        try expectRestored(scratch["tree"], in: scratch, compression: "none")
    }

    private func expectRestored(_ tree: TreeCase, compression: String) throws {
        let scratch = try Scratch()
        try expectRestored(try tree.make(in: scratch), in: scratch, compression: compression)
    }

    private func expectRestored(_ original: FilePath, in scratch: Scratch, compression: String) throws {
        try Requirement.program("umoci")
        let packed = try PackedTree(
            original, in: scratch, ["--no-provenance", "--compression", compression])
        let mode = Machine.user.id == 0 ? [] : ["--rootless"]
        try Command(
            ["umoci", "unpack"] + mode + ["--image", packed.reference, scratch["bundle"].string]
        ).succeed()
        let restored = try TreeListing(of: scratch["bundle/rootfs"])
        let differences = restored.differences(from: try TreeListing(of: original))
        #expect(differences == [])
    }
}
