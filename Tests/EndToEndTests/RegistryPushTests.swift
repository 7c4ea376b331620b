import OCI
import SystemPackage
import TestSupport
import Testing

/// What `varve push` brings to a registry.
struct RegistryPushTests {
    private let work: RegistryWorkplace

    init() throws { work = try RegistryWorkplace() }

    @Test func `an image is there under all its names, and skopeo and umoci read it`() throws {
        try Requirement.program("skopeo")
        try Requirement.program("umoci")
        let registry = try RealRegistry()
        let app = "\(registry.host)/team/app"
        let outcome = try work.varve("push", "oci:out:app-1.0", "\(app):1.0", "\(app):latest").succeed()
        #expect(outcome.line == work.digest)
        for tag in ["1.0", "latest"] { #expect(try work.skopeoDigest("\(app):\(tag)") == work.digest) }
        try work.skopeo(["copy", "-q", "--src-tls-verify=false", "docker://\(app):1.0", "oci:far:app"]).at(
            work.scratch.path
        ).succeed()
        try Command(["umoci", "unpack", "--rootless", "--image", "far:app", "bundle"]).at(work.scratch.path)
            .succeed()
        #expect(try text(of: work.scratch["bundle/rootfs/etc/motd"]) == "hello\n")
    }

    @Test func `attestations go with the image`() throws {
        let registry = try RealRegistry()
        let app = "\(registry.host)/team/app:1.0"
        let outcome = try work.varve("push", "oci:out:app-1.0", app).succeed()
        #expect(outcome.errors.contains("attached"))
        try Command(["rm", "-rf", work.scratch["out"].string]).succeed()
        let verified = try work.varve("verify", app, "--key", "cosign.pub").succeed()
        #expect(verified.text.contains(work.digest), "\(verified.text)")
    }

    @Test func `without attachments nobody can verify it`() throws {
        let registry = try FaultyRegistry()
        let app = "\(registry.host)/team/app:1.0"
        try work.varve("push", "oci:out:app-1.0", app, "--no-attachments", "-q").succeed()
        #expect(registry.content.tags["team/app"]?.keys.sorted() == ["1.0"])
        let outcome = try work.varve("verify", app, "--key", "cosign.pub").run()
        #expect(outcome.status == 3)
    }

    @Test func `blobs come first, then manifests, tags last`() throws {
        let registry = try FaultyRegistry()
        _ = try work.makeIndex()
        try work.varve("push", "oci:out:many", "\(registry.host)/team/app:1.0", "-q").succeed()
        let puts = registry.requests("PUT").map { request in
            request.contains("/uploads/") ? "blob" : request.hasSuffix("/manifests/1.0") ? "tag" : "manifest"
        }
        #expect(puts.last == "tag")
        #expect(puts.firstIndex(of: "tag") == puts.count - 1)
        let manifests = puts.firstIndex(of: "manifest") ?? 0
        #expect(!puts[manifests...].contains("blob"), "\(puts)")
        #expect(registry.content.incompleteTags == [])
    }

    @Test func `a second push sends no blob, and says so`() throws {
        let registry = try FaultyRegistry()
        let app = "\(registry.host)/team/app"
        try work.varve("push", "oci:out:app-1.0", "\(app):1.0").succeed()
        let mark = registry.mark
        let outcome = try work.varve("push", "oci:out:app-1.0", "\(app):2.0").succeed()
        #expect(registry.sentBytes(since: mark) == 0)
        #expect(outcome.errors.contains("already there"), "\(outcome.errors)")
        #expect(outcome.errors.contains("moved 0 blobs, 0 B"), "\(outcome.errors)")
        #expect(registry.content.tags["team/app"]?["2.0"] == work.digest)
    }

    @Test func `a second repository of a registry takes the blobs over`() throws {
        let registry = try FaultyRegistry()
        let outcome = try work.varve(
            "push", "oci:out:app-1.0", "\(registry.host)/team/app:1.0", "\(registry.host)/other/app:1.0",
            "--no-attachments"
        ).succeed()
        let image = try work.inspect("oci:out:app-1.0")
        let layer = image["manifest"]?["layers"]?.array?.first?["digest"]?.string ?? ""
        let sent = registry.exchanges.filter { $0.method == "PUT" && $0.parameter("digest") == layer }
        #expect(sent.count == 1)
        #expect(registry.exchanges.contains { $0.parameter("mount") == layer && $0.status == 201 })
        #expect(outcome.errors.contains("taken over"), "\(outcome.errors)")
        #expect(registry.content.tags["other/app"] == registry.content.tags["team/app"])
    }

    @Test(arguments: [
        "oci-archive:app.tar", "docker-archive:docker.tar", "oci:out@DIGEST", "oci:out:app-1.0",
    ])
    func `an image comes from every form`(image: String) throws {
        let registry = try RealRegistry()
        try work.varve("copy", "oci:out:app-1.0", "docker-archive:docker.tar:example.com/app:1", "-q")
            .succeed()
        let source = image.split(separator: "@").first.map {
            image.contains("@") ? "\($0)@\(work.digest)" : image
        }
        let outcome = try work.varve("push", source ?? "", "\(registry.host)/app:1", "-q").succeed()
        #expect(try work.skopeoDigest("\(registry.host)/app:1") == outcome.line)
        try work.varve("unpack", "\(registry.host)/app:1", "tree", "-q").succeed()
        #expect(try text(of: work.scratch["tree/etc/motd"]) == "hello\n")
    }

    @Test func `of an index one image goes, or all`() throws {
        let registry = try RealRegistry()
        let index = try work.makeIndex()
        let all = try work.varve("push", "oci:out:many", "\(registry.host)/app:all", "-q").succeed().line
        #expect(all == index)
        let one = try work.varve(
            "push", "oci:out:many", "\(registry.host)/app:arm", "-q", "--platform", "linux/arm64"
        ).succeed().line
        #expect(try work.skopeoDigest("\(registry.host)/app:arm") == one)
        #expect(try work.skopeoDigest("\(registry.host)/app:all") == index)
        let architecture = try work.inspect("\(registry.host)/app:arm")["config"]?["architecture"]
        #expect(architecture == "arm64")
    }

    @Test(arguments: [
        ("oci:out:app-1.0", "app:1.0", "oci:"), ("oci:out:app-1.0", "team/app", "oci:"),
        ("oci:out:app-1.0", "oci:elsewhere:app", "varve copy"),
        ("oci:out:app-1.0", "example.com/app@sha256:\(String(repeating: "a", count: 64))", "tag"),
        ("oci:out:app-1.0", "example.com/App:1.0", "example.com/App"),
        ("oci:out:app-1.0", "https://example.com/app:1.0", "https://"),
    ])
    func `a place that is none is refused before anybody is asked`(
        image: String, place: String, words: String
    )
        throws
    {
        let outcome = try work.varve("push", image, place).run()
        #expect(outcome.status == 2, "\(outcome.errors)")
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
        #expect(outcome.output == [])
    }

    @Test(arguments: ["oci:out:nothing", "oci:nowhere:app", "oci-archive:nowhere.tar"])
    func `an image that is not there is an error that names it`(image: String) throws {
        let registry = try FaultyRegistry()
        let outcome = try work.varve("push", image, "\(registry.host)/app:1").run()
        #expect(outcome.status == 1)
        #expect(
            outcome.errors.contains(image.contains("nothing") ? "nothing" : "nowhere"), "\(outcome.errors)")
        #expect(registry.content.tags == [:])
        #expect(registry.sentBytes() == 0)
    }

    @Test func `a log in JSON has a line for every blob`() throws {
        let registry = try FaultyRegistry()
        let outcome = try work.varve(
            "push", "oci:out:app-1.0", "\(registry.host)/app:1", "--log-format", "json"
        ).succeed()
        let lines = try outcome.errors.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
        let image = try work.inspect("oci:out:app-1.0")
        let layer = image["manifest"]?["layers"]?.array?.first?["digest"]?.string ?? ""
        #expect(lines.contains { $0["message"]?.string?.contains(layer) == true })
        #expect(lines.allSatisfy { $0["level"]?.string == "info" })
        #expect(outcome.line == work.digest)
    }
}
