import OCI
import SystemPackage
import TestSupport
import Testing

/// Images on their way from one place to another.
struct RegistryCopyTests {
    private let work: RegistryWorkplace

    init() throws { work = try RegistryWorkplace() }

    /// Signs the image as cosign does, too.
    private func sign(_ image: String) throws {
        try work.varve("sign", image, "--key", "cosign.key", "-q").succeed()
    }

    @Test func `between two registries attestations and signatures come along`() throws {
        let (first, second) = (try RealRegistry(), try RealRegistry())
        let app = "\(first.host)/a/x:1"
        try work.varve("push", "oci:out:app-1.0", app, "-q").succeed()
        try sign(app)
        let copy = try work.varve("copy", "\(first.host)/a/x@\(work.digest)", "\(second.host)/b/y:1")
            .succeed()
        #expect(copy.line == work.digest)
        #expect(copy.errors.contains("attached"), "\(copy.errors)")
        let place = "\(second.host)/b/y"
        try work.varve("verify", "\(place):1", "--key", "cosign.pub").succeed()
        for end in ["att", "sig"] {
            let tag = "sha256-\(work.digest.dropFirst(7)).\(end)"
            #expect(try work.skopeoDigest("\(place):\(tag)") == work.skopeoDigest("\(first.host)/a/x:\(tag)"))
        }
    }

    @Test func `within one registry nothing is sent`() throws {
        let registry = try FaultyRegistry()
        try work.varve("push", "oci:out:app-1.0", "\(registry.host)/a/x:1", "-q").succeed()
        try sign("\(registry.host)/a/x:1")
        let mark = registry.mark
        let outcome = try work.varve("copy", "\(registry.host)/a/x:1", "\(registry.host)/b/y:1").succeed()
        #expect(registry.sentBytes(since: mark) == 0, "\(registry.log.dropFirst(mark))")
        let downloads = registry.exchanges.dropFirst(mark).filter {
            $0.method == "GET" && $0.path.contains("/blobs/") && !$0.path.contains("/uploads/")
        }
        #expect(downloads.map(\.path) == [])
        #expect(outcome.errors.contains("taken over"), "\(outcome.errors)")
        #expect(registry.content.tags["b/y"]?.keys.sorted() == registry.content.tags["a/x"]?.keys.sorted())
        try work.varve("verify", "\(registry.host)/b/y:1", "--key", "cosign.pub").succeed()
    }

    @Test func `a registry that takes nothing over gets the bytes`() throws {
        let registry = try FaultyRegistry { $0.mounts = false }
        try work.varve("push", "oci:out:app-1.0", "\(registry.host)/a/x:1", "-q").succeed()
        let mark = registry.mark
        try work.varve("copy", "\(registry.host)/a/x:1", "\(registry.host)/b/y:1", "-q").succeed()
        #expect(registry.sentBytes(since: mark) > 0)
        try work.varve("verify", "\(registry.host)/b/y:1", "--key", "cosign.pub").succeed()
    }

    @Test func `an index goes with all images and what is said of each`() throws {
        let (first, second) = (try RealRegistry(), try RealRegistry())
        let index = try work.makeIndex()
        try work.varve("push", "oci:out:many", "\(first.host)/x:1", "-q").succeed()
        try work.scratch.write("p.json", #"{"a":1}"#)
        try work.varve(
            "attest", "\(first.host)/x:1", "--platform", "linux/arm64", "--key", "cosign.key", "-q",
            "--predicate", "p.json", "--type", "https://example.com/t"
        ).succeed()
        let all = try work.varve(
            "copy", "\(first.host)/x@\(index)", "\(second.host)/y:1", "--all-platforms", "-q"
        ).succeed().line
        #expect(all == index)
        #expect(try work.skopeoDigest("\(second.host)/y:1") == index)
        try work.varve(
            "verify", "\(second.host)/y:1", "--platform", "linux/arm64", "--key", "cosign.pub", "--type",
            "https://example.com/t"
        ).succeed()
        let one = try work.varve(
            "copy", "\(first.host)/x:1", "\(second.host)/y:amd", "--platform", "linux/amd64", "-q"
        ).succeed().line
        #expect(one != index)
        #expect(try work.skopeoDigest("\(second.host)/y:amd") == one)
    }

    @Test func `what is attached already stays when more comes`() throws {
        let registry = try FaultyRegistry()
        try work.varve("push", "oci:out:app-1.0", "\(registry.host)/a:1", "-q").succeed()
        try work.scratch.write("p.json", #"{"a":1}"#)
        for place in ["\(registry.host)/a:1", "\(registry.host)/b:1"] {
            if place.hasSuffix("b:1") {
                try work.varve("copy", "\(registry.host)/a:1", place, "-q", "--no-attachments").succeed()
            }
            let type = place.hasSuffix("b:1") ? "https://example.com/b" : "https://example.com/a"
            try work.varve(
                "attest", place, "--key", "cosign.key", "-q", "--predicate", "p.json", "--type", type
            ).succeed()
        }
        try work.varve("copy", "\(registry.host)/a:1", "\(registry.host)/b:1", "-q").succeed()
        for type in ["https://example.com/a", "https://example.com/b", "slsaprovenance1"] {
            try work.varve(
                "verify", "\(registry.host)/b:1", "--key", "cosign.pub", "--type", type
            ).succeed()
        }
        // Once more changes nothing.
        let before = registry.content.tags["b"]
        try work.varve("copy", "\(registry.host)/a:1", "\(registry.host)/b:1", "-q").succeed()
        #expect(registry.content.tags["b"] == before)
    }

    @Test func `several places of every kind get it at once`() throws {
        let registry = try RealRegistry()
        let outcome = try work.varve(
            "copy", "oci:out:app-1.0", "\(registry.host)/app:1", "oci:second:app", "oci-archive:a.tar:1",
            "docker-archive:d.tar:example.com/app:1"
        ).succeed()
        #expect(outcome.line == work.digest)
        for place in [
            "\(registry.host)/app:1", "oci:second:app", "oci-archive:a.tar", "docker-archive:d.tar",
        ] {
            let tree = "tree-\(place.utf8.count)-\(place.hashValue)"
            try work.varve("unpack", place, tree, "-q").succeed()
            #expect(try text(of: work.scratch["\(tree)/etc/motd"]) == "hello\n")
        }
    }

    @Test func `from a registry to a registry skopeo and varve make the same`() throws {
        try Requirement.program("skopeo")
        let (first, second) = (try RealRegistry(), try RealRegistry())
        let index = try work.makeIndex()
        try work.skopeo([
            "copy", "-q", "--all", "--dest-tls-verify=false", "oci:out:many",
            "docker://\(first.host)/x:1",
        ]).at(work.scratch.path).succeed()
        try work.varve("copy", "\(first.host)/x:1", "\(second.host)/x:1", "--all-platforms", "-q").succeed()
        try work.skopeo([
            "copy", "-q", "--all", "--src-tls-verify=false", "docker://\(second.host)/x:1",
            "oci:back:many",
        ]).at(work.scratch.path).succeed()
        #expect(try text(of: work.scratch["back/index.json"]).contains(index))
        #expect(try work.skopeoDigest("\(second.host)/x:1") == index)
    }
}
