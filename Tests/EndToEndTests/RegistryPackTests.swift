import OCI
import SystemPackage
import TestSupport
import Testing

/// `varve pack --destination`: a tree that becomes an image in a registry.
struct RegistryPackTests {
    private let work: RegistryWorkplace

    init() throws { work = try RegistryWorkplace() }

    private func pack(_ words: String...) -> Command { work.varve(["pack", "rootfs"] + words) }

    @Test func `a file of provenance is about what went to a registry, too`() throws {
        let registry = try RealRegistry()
        let app = "\(registry.host)/app"
        let digest = try pack(
            "--destination", "\(app):1", "--destination", "\(app):2", "--provenance", "p.json"
        )
        .succeed().line
        let statement = try JSONValue(parsing: content(of: work.scratch["p.json"]))
        let subjects = statement["subject"]?.array ?? []
        #expect(subjects.map { $0["name"]?.string } == ["\(app):1", "\(app):2"])
        #expect(subjects.allSatisfy { "sha256:\($0["digest"]?["sha256"]?.string ?? "")" == digest })
    }

    @Test func `an image is packed, signed and pushed at once`() throws {
        let registry = try RealRegistry()
        let app = "\(registry.host)/team/app"
        let packed = try pack(
            "--destination", "\(app):1.0", "--destination", "\(app):latest", "--sign-key", "cosign.key",
            "--builder-id", SignedImage.builder
        ).succeed()
        for tag in ["1.0", "latest"] { #expect(try work.skopeoDigest("\(app):\(tag)") == packed.line) }
        let verified = try work.varve(
            "verify", "\(app):1.0", "--key", "cosign.pub", "--builder-id", SignedImage.builder
        ).succeed()
        #expect(verified.text.contains(packed.line))
        try work.varve("unpack", "\(app):latest", "tree", "-q").succeed()
        #expect(try text(of: work.scratch["tree/etc/motd"]) == "hello\n")
    }

    @Test func `nothing is left on the disk`() throws {
        let registry = try RealRegistry()
        try work.scratch.directory("temporary")
        let before = try work.snapshot(".")
        try work.varve(
            ["pack", "rootfs", "--destination", "\(registry.host)/app:1", "-q"],
            variables: ["TMPDIR=\(work.scratch["temporary"])"]
        ).succeed()
        #expect(try work.snapshot(".") == before)
    }

    @Test func `a layout and a registry get the same image`() throws {
        let registry = try RealRegistry()
        let packed = try pack(
            "-o", "oci:both:app", "--destination", "\(registry.host)/app:1", "-o", "oci-archive:both.tar:1",
            "--sign-key", "cosign.key", "-q"
        ).succeed()
        #expect(try work.skopeoDigest("\(registry.host)/app:1") == packed.line)
        for place in ["oci:both:app", "oci-archive:both.tar", "\(registry.host)/app:1"] {
            let verified = try work.varve("verify", place, "--key", "cosign.pub").succeed()
            #expect(verified.text.contains(packed.line))
        }
    }

    @Test func `what is not signed is pushed with a note`() throws {
        let registry = try FaultyRegistry()
        let outcome = try pack("--destination", "\(registry.host)/app:1").succeed()
        #expect(outcome.errors.contains("--sign-key"), "\(outcome.errors)")
        #expect(registry.content.tags["app"]?.keys.sorted() == ["1"])
    }

    @Test func `who may not push learns it before anything is packed`() throws {
        let registry = try RealRegistry(wantsUser: true)
        // A tree that cannot be packed would be seen first.
        try work.scratch.write("bad/etc/.wh.motd", "")
        for variables in [[], ["USER", "PASSWORD"].map { "VARVE_\(Self.prefix(registry))_\($0)=wrong" }] {
            let outcome = try work.varve(
                ["pack", "bad", "--destination", "\(registry.host)/app:1", "-o", "oci:never:app"],
                variables: variables
            ).run()
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains(registry.host), "\(outcome.errors)")
            #expect(outcome.errors.contains("not authorized"), "\(outcome.errors)")
            #expect(!outcome.errors.contains(".wh."), "\(outcome.errors)")
            #expect(!outcome.errors.contains("wrong"), "\(outcome.errors)")
            #expect((try? content(of: work.scratch["never/index.json"])) == nil)
        }
    }

    @Test(arguments: [
        RegistryFault.always("PUT", "/manifests/", .answer(500)),
        .always("PUT", "/manifests/1$", .answer(403)), .always("PUT", "/uploads/", .answer(413)),
        .always("POST", "/uploads/", .answer(403)),
        RegistryFault("PUT", "/manifests/", 2...Int.max, .close),
    ])
    func `where the registry fails neither registry nor layout shows the image`(fault: RegistryFault) throws {
        let registry = try FaultyRegistry([fault])
        let outcome = try pack(
            "--destination", "\(registry.host)/app:1", "-o", "oci:out:app-1.0", "--sign-key", "cosign.key",
            "--tries", "2", "--env", "NEW=1", "-q"
        ).run()
        #expect(outcome.status == 1, "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
        #expect(registry.content.tags["app"]?["1"] == nil)
        #expect(try work.varve("inspect", "oci:out:app-1.0").succeed().text.contains(work.digest))
        try work.varve("check", "oci:out").succeed()
    }

    @Test func `a key that cannot be read leaves nothing tagged`() throws {
        let registry = try FaultyRegistry()
        let outcome = try pack(
            "--destination", "\(registry.host)/app:1", "--sign-key", "nowhere.key", "-q"
        ).run()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("nowhere.key"))
        #expect(registry.content.tags == [:])
    }

    @Test(arguments: ["app:1", "library/app", "oci:out:x@sha256:", "HOST/App:1", "HOST/app@DIGEST"])
    func `a destination that is none is refused`(destination: String) throws {
        let registry = try FaultyRegistry()
        let text = destination.split(separator: "@").first.map { name in
            destination.hasSuffix("DIGEST") ? "\(name)@\(work.digest)" : destination
        }
        let place = (text ?? "").hasPrefix("HOST") ? registry.host + (text ?? "").dropFirst(4) : text ?? ""
        let outcome = try pack("--destination", place, "-q").run()
        #expect(outcome.status == 2, "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
        #expect(registry.log == [])
    }

    static func prefix(_ registry: RealRegistry) -> String { "127_0_0_1_\(registry.port)" }
}
