import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

/// A tree as one more layer on an image.
struct BaseTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try scratch.write("base/etc/base", "base")
        try scratch.write("app/etc/app", "app")
        try pack(
            "base", "-o", "oci:bases:base", "-o", "oci-archive:base.tar:base", "-o",
            "docker-archive:docker.tar:example.com/base:1", "--source-date-epoch", "2000000000", "--created",
            "2001-01-01T00:00:00Z", "--entrypoint", #"["/base"]"#, "--cmd", #"["serve"]"#, "--env", "A=1",
            "--env",
            "PATH=/bin", "--label", "kept=yes", "--label", "changed=no", "--port", "80", "--user", "7",
            "--platform", "linux/arm64", "--author", "base's")
    }

    @discardableResult
    private func pack(_ words: String...) throws -> String {
        try Command([Command.varvePath.string, "pack", "-q"] + words).at(scratch.path).succeed().line
    }

    private func inspect(_ image: String) throws -> JSONValue {
        try JSONValue(
            parsing: Command.varve("inspect", "--json", image).at(scratch.path).succeed().output)
    }

    @Test(arguments: [
        "oci:bases:base", "oci-archive:base.tar", "docker-archive:docker.tar:example.com/base:1",
    ])
    func `the base's layers come first, as they are, and the tree is one more`(base: String) throws {
        try pack("app", "--base", base, "-o", "oci:out:app")
        let (from, made) = (try inspect("oci:bases:base"), try inspect("oci:out:app"))
        let layers = try #require(made["manifest"]?["layers"]?.array)
        #expect(layers.count == 2)
        #expect(layers.first == from["manifest"]?["layers"]?.array?.first)
        let diffIDs = made["config"]?["rootfs"]?["diff_ids"]?.array
        #expect(diffIDs?.count == 2)
        #expect(diffIDs?.first == from["config"]?["rootfs"]?["diff_ids"]?.array?.first)
        #expect(made["config"]?["history"]?.array?.count == 2)
        try Command(["umoci", "unpack", "--rootless", "--image", "out:app", "bundle"]).at(scratch.path)
            .succeed()
        #expect(try text(of: scratch["bundle/rootfs/etc/base"]) == "base")
        #expect(try text(of: scratch["bundle/rootfs/etc/app"]) == "app")
    }

    @Test func `the base's configuration stays where no flag changes it`() throws {
        try pack(
            "app", "--base", "oci:bases:base", "-o", "oci:bases:app", "--env", "A=2", "--env", "B=3",
            "--label",
            "changed=yes", "--port", "81", "--user", "8")
        let made = try inspect("oci:bases:app")["config"]
        #expect(made?["config"]?["Env"] == ["A=2", "PATH=/bin", "B=3"])
        #expect(made?["config"]?["Labels"] == ["changed": "yes", "kept": "yes"])
        #expect(made?["config"]?["ExposedPorts"] == ["80/tcp": [:], "81/tcp": [:]])
        #expect(made?["config"]?["Entrypoint"] == ["/base"])
        #expect(made?["config"]?["Cmd"] == ["serve"])
        #expect(made?["config"]?["User"] == "8")
        #expect(made?["author"] == "base's")
        #expect(made?["architecture"] == "arm64")
    }

    @Test(
        arguments: [
            (["--entrypoint", #"["/app"]"#], ["/app"], nil),
            (["--entrypoint", #"["/app"]"#, "--cmd", #"["x"]"#], ["/app"], ["x"]),
            (["--cmd", #"["x"]"#], ["/base"], ["x"]), (["--entrypoint", ""], nil, nil),
        ] as [([String], JSONValue?, JSONValue?)])
    func `an entry point takes the base's command away`(
        flags: [String], entrypoint: JSONValue?, command: JSONValue?
    ) throws {
        _ = try Command(
            [Command.varvePath.string, "pack", "-q", "app", "--base", "oci:bases:base", "-o", "oci:out:app"]
                + flags
        ).at(scratch.path).succeed()
        let made = try inspect("oci:out:app")["config"]?["config"]
        #expect(made?["Entrypoint"] == entrypoint)
        #expect(made?["Cmd"] == command)
    }

    @Test func `what varve does not know of the base's configuration survives`() throws {
        let digest = try inspect("oci:bases:base")["manifest"]?["config"]?["digest"]?.string ?? ""
        let old = try text(of: scratch["bases/blobs/sha256/\(digest.dropFirst(7))"])
        let extra = #""config":{"Healthcheck":{"Test":["CMD","x"],"Interval":1.50e3},"OnBuild":null,"#
        let config =
            #"{"x":"\u00e9","big":123456789012345678901234567890,"#
            + old.dropFirst()
            .replacing(#""config":{"#, with: extra)
        try Command(
            shell: """
                set -e
                mkdir -p new/blobs/sha256; cp bases/oci-layout new; cp bases/blobs/sha256/* new/blobs/sha256
                put() { cp $1 new/blobs/sha256/$(sha256sum $1 | cut -c1-64); sha256sum $1 | cut -c1-64; }
                config=$(put config)
                layer=$("$VARVE" inspect --json oci:bases:base | tr -d ' \\n' | sed 's/.*"layers":\\(\\[[^]]*\\]\\).*/\\1/')
                printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":%d},"layers":%s}' $config $(stat -c %s config) "$layer" >manifest
                printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:%s","size":%d}]}' $(put manifest) $(stat -c %s manifest) >new/index.json
                """
        ).with("VARVE", Command.varvePath.string).at(scratch.write("config", config).removingLastComponent())
            .succeed()
        try pack("app", "--base", "oci:new", "-o", "oci:out:app")
        let made = try inspect("oci:out:app")["config"]
        let id = try inspect("oci:out:app")["manifest"]?["config"]?["digest"]?.string ?? ""
        let bytes = try text(of: scratch["out/blobs/sha256/\(id.dropFirst(7))"])
        #expect(made?["x"] == "é")
        #expect(bytes.contains(#""big":123456789012345678901234567890"#))
        #expect(bytes.contains(#""Healthcheck":{"Test":["CMD","x"],"Interval":1.50e3},"OnBuild":null"#))
    }

    @Test func `an image is not older than its base`() throws {
        try pack("app", "--base", "oci:bases:base", "-o", "oci:out:app", "--source-date-epoch", "0")
        #expect(try inspect("oci:out:app")["config"]?["created"] == "2001-01-01T00:00:00Z")
        try pack("app", "--base", "oci:bases:base", "-o", "oci:out:app", "--created", "2002-01-01T00:00:00Z")
        #expect(try inspect("oci:out:app")["config"]?["created"] == "2002-01-01T00:00:00Z")
    }

    @Test func `annotations and provenance name the base`() throws {
        let base = try inspect("oci:bases:base")["digest"]?.string ?? ""
        let digest = try pack("app", "--base", "oci:bases:base", "-o", "oci:out:app", "--annotation", "a=b")
        let annotations = try inspect("oci:out:app")["manifest"]?["annotations"]
        #expect(
            annotations == [
                "a": "b", "org.opencontainers.image.base.digest": .string(base),
                "org.opencontainers.image.base.name": "base",
            ])
        let path = scratch["out.provenance/\(digest.dropFirst(7)).json"]
        let definition = try JSONValue(parsing: content(of: path))["predicate"]?["buildDefinition"]
        let dependencies = definition?["resolvedDependencies"]?.array ?? []
        #expect(
            dependencies.contains { dependency in
                dependency["name"] == "base"
                    && dependency["digest"]?["sha256"]?.string == String(base.dropFirst(7))
            })
        #expect(definition?["externalParameters"]?["parameters"]?["base"] == "oci:bases:base")
    }

    @Test func `a base in Docker's media types becomes an image in OCI's`() throws {
        try Requirement.program("skopeo")
        try Command([
            "skopeo", "copy", "-q", "--format", "v2s2", "--dest-compress", "oci:bases:base", "dir:plain",
        ]).at(scratch.path).succeed()
        // Skopeo writes such a manifest into no layout: put together by hand.
        try Command(
            shell: """
                set -e
                mkdir -p docker/blobs/sha256; cp bases/oci-layout docker
                for blob in $(cd plain; ls | grep -v -e manifest.json -e version); do cp plain/$blob docker/blobs/sha256/; done
                digest=$(sha256sum plain/manifest.json | cut -c1-64); cp plain/manifest.json docker/blobs/sha256/$digest
                printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.docker.distribution.manifest.v2+json","digest":"sha256:%s","size":%d}]}' $digest $(stat -c %s plain/manifest.json) >docker/index.json
                """
        ).at(scratch.path).succeed()
        try pack("app", "--base", "oci:docker", "-o", "oci:out:app", "-o", "oci-archive:out.tar:app")
        let manifest = try inspect("oci:out:app")["manifest"]
        let types = manifest?["layers"]?.array?.map { $0["mediaType"]?.string }
        #expect(
            types == [
                "application/vnd.oci.image.layer.v1.tar+gzip", "application/vnd.oci.image.layer.v1.tar+gzip",
            ])
        #expect(manifest?["config"]?["mediaType"] == "application/vnd.oci.image.config.v1+json")
        try Command(["skopeo", "copy", "-q", "oci-archive:out.tar", "dir:copy"]).at(scratch.path).succeed()
    }

    @Test(arguments: ["oci:out:app", "oci-archive:out.tar:app", "oci:bases:app"])
    func `a base's layer that is damaged is noticed while it is copied, and nothing is published`(
        output: String
    )
        throws
    {
        let layer =
            try inspect("oci:bases:base")["manifest"]?["layers"]?.array?.first?["digest"]?.string ?? ""
        let blob = scratch["bases/blobs/sha256/\(layer.dropFirst(7))"]
        try Command(shell: "printf X | dd of='\(blob)' bs=1 seek=20 conv=notrunc status=none").succeed()
        let before = try Workplace.snapshot(of: scratch.path)
        let outcome = try Command(
            [Command.varvePath.string, "pack", "-q", "app", "--base", "oci:bases:base", "-o", output]
        ).at(scratch.path).run()
        #expect(outcome.status == 3, "\(outcome.errors)")
        #expect(outcome.errors.contains(layer))
        #expect(try Workplace.snapshot(of: scratch.path) == before)
    }

    @Test func `a layer that the target has already is not written again`() throws {
        let layer =
            try inspect("oci:bases:base")["manifest"]?["layers"]?.array?.first?["digest"]?.string ?? ""
        let blob = scratch["bases/blobs/sha256/\(layer.dropFirst(7))"]
        let before = try File.reading(blob).status().identity
        try pack("app", "--base", "oci:bases:base", "-o", "oci:bases:app")
        #expect(try File.reading(blob).status().identity == before)
    }

    @Test(arguments: [
        (["--base", "oci:bases:none"], Int32(1), "has no image none"),
        (["--base", "oci:bases:base", "--platform", "linux/amd64"], 1, "has no image for linux/amd64"),
        (["--base", "bases"], 2, "names no image"),
        (["--base", "oci-archive:-"], 2, "write it to a file first"),
        (["--base", "oci:app"], 1, "is no OCI image layout"),
    ])
    func `a base that cannot be`(flags: [String], status: Int32, reason: String) throws {
        let before = try Workplace.snapshot(of: scratch.path)
        let outcome = try Command(
            [Command.varvePath.string, "pack", "-q", "app", "-o", "oci:out:app"] + flags
        ).at(scratch.path).run()
        #expect(outcome.status == status, "\(outcome.errors)")
        #expect(outcome.errors.contains(reason))
        #expect(try Workplace.snapshot(of: scratch.path) == before)
    }
}
