import OCI
import SystemPackage
import TestSupport
import Testing

/// What somebody else wrote into a registry decides nothing that is not his.
struct RegistryTrustTests {
    private let work: RegistryWorkplace
    private let registry: RealRegistry

    init() throws {
        (work, registry) = (try RegistryWorkplace(), try RealRegistry())
    }

    /// Stores a document under a name, as anybody can who may push.
    private func put(_ json: String, _ type: String, as name: String, in repository: String) throws {
        try work.scratch.write("document.json", json)
        try work.shell(
            "curl -sf -X PUT -H 'Content-Type: \(type)' --data-binary @document.json http://\(registry.host)/v2/\(repository)/manifests/\(name)"
        ).succeed()
    }

    private var hex: String { String(work.digest.dropFirst(7)) }

    /// The list of what refers to the image, for registries without one.
    private func putReferrers(_ entries: String, in repository: String) throws {
        try put(
            #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":["#
                + entries + "]}", "application/vnd.oci.image.index.v1+json", as: "sha256-\(hex)",
            in: repository)
    }

    private func entry(of name: String, in layout: String, _ annotations: String) throws -> String {
        let index = try JSONValue(parsing: content(of: work.scratch["\(layout)/index.json"]))
        let found = try #require(
            index["manifests"]?.array?.first {
                $0["annotations"]?["org.opencontainers.image.ref.name"]?.string == name
            })
        let (digest, size) = (found["digest"]?.string ?? "", found["size"]?.int64 ?? 0)
        return
            #"{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"\#(digest)","size":\#(size),"annotations":{\#(annotations)}}"#
    }

    @Test(arguments: ["1", "base"])
    func `a name in a list of referrers names nothing here`(_ name: String) throws {
        let app = "\(registry.host)/app"
        let evil = try work.pack("evil", platform: "linux/amd64", layout: "other")
        try work.varve("push", "oci:out:app-1.0", "\(app):1", "-q", "--no-attachments").succeed()
        try work.varve("push", "oci:other:evil", "\(app):evil", "-q").succeed()
        let base = try work.pack("base", platform: "linux/amd64", layout: "got")
        try putReferrers(
            entry(of: "evil", in: "other", #""org.opencontainers.image.ref.name":"\#(name)""#), in: "app")
        try work.varve("pull", "\(app)@\(work.digest)", "oci:got:1", "-q").succeed()
        #expect(try work.inspect("oci:got:1")["digest"]?.string == work.digest)
        #expect(try work.inspect("oci:got:base")["digest"]?.string == base)
        let index = String(decoding: try content(of: work.scratch["got/index.json"]), as: UTF8.self)
        #expect(!index.contains(evil))
    }

    @Test func `a referrer that claims to be another image's signature is not copied`() throws {
        let app = "\(registry.host)/app"
        _ = try work.pack("evil", platform: "linux/amd64", layout: "other")
        try work.varve("push", "oci:out:app-1.0", "\(app):1", "-q", "--no-attachments").succeed()
        try work.varve("push", "oci:other:evil", "\(app):evil", "-q").succeed()
        let victim = String(repeating: "ab", count: 32)
        try putReferrers(
            entry(
                of: "evil", in: "other", #""org.opencontainers.image.ref.name":"sha256-\#(victim).sig""#),
            in: "app")
        try work.varve("copy", "\(app):1", "\(registry.host)/b:1", "-q").succeed()
        let tags = try work.shell("curl -sf http://\(registry.host)/v2/b/tags/list").succeed().text
        #expect(!tags.contains(victim), "\(tags)")
    }

    @Test func `referrers that cannot be read are left out, and told`() throws {
        let app = "\(registry.host)/app"
        let evil = try work.pack("evil", platform: "linux/amd64", layout: "other")
        try work.varve("push", "oci:out:app-1.0", "\(app):1", "-q", "--no-attachments").succeed()
        try work.varve("push", "oci:other:evil", "\(app):evil", "-q").succeed()
        try putReferrers(
            #"{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"\#(evil)","size":7}"#,
            in: "app")
        let pulled = try work.varve("pull", "\(app):1", "oci:got:1").succeed()
        #expect(pulled.errors.contains("left out \(evil)"), "\(pulled.errors)")
        try work.varve("check", "oci:got", "-q").succeed()
    }

    @Test func `pulling joins what was attested here with what was attested there`() throws {
        let app = "\(registry.host)/app"
        try SignedImage.generateKey("second", in: work.scratch)
        try work.scratch.write("p.json", #"{"claim":"yes"}"#)
        let claim = ["--predicate", "p.json", "--type", "https://example.com/t", "-q"]
        try work.varve("push", "oci:out:app-1.0", "\(app):1", "-q", "--no-attachments").succeed()
        try work.varve(["attest", "\(app):1", "--key", "second.key"] + claim).succeed()
        try work.varve(
            ["attest", "oci:out:app-1.0", "--key", "cosign.key", "--attestation-output", "layout"] + claim
        ).succeed()
        try work.shell("rm -r out.provenance").succeed()
        try work.varve("pull", "\(app):1", "oci:out:app-1.0", "-q").succeed()
        for key in ["cosign.pub", "second.pub"] {
            try work.varve(
                "verify", "oci:out:app-1.0", "--key", key, "--type", "https://example.com/t", "-q"
            ).succeed()
        }
    }

    @Test func `what is on this machine is not asked of a proxy`() throws {
        let app = "\(registry.host)/app:1"
        let proxy = ["http_proxy=http://127.0.0.1:1", "all_proxy=http://127.0.0.1:1"]
        try work.varve(["push", "oci:out:app-1.0", app, "-q"], variables: proxy).succeed()
        try work.varve(["inspect", app], variables: proxy).succeed()
    }

    @Test func `sizes that no number holds are refused`() throws {
        let app = "\(registry.host)/app"
        try work.varve("push", "oci:out:app-1.0", "\(app):1", "-q", "--no-attachments").succeed()
        let manifest = try JSONValue(parsing: content(of: work.scratch["out/blobs/sha256/\(hex)"]))
        let config = try #require(manifest["config"]?.serialized())
        let layer = try #require(manifest["layers"]?.array?.first?["digest"]?.string)
        func huge(_ digest: String) -> String {
            #"{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"\#(digest)","size":4611686018427387904}"#
        }
        let configDigest = manifest["config"]?["digest"]?.string ?? ""
        try put(
            #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":"#
                + String(decoding: config, as: UTF8.self)
                + #","layers":[\#(huge(layer)),\#(huge(configDigest)),\#(huge(layer))]}"#,
            "application/vnd.oci.image.manifest.v1+json", as: "huge", in: "app")
        let outcome = try work.varve("copy", "\(app):huge", "\(registry.host)/b:1").run()
        #expect(outcome.status == 1, "\(outcome.errors)")
        #expect(!outcome.errors.contains("Fatal"), "\(outcome.errors)")
    }

    @Test(arguments: [
        ["inspect", "docker://bob:hunter2@registry.example.com/app"],
        ["inspect", "localhost/app", "--registry-mirror", "https://bob:hunter2@mirror.example.com"],
        ["inspect", "localhost/app", "--insecure-registry", "bob:hunter2@registry.example.com"],
        ["login", "bob:hunter2@registry.example.com", "-u", "bob", "--password-stdin"],
    ])
    func `a password in a wrong place is not repeated`(_ words: [String]) throws {
        let outcome = try work.varve(words).run()
        #expect(outcome.status == 2, "\(outcome.errors)")
        #expect(!outcome.errors.contains("hunter2"), "\(outcome.errors)")
    }
}
