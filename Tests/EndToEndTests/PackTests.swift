import SystemPackage
import TestSupport
import Testing

struct PackTests {
    @Test func `packing prints the digest that skopeo finds`() throws {
        let scratch = try Scratch()
        try scratch.write("root/etc/motd", "hello\n")
        let digest = try Command.varve("pack", scratch["root"].string, "-o", "oci:\(scratch["out"]):app")
            .succeed().line
        let found = try Command([
            "skopeo", "inspect", "--format", "{{.Digest}}", "oci:\(scratch["out"]):app",
        ]).succeed().line
        #expect(digest == found)
    }
}
