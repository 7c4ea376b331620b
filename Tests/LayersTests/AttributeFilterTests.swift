import Testing

@testable import Layers

struct AttributeFilterTests {
    @Test(arguments: [
        "security.capability", "user.comment", "user.", "user.overlay", "user.overlayx",
        "system.posix_acl_access", "system.posix_acl_default",
    ])
    func `what an image means is kept`(name: String) throws {
        #expect(try AttributeFilter().keeps(Array(name.utf8)))
    }

    @Test(arguments: [
        "security.selinux", "security.ima", "security.evm", "trusted.overlay.opaque", "trusted.x",
        "user.overlay.opaque", "user.overlay.", "system.nfs4_acl", "btrfs.compression",
        "security.capability2",
        "username", "",
    ])
    func `what belongs to the file system or the machine is dropped`(name: String) throws {
        #expect(try !AttributeFilter().keeps(Array(name.utf8)))
    }

    @Test(arguments: [
        ("trusted.*", "trusted.x", true), ("user.overlay.*", "user.overlay.opaque", true),
        ("security.selinux", "security.selinux", true), ("trusted.*", "security.selinux", false),
        ("*", "anything.at.all", true),
    ])
    func `the user widens it`(pattern: String, name: String, isKept: Bool) throws {
        let filter = try AttributeFilter(alsoKeeping: [pattern])
        #expect(filter.keeps(Array(name.utf8)) == isKept)
        #expect(filter.keeps(Array("user.comment".utf8)))
    }

    @Test func `a malformed pattern is refused`() {
        #expect(throws: LayerError.pattern("[", "a [ without its ]")) {
            try AttributeFilter(alsoKeeping: ["["])
        }
    }
}
