import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

/// What `varve inspect --layer` lists, and what it does not fall for.
struct LayerListingTests {
    private func list(_ image: String, _ flags: String...) -> Command {
        Command([Command.varvePath.string, "inspect", image, "--layer", "1"] + flags)
    }

    /// A layout whose only layer is a tar of these bytes.
    private func image(of tar: [UInt8], in scratch: Scratch, mediaType: MediaType = .layerTar) throws
        -> String
    {
        func store(_ bytes: [UInt8]) throws -> String {
            let path = scratch["out/blobs/sha256/\(UInt64.random(in: .min ... .max))"]
            _ = try Directory.makeDirectory(path.removingLastComponent())
            try Directory.open(path.removingLastComponent())
                .createFile(FileName((path.lastComponent?.string ?? "").utf8)).write(bytes.span)
            let digest = try sha256sum(path)
            try Command(["mv", path.string, PackedTree.blob(digest, in: scratch["out"]).string]).succeed()
            return digest
        }
        func descriptor(_ type: MediaType, _ bytes: [UInt8]) throws -> JSONValue {
            [
                "mediaType": .string("\(type)"), "digest": .string(try store(bytes)),
                "size": .number(JSONNumber(bytes.count)),
            ]
        }
        let layer = try descriptor(mediaType, tar)
        let configuration: JSONValue = [
            "architecture": "amd64", "os": "linux",
            "rootfs": ["type": "layers", "diff_ids": [layer["digest"] ?? .null]],
        ]
        let config = try descriptor(.imageConfiguration, configuration.serialized())
        let manifest: JSONValue = [
            "schemaVersion": 2, "mediaType": .string("\(MediaType.imageManifest)"), "config": config,
            "layers": [layer],
        ]
        let index: JSONValue = [
            "schemaVersion": 2, "manifests": [try descriptor(.imageManifest, manifest.serialized())],
        ]
        try scratch.write("out/index.json", String(decoding: index.serialized(), as: UTF8.self))
        try scratch.write("out/oci-layout", #"{"imageLayoutVersion":"1.0.0"}"#)
        return "oci:\(scratch["out"])"
    }

    @Test func `entries are listed as tar does it`() throws {
        try Requirement.program("setfattr")
        let scratch = try Scratch()
        let make = """
            mkdir -m 1777 tmp; printf hello > file; chmod 4755 file; ln -s file link; ln file other; mkfifo -m 600 p
            setfattr -n user.origin -v here file; find . -exec touch -h -d @86400.25 {} +
            """
        try Command(shell: make).at(scratch.directory("tree")).succeed()
        let packed = try PackedTree(scratch["tree"], in: scratch, ["--no-provenance", "--owner", "7:8"])
        let lines = try list("oci:\(packed.reference)").succeed().text
        #expect(
            lines == """
                -rwsr-xr-x 7/8              5 1970-01-02T00:00:00Z file  [user.origin]
                lrwxrwxrwx 7/8              0 1970-01-02T00:00:00Z link -> file
                hrwsr-xr-x 7/8              0 1970-01-02T00:00:00Z other link to file
                prw------- 7/8              0 1970-01-02T00:00:00Z p
                drwxrwxrwt 7/8              0 1970-01-02T00:00:00Z tmp/

                """)
        let objects = try list("oci:\(packed.reference)", "--json").succeed().text.split(separator: "\n")
            .map { try JSONValue(parsing: Array($0.utf8)) }
        #expect(objects.map { $0["path"]?.string } == ["file", "link", "other", "p", "tmp/"])
        #expect(objects[0]["mode"]?.string == "4755")
        #expect(objects[0]["xattrs"] == [["name": "user.origin", "value": "here"]])
        #expect(objects[2]["target"]?.string == "file")
    }

    @Test(arguments: ["oci-archive", "docker-archive"])
    func `an archive's layer is listed`(transport: String) throws {
        try Requirement.program("skopeo")
        let scratch = try Scratch()
        try scratch.write("tree/file", "content")
        let packed = try PackedTree(scratch["tree"], in: scratch)
        let archive = "\(transport):\(scratch["archive.tar"])"
        try Command(["skopeo", "copy", "oci:\(packed.reference)", "\(archive):example.com/app:1"]).succeed()
        #expect(try list(archive).succeed().text.hasSuffix(" file\n"))
        #expect(try Command.varve("inspect", archive).succeed().text.contains("uncompressed, 1 entry\n"))
    }

    @Test func `hostile names are escaped`() throws {
        let scratch = try Scratch()
        let members = [
            TarBytes.Member.file("a\u{1B}[31m\n", []), .other("l", "2", link: "x\u{202E}\u{9B}y"),
        ]
        let image = try image(of: TarBytes.archive(members), in: scratch)
        let lines = try list(image).succeed().text
        #expect(lines.split(separator: "\n").count == 2)
        #expect(lines.contains(#"a\x1b[31m\n"#))
        #expect(lines.contains(#"l -> x\xe2\x80\xae\xc2\x9by"#))
    }

    @Test func `a name that is no text stands in hexadecimal digits`() throws {
        let scratch = try Scratch()
        try Command(shell: #"touch $'caf\xe9'"#).at(scratch.directory("tree")).succeed()
        let packed = try PackedTree(scratch["tree"], in: scratch)
        let object = try JSONValue(parsing: list("oci:\(packed.reference)", "--json").succeed().output)
        #expect(object["pathHex"]?.string == "636166e9")
        #expect(try list("oci:\(packed.reference)").succeed().text.hasSuffix(#" caf\xe9"# + "\n"))
    }

    @Test(arguments: [
        ["inspect", "IMAGE"], ["inspect", "IMAGE", "--layer", "1"], ["diff", "IMAGE", "OLD"],
    ])
    func `a layer with another content than its digest says is exit 3`(arguments: [String]) throws {
        let work = try Workplace()
        try work.pack().succeed()
        let layer = try work.layer().string
        try Command(shell: "printf x | dd of='\(layer)' bs=1 seek=40 conv=notrunc status=none").succeed()
        let words = arguments.map {
            ["IMAGE": "oci:\(work.layout):new", "OLD": "oci:\(work.layout):old"][$0] ?? $0
        }
        let outcome = try Command([Command.varvePath.string] + words).run()
        #expect(outcome.status == 3)
        #expect(outcome.errors.split(separator: "\n").count == 1)
    }

    @Test(arguments: ["0", "2", "-1"])
    func `a layer that there is not is a mistake in usage`(number: String) throws {
        let work = try Workplace()
        let outcome = try Command(
            [Command.varvePath.string, "inspect", "oci:\(work.layout):old", "--layer=\(number)"]
        ).run()
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("give 1, the lowest, to 1"))
        #expect(outcome.output == [])
    }

    @Test(arguments: [["--max-entries", "1"], ["--max-bytes", "100"], ["--max-path", "2"]])
    func `a limit ends it by name`(flags: [String]) throws {
        let work = try Workplace()
        for command in [["inspect"], ["inspect", "--layer", "1"]] {
            let outcome = try Command(
                [Command.varvePath.string] + command + ["oci:\(work.layout):old"] + flags
            ).run()
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains(flags[0]))
        }
    }

    @Test func `attestations in the index are shown`() throws {
        let work = try Workplace()
        let index = work.layout.appending("index.json")
        let digest = try #require(
            JSONValue(parsing: content(of: index))["manifests"]?.array?.first?["digest"]?.string)
        try Command(["python3", "-c", Self.attest, work.layout.string, digest]).succeed()
        let lines = try Command.varve("inspect", "oci:\(work.layout):old").succeed().text
        #expect(lines.contains("https://slsa.dev/provenance/v1"))
        #expect(lines.contains("application/vnd.example.sbom"))
        let json = try JSONValue(
            parsing: Command.varve("inspect", "--json", "oci:\(work.layout):old").succeed().output)
        #expect(json["attestations"]?.array?.count == 2)
    }

    /// Adds one attestation as BuildKit stores it, and one artifact with a subject.
    private static let attest = """
        import hashlib, json, sys
        layout, image = sys.argv[1:]
        def store(data):
            name = hashlib.sha256(data).hexdigest()
            open(f"{layout}/blobs/sha256/{name}", "wb").write(data)
            return {"digest": "sha256:" + name, "size": len(data)}
        empty = {"mediaType": "application/vnd.oci.empty.v1+json", **store(b"{}")}
        manifest = "application/vnd.oci.image.manifest.v1+json"
        statement = {"mediaType": "application/vnd.in-toto+json", **store(b'{"a":1}'),
            "annotations": {"in-toto.io/predicate-type": "https://slsa.dev/provenance/v1"}}
        base = {"schemaVersion": 2, "mediaType": manifest, "config": empty}
        index = json.load(open(f"{layout}/index.json"))
        attestation = store(json.dumps({**base, "layers": [statement]}).encode())
        index["manifests"].append({"mediaType": manifest, **attestation,
            "platform": {"os": "unknown", "architecture": "unknown"}, "annotations": {
            "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": image}})
        subject = {"mediaType": manifest, "digest": image, "size": 1}
        artifact = store(json.dumps({**base, "layers": [empty], "subject": subject,
            "artifactType": "application/vnd.example.sbom"}).encode())
        index["manifests"].append({"mediaType": manifest, **artifact,
            "artifactType": "application/vnd.example.sbom"})
        json.dump(index, open(f"{layout}/index.json", "w"))
        """
}
