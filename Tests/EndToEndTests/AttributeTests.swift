import SystemPackage
import TestSupport
import Testing

/// Which extended attributes a layer keeps, as its pax headers spell them.
struct AttributeTests {
    @Test func `only what an image can use is kept`() throws {
        try Requirement.root()
        let scratch = try Scratch()
        let packed = try PackedTree(try tree(in: scratch), in: scratch, Self.flags)
        #expect(try keys(packed) == ["SCHILY.xattr.user.mine"])
    }

    @Test(arguments: [
        (["trusted.*"], ["SCHILY.xattr.trusted.secret", "SCHILY.xattr.user.mine"]),
        (["user.overlay.opaque"], ["SCHILY.xattr.user.mine", "SCHILY.xattr.user.overlay.opaque"]),
        (
            ["user.overlay.*", "trusted.s?cret"],
            [
                "SCHILY.xattr.trusted.secret", "SCHILY.xattr.user.mine", "SCHILY.xattr.user.overlay.opaque",
            ]
        ),
    ])
    func `further attributes are kept on demand`(patterns: [String], expected: [String]) throws {
        try Requirement.root()
        let scratch = try Scratch()
        let packed = try PackedTree(
            try tree(in: scratch), in: scratch, Self.flags + patterns.flatMap { ["--xattr", $0] })
        #expect(try keys(packed) == expected)
    }

    @Test func `an attribute of a symbolic link is kept on demand`() throws {
        try Requirement.root()
        try Requirement.program("setfattr")
        let scratch = try Scratch()
        try Command(shell: "mkdir tree; ln -s nowhere tree/l; setfattr -h -n trusted.link -v 1 tree/l")
            .at(scratch.path).succeed()
        let packed = try PackedTree(
            scratch["tree"], in: scratch, Self.flags + ["--xattr", "trusted.link"])
        #expect(try keys(packed) == ["SCHILY.xattr.trusted.link"])
    }

    @Test func `capabilities and access control lists are written once and in one spelling`() throws {
        try Requirement.root()
        for program in ["setcap", "setfacl"] { try Requirement.program(program) }
        let scratch = try Scratch()
        let make = "mkdir -p tree/d; touch tree/f; setcap cap_chown=ep tree/f; setfacl -m u:9:r tree/f"
        try Command(shell: "\(make); setfacl -d -m u:9:r tree/d").at(scratch.path).succeed()
        let packed = try PackedTree(scratch["tree"], in: scratch, Self.flags)
        #expect(
            try keys(packed) == [
                "SCHILY.xattr.system.posix_acl_default", "SCHILY.xattr.security.capability",
                "SCHILY.xattr.system.posix_acl_access",
            ])
    }

    private static let flags = ["--no-provenance", "--compression", "none"]

    private func tree(in scratch: Scratch) throws -> FilePath {
        try Requirement.program("setfattr")
        let names = ["user.mine", "user.overlay.opaque", "trusted.secret", "security.other"]
        let script = names.map { "setfattr -n \($0) -v x tree/f" }.joined(separator: "; ")
        try Command(shell: "mkdir tree; touch tree/f; \(script)").at(scratch.path).succeed()
        return scratch["tree"]
    }

    /// The keys of all pax records about attributes, whoever's spelling it is.
    private func keys(_ packed: PackedTree) throws -> [String] {
        let pattern = "[A-Za-z]*\\.(xattr|acl)\\.[A-Za-z_.]*"
        return try Command(["grep", "-aoE", pattern, packed.layer.string]).succeed().text
            .split(separator: "\n").map(String.init)
    }
}
