import Linux
import SystemPackage
import TestSupport
import Testing

/// Whom the files of a layer belong to.
struct OwnerTests {
    @Test func `root keeps every owner`() throws {
        try Requirement.root()
        let scratch = try Scratch()
        #expect(try owners(tree(in: scratch), in: scratch, []) == ["0/0", "7/8", "65534/65534"])
    }

    @Test func `an owner is given to every file`() throws {
        let scratch = try Scratch()
        try scratch.write("tree/a/b")
        #expect(
            try owners(scratch["tree"], in: scratch, ["--owner", "3000000:5"]) == ["3000000/5", "3000000/5"])
    }

    @Test func `a plain user's own files become root's and others' stay`() throws {
        try Requirement.root()
        let scratch = try Scratch()
        let packed = try PackedTree(tree(in: scratch), in: scratch) { $0.asPlainUser() }
        #expect(try owners(packed) == ["0/0", "7/8", "0/0"])
        let notes = packed.errors.split(separator: "\n").filter { $0.hasPrefix("note:") }
        #expect(
            notes == [
                "note: 1 entries of user 65534, group 65534 belong to 0:0 in the layer; --keep-owner leaves them"
            ])
    }

    @Test func `a plain user keeps its owner on demand and is told nothing`() throws {
        try Requirement.root()
        let scratch = try Scratch()
        let packed = try PackedTree(tree(in: scratch), in: scratch, ["--no-provenance", "--keep-owner"]) {
            $0.asPlainUser()
        }
        #expect(try owners(packed) == ["0/0", "7/8", "65534/65534"])
        #expect(!packed.errors.contains("note:"))
    }

    @Test func `a plain user with an owner given is told nothing`() throws {
        let scratch = try Scratch()
        try scratch.write("tree/file")
        try Command(["chmod", "-R", "a+rwX", scratch.path.string]).succeed()
        let packed = try PackedTree(scratch["tree"], in: scratch, ["--no-provenance", "--owner", "1:2"]) {
            $0.asPlainUser()
        }
        #expect(!packed.errors.contains("note:"))
    }

    @Test func `an owner of no number is refused`() throws {
        try Requirement.root()
        let scratch = try Scratch()
        try scratch.write("tree/file")
        let outcome = try Command.varve(
            "pack", scratch["tree"].string, "-o", "oci:\(scratch["out"])", "--owner", "4294967295:0"
        ).run()
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("4294967295:0"))
    }

    private func tree(in scratch: Scratch) throws -> FilePath {
        for name in ["0", "1", "2"] { try scratch.write("tree/\(name)") }
        try Command(shell: "chown 7:8 1; chown 65534:65534 2").at(scratch["tree"]).succeed()
        return scratch["tree"]
    }

    private func owners(_ tree: FilePath, in scratch: Scratch, _ flags: [String]) throws -> [String] {
        try owners(PackedTree(tree, in: scratch, ["--no-provenance"] + flags))
    }

    private func owners(_ packed: PackedTree) throws -> [String] {
        try Command(["tar", "--numeric-owner", "-tvzf", packed.layer.string]).succeed().text
            .split(separator: "\n").compactMap { $0.split(separator: " ").dropFirst().first.map(String.init) }
    }
}
