import OCI
import SystemPackage
import TestSupport
import Testing

/// What `varve pull` brings here, and what other commands read of a registry.
struct RegistryPullTests {
    private let work: RegistryWorkplace
    private let registry: RealRegistry
    private var app: String { "\(registry.host)/team/app:1.0" }

    init() throws {
        work = try RegistryWorkplace()
        registry = try RealRegistry()
        try work.varve("push", "oci:out:app-1.0", app, "-q").succeed()
    }

    @Test func `a layout gets the image with its attestations, and umoci unpacks it`() throws {
        try Requirement.program("umoci")
        let outcome = try work.varve("pull", app, "oci:base:app").succeed()
        #expect(outcome.line == work.digest)
        #expect(outcome.errors.contains("attached"), "\(outcome.errors)")
        try work.varve("check", "oci:base").succeed()
        try work.varve("verify", "oci:base:app", "--key", "cosign.pub").succeed()
        try Command(["umoci", "unpack", "--rootless", "--image", "base:app", "bundle"]).at(work.scratch.path)
            .succeed()
        #expect(try text(of: work.scratch["bundle/rootfs/etc/motd"]) == "hello\n")
    }

    @Test func `a second pull brings nothing anew`() throws {
        try work.varve("pull", app, "oci:base:app", "-q").succeed()
        let before = try work.snapshot("base")
        let outcome = try work.varve("pull", app, "oci:base:app").succeed()
        #expect(outcome.errors.contains("moved 0 blobs, 0 B"), "\(outcome.errors)")
        #expect(try work.snapshot("base") == before)
    }

    @Test(arguments: ["oci-archive:app.tar:1.0", "docker-archive:app.tar:example.com/app:1.0"])
    func `an archive holds the image, and skopeo reads it`(location: String) throws {
        try Requirement.program("skopeo")
        let outcome = try work.varve("pull", app, location, "-q").succeed()
        #expect(outcome.line == work.digest)
        let transport = location.split(separator: ":").first ?? ""
        try work.skopeo(["copy", "-q", "\(transport):app.tar", "oci:copy:app"]).at(work.scratch.path)
            .succeed()
        try work.varve("unpack", "oci:copy:app", "tree", "-q").succeed()
        #expect(try text(of: work.scratch["tree/etc/motd"]) == "hello\n")
    }

    @Test func `of an index one platform's image comes, or all with the index`() throws {
        let index = try work.makeIndex()
        let many = "\(registry.host)/team/many:1"
        try work.varve("push", "oci:out:many", many, "-q").succeed()
        let arm = try work.varve("pull", many, "oci:one:x", "--platform", "linux/arm64", "-q").succeed().line
        #expect(try work.inspect("oci:one:x")["config"]?["architecture"] == "arm64")
        #expect(arm != index)
        let all = try work.varve("pull", many, "oci:all:x", "--all-platforms", "-q").succeed().line
        #expect(all == index)
        for platform in ["amd64", "arm64"] {
            let found = try work.inspect("oci:all:x", "--platform", "linux/\(platform)")
            #expect(found["config"]?["architecture"]?.string == platform)
        }
        let none = try work.varve("pull", many, "oci:one:y", "--platform", "linux/s390x").run()
        #expect(none.status == 1)
        #expect(none.errors.contains("linux/amd64") && none.errors.contains("linux/arm64"), "\(none.errors)")
    }

    @Test(arguments: ["oci-archive:a.tar:1", "docker-archive:a.tar:example.com/a:1"])
    func `an index does not go into an archive, and the message says what does`(location: String) throws {
        _ = try work.makeIndex()
        let many = "\(registry.host)/team/many:1"
        try work.varve("push", "oci:out:many", many, "-q").succeed()
        let outcome = try work.varve("pull", many, location, "--all-platforms").run()
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("--platform"), "\(outcome.errors)")
        #expect((try? content(of: work.scratch["a.tar"])) == nil)
    }

    @Test func `by digest nothing else comes, whatever the tag says`() throws {
        let other = try work.pack("other", platform: "linux/amd64")
        try work.varve("push", "oci:out:other", "\(registry.host)/team/app:1.0", "-q").succeed()
        let pinned = "\(registry.host)/team/app:1.0@\(work.digest)"
        #expect(try work.varve("pull", pinned, "oci:base:app", "-q").succeed().line == work.digest)
        #expect(try work.varve("pull", app, "oci:base:new", "-q").succeed().line == other)
    }

    @Test(arguments: ["oci", "v2s2"])
    func `what skopeo pushed comes as it is`(format: String) throws {
        try Requirement.program("skopeo")
        let place = "\(registry.host)/from/skopeo:\(format)"
        try work.skopeo([
            "copy", "-q", "--format", format, "--dest-tls-verify=false", "oci:out:app-1.0",
            "docker://\(place)",
        ]).at(work.scratch.path).succeed()
        let digest = try work.varve("pull", place, "oci:base:x", "-q").succeed().line
        #expect(digest == (try work.skopeoDigest(place)))
        try work.varve("unpack", "oci:base:x", "tree", "-q").succeed()
        #expect(try text(of: work.scratch["tree/etc/motd"]) == "hello\n")
        let copy = try work.varve("copy", place, "\(registry.host)/copied:1", "-q").succeed().line
        #expect(copy == digest)
        #expect(try work.skopeoDigest("\(registry.host)/copied:1") == digest)
    }

    @Test func `inspect, unpack and diff read a registry's image`() throws {
        let shown = try work.inspect(app)
        #expect(shown["digest"]?.string == work.digest || "\(shown)".contains(work.digest))
        try work.varve("unpack", app, "tree", "-q").succeed()
        #expect(try text(of: work.scratch["tree/etc/motd"]) == "hello\n")
        #expect(try work.varve("diff", app, "oci:out:app-1.0").run().status == 0)
        _ = try work.pack("other", platform: "linux/amd64")
        let difference = try work.varve("diff", app, "oci:out:other").run()
        #expect(difference.status == 1)
        #expect(difference.text.contains("etc/motd"), "\(difference.text)")
        let listing = try work.varve("inspect", "docker://\(app)", "--layer", "1").succeed()
        #expect(listing.text.contains("etc/motd"))
    }

    @Test func `an image there is the base of another`() throws {
        try work.scratch.write("more/etc/more", "more\n")
        let outcome = try work.varve(
            "pack", "more", "--base", app, "-o", "oci:out:more", "-q", "--provenance", "p.json"
        ).succeed()
        let made = try work.inspect("oci:out:more")
        #expect(made["manifest"]?["layers"]?.array?.count == 2)
        #expect(
            made["manifest"]?["annotations"]?["org.opencontainers.image.base.digest"]?.string == work.digest)
        try work.varve("unpack", "oci:out:more", "tree", "-q").succeed()
        #expect(try text(of: work.scratch["tree/etc/motd"]) == "hello\n")
        #expect(try text(of: work.scratch["tree/etc/more"]) == "more\n")
        let provenance = try text(of: work.scratch["p.json"])
        #expect(provenance.contains(String(work.digest.dropFirst(7))))
        #expect(outcome.line.hasPrefix("sha256:"))
    }

    @Test func `a tag that is not there is an error that says what to do`() throws {
        let outcome = try work.varve("pull", "\(registry.host)/team/app:2.0", "oci:base:x").run()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("\(registry.host)/team/app:2.0"), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
        #expect(try work.varve("inspect", "oci:base").run().status == 1)
    }

    @Test(arguments: [
        (["oci:out:app-1.0", "oci:base:x"], "varve copy"), (["IMAGE", "elsewhere"], "oci:"),
        (["IMAGE", "oci:base:x", "--platform", "linux/arm64", "--all-platforms"], "--all-platforms"),
        (["IMAGE", "oci-archive:-"], "standard output"),
        (["IMAGE", "oci:base:x", "--tries", "0"], "--tries"),
        (["IMAGE", "oci:base:x", "--platform", "bogus"], "bogus"), (["IMAGE", "IMAGE"], "varve copy"),
        (["IMAGE", "oci:base:x", "--client-cert", "c.pem"], "--client-cert"),
    ])
    func `a wrong use is told`(words: [String], text: String) throws {
        let outcome = try work.varve(["pull"] + words.map { $0 == "IMAGE" ? app : $0 }).run()
        #expect(outcome.status == 2, "\(outcome.errors)")
        #expect(outcome.errors.contains(text), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    }
}
