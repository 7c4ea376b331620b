import OCI
import SystemPackage
import TestSupport
import Testing

/// One image of images for several platforms.
struct RegistryIndexTests {
    private let work: RegistryWorkplace
    private let registry: RealRegistry
    private var app: String { "\(registry.host)/team/app" }

    init() throws {
        work = try RegistryWorkplace(isSigned: false)
        registry = try RealRegistry()
        for platform in ["amd64", "arm64"] {
            _ = try work.pack(platform, platform: "linux/\(platform)")
            try work.varve("push", "oci:out:\(platform)", "\(app):\(platform)", "-q").succeed()
        }
    }

    @Test func `every reader finds its platform's image`() throws {
        try Requirement.program("skopeo")
        try Requirement.program("umoci")
        let index = try work.varve(
            "index", "create", "\(app):1.0", "\(app):amd64", "\(app):arm64", "--annotation", "who=me"
        ).succeed().line
        #expect(try work.skopeoDigest("\(app):1.0") == index)
        for platform in ["amd64", "arm64"] {
            let layout = "got-\(platform)"
            try work.skopeo([
                "copy", "-q", "--src-tls-verify=false", "--override-arch", platform,
                "docker://\(app):1.0", "oci:\(layout):app",
            ]).at(work.scratch.path).succeed()
            try Command(["umoci", "unpack", "--rootless", "--image", "\(layout):app", "bundle-\(platform)"])
                .at(work.scratch.path).succeed()
            #expect(try text(of: work.scratch["bundle-\(platform)/rootfs/etc/motd"]) == "\(platform)\n")
            try work.varve(
                "unpack", "\(app):1.0", "tree-of-\(platform)", "-q", "--platform", "linux/\(platform)"
            )
            .succeed()
            #expect(try text(of: work.scratch["tree-of-\(platform)/etc/motd"]) == "\(platform)\n")
        }
        let raw = try work.skopeo(["inspect", "--raw", "--tls-verify=false", "docker://\(app):1.0"]).succeed()
        let document = try JSONValue(parsing: raw.output)
        #expect(document["annotations"] == ["who": "me"])
        #expect(
            document["manifests"]?.array?.compactMap { $0[path: "platform.architecture"]?.string } == [
                "amd64", "arm64",
            ])
    }

    @Test func `the same images give the same index, wherever they are`() throws {
        let here = try work.varve("index", "create", "oci:out:many", "oci:out:amd64", "oci:out:arm64", "-q")
            .succeed().line
        let there = try work.varve("index", "create", "\(app):many", "\(app):amd64", "\(app):arm64", "-q")
            .succeed().line
        let mixed = try work.varve("index", "create", "\(app):mixed", "oci:out:amd64", "\(app):arm64", "-q")
            .succeed().line
        #expect([here, there, mixed] == [here, here, here])
    }

    @Test func `images come from other repositories and registries`() throws {
        let other = try RealRegistry()
        try work.varve("copy", "\(app):arm64", "\(other.host)/far/arm:1", "-q", "--platform", "linux/arm64")
            .succeed()
        try work.varve(
            "index", "create", "\(registry.host)/new/app:1", "\(app):amd64", "\(other.host)/far/arm:1", "-q"
        ).succeed()
        try work.varve("unpack", "\(registry.host)/new/app:1", "tree", "-q", "--platform", "linux/arm64")
            .succeed()
        #expect(try text(of: work.scratch["tree/etc/motd"]) == "arm64\n")
    }

    @Test func `an index's images count, and a further one comes to them`() throws {
        _ = try work.pack("riscv", platform: "linux/riscv64")
        try work.varve("index", "create", "\(app):two", "\(app):amd64", "\(app):arm64", "-q").succeed()
        try work.varve("index", "create", "\(app):three", "\(app):two", "oci:out:riscv", "-q").succeed()
        for platform in ["amd64", "arm64", "riscv64"] {
            let shown = try work.inspect("\(app):three", "--platform", "linux/\(platform)")
            #expect(shown["config"]?["architecture"]?.string == platform)
        }
    }

    @Test(arguments: [
        (["APP:1.0", "APP:amd64", "APP:amd64"], Int32(2), "linux/amd64"),
        (["APP:1.0", "APP:amd64", "APP:nothing"], 1, "nothing"),
        (["APP@sha256:\(String(repeating: "0", count: 64))", "APP:amd64"], 2, "tag"),
        (["oci-archive:x.tar", "APP:amd64", "APP:arm64"], 2, "archive"), (["APP:1.0"], 2, "image"),
        (["app:1.0", "APP:amd64"], 2, "registry"),
    ])
    func `what cannot be is told, and nothing gets the tag`(words: [String], status: Int32, text: String)
        throws
    {
        let words = words.map { $0.hasPrefix("APP") ? app + $0.dropFirst(3) : $0 }
        let outcome = try work.varve(["index", "create"] + words).run()
        #expect(outcome.status == status, "\(outcome.errors)")
        #expect(outcome.errors.contains(text), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
        #expect(try work.varve("inspect", "\(app):1.0").run().status == 1)
    }
}
