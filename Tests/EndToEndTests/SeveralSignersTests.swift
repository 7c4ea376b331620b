import Cryptography
import OCI
import SystemPackage
import TestSupport
import Testing

/// What one signer does to what another one signed.
struct SeveralSignersTests {
    private func refuse(_ command: Command, with status: Int32) throws -> Command.Outcome {
        let outcome = try command.run()
        #expect(outcome.status == status, "\(outcome.errors)")
        return outcome
    }

    private func signatures(in path: FilePath) throws -> [String] {
        try content(of: path).split(separator: 10).map { line in
            try JSONValue(parsing: Array(line))[path: "signatures.0.sig"]?.string ?? ""
        }
    }

    private func attest(_ image: SignedImage, by key: String, _ words: String...) -> Command {
        SignedImage.command(
            ["attest", image.layout, "-q", "--key", image.scratch["\(key).key"].string] + words)
    }

    @Test func `a second signer of the same statement erases nothing, in the file or the layout`() throws {
        let image = try SignedImage()
        try SignedImage.generateKey("second", in: image.scratch)
        try image.scratch.write("sbom.json", #"{"name":"app"}"#)
        for key in ["cosign", "second", "second"] {
            try attest(
                image, by: key, "--predicate", image.scratch["sbom.json"].string, "--type", "spdxjson",
                "--attestation-output", "layout"
            ).succeed()
        }
        // The provenance, and the SBOM once by each.
        #expect(try signatures(in: image.attestations).count == 3)
        let index = try JSONValue(parsing: content(of: image.scratch["out/index.json"]))
        let name = "sha256-\(image.digest.dropFirst(7)).att"
        let entries = index["manifests"]?.array ?? []
        let entry = try #require(
            entries.first { $0["annotations"]?["org.opencontainers.image.ref.name"]?.string == name })
        let digest = (entry["digest"]?.string ?? "").dropFirst(7)
        let manifest = try JSONValue(parsing: content(of: image.scratch["out/blobs/sha256/\(digest)"]))
        #expect(manifest["layers"]?.array?.count == 2)
        #expect(entries.filter { $0["artifactType"] != nil }.count == 2)
        for key in ["cosign", "second"] {
            try SignedImage.command([
                "verify", image.layout, "--key", image.scratch["\(key).pub"].string, "--type", "spdxjson",
            ]).succeed()
        }
    }

    @Test func `packing again with another key keeps the first signer's provenance`() throws {
        let image = try SignedImage()
        try SignedImage.generateKey("second", in: image.scratch)
        for key in ["second", "second"] {
            try SignedImage.command([
                "pack", image.scratch["rootfs"].string, "-o", "oci:\(image.scratch["out"]):app-1.0", "-q",
                "--env", "MODE=fast", "--sign-key", image.scratch["\(key).key"].string,
            ]).succeed()
        }
        #expect(try signatures(in: image.attestations).count == 2)
        try image.verify("--source", SignedImage.source).succeed()
    }

    @Test func `signatures without a statement stand side by side`() throws {
        let image = try SignedImage()
        try SignedImage.generateKey("second", in: image.scratch)
        func sign(_ key: String, _ name: String) -> Command {
            SignedImage.command([
                "sign", image.layout, "-q", "--key", image.scratch["\(key).key"].string, "--reference", name,
                "--attestation-output", "layout",
            ])
        }
        let name = "registry.example.com/app:1.0"
        for key in ["cosign", "second", "cosign"] { try sign(key, name).succeed() }
        let file = image.scratch["out.provenance/\(image.digest.dropFirst(7)).simplesigning.sig"]
        #expect(try content(of: file).split(separator: 10).count == 2)
        let index = try JSONValue(parsing: content(of: image.scratch["out/index.json"]))
        let entry = try #require(
            index["manifests"]?.array?.first {
                $0["annotations"]?["org.opencontainers.image.ref.name"]?.string?.hasSuffix(".sig") == true
            })
        let digest = (entry["digest"]?.string ?? "").dropFirst(7)
        let manifest = try JSONValue(parsing: content(of: image.scratch["out/blobs/sha256/\(digest)"]))
        #expect(manifest["layers"]?.array?.count == 2)
        // One file holds one payload: the other's signature would be over nothing.
        let refused = try refuse(sign("cosign", "registry.example.com/app:2.0"), with: 1)
        #expect(refused.errors.contains("somebody else signed"))
        #expect(try content(of: file).split(separator: 10).count == 2)
    }

    @Test(arguments: ["https://u:secret@example.com/app", "app one", "user:secret@host/app:1"])
    func `a reference that is none is not signed`(_ reference: String) throws {
        let image = try SignedImage()
        let outcome = try refuse(
            SignedImage.command([
                "sign", image.layout, "--key", image.scratch["cosign.key"].string, "--reference", reference,
            ]), with: 2)
        #expect(outcome.errors.contains("--reference"))
    }

    // MARK: The file

    @Test func `a document over several lines keeps its place when another joins it`() throws {
        let image = try SignedImage()
        let one = try JSONValue(parsing: content(of: image.attestations))
        try image.scratch.write(
            "pretty.jsonl", String(decoding: one.serialized(indent: 2), as: UTF8.self) + "\n")
        try image.scratch.write("sbom.json", #"{"name":"app"}"#)
        try image.attest(
            "--predicate", image.scratch["sbom.json"].string, "--type", "spdxjson", "--attestation-file",
            image.scratch["pretty.jsonl"].string
        ).succeed()
        let types = try SignedImage.statements(in: image.scratch["pretty.jsonl"]).map {
            $0["predicateType"]?.string
        }
        #expect(types == ["https://slsa.dev/provenance/v1", "https://spdx.dev/Document"])
    }

    @Test(arguments: ["cosign.key", "app.tar", "rootfs/etc/motd"])
    func `a file that holds something else stays as it is`(_ name: String) throws {
        let image = try SignedImage(isSigned: false)
        let before = try content(of: image.scratch[name])
        let outcome = try refuse(
            image.attestAsPacked("--attestation-file", image.scratch[name].string), with: 1)
        #expect(outcome.errors.contains("cannot add to"))
        #expect(try content(of: image.scratch[name]) == before)
    }

    @Test func `a directory, a pipe and - are no place for envelopes`() throws {
        let image = try SignedImage(isSigned: false)
        try Command(["mkfifo", image.scratch["pipe"].string]).succeed()
        for (path, status, words) in [
            (image.scratch["rootfs"].string, 1, "is no regular file"), ("-", 2, "--attestation-file"),
        ] {
            let outcome = try refuse(
                image.attestAsPacked("--attestation-file", path), with: Int32(status))
            #expect(outcome.errors.contains(words), "\(path): \(outcome.errors)")
        }
    }

    @Test func `the file keeps its mode`() throws {
        let image = try SignedImage()
        try Command(["chmod", "640", image.attestations.string]).succeed()
        try image.scratch.write("sbom.json", #"{"name":"app"}"#)
        try image.attest("--predicate", image.scratch["sbom.json"].string, "--type", "spdxjson").succeed()
        #expect(try Command(["stat", "-c", "%a", image.attestations.string]).succeed().line == "640")
    }

    // MARK: Verifying

    @Test func `one blob that is named a thousand times is looked at once`() throws {
        let image = try SignedImage()
        try image.attest(
            "--predicate", image.scratch["app.tar.intoto.jsonl"].string, "--type", "https://example.com/x",
            "--attestation-output", "layout"
        ).succeed()
        let index = image.scratch["out/index.json"]
        var json = try JSONValue(parsing: content(of: index))
        let manifests = json["manifests"]?.array ?? []
        let att = manifests.first {
            $0["annotations"]?["org.opencontainers.image.ref.name"]?.string?.hasSuffix(".att") == true
        }
        let digest = (att?["digest"]?.string ?? "").dropFirst(7)
        var manifest = try JSONValue(parsing: content(of: image.scratch["out/blobs/sha256/\(digest)"]))
        let layer = try #require(manifest["layers"]?.array?.first)
        manifest = manifest.setting("layers", .array(Array(repeating: layer, count: 1000)))
        let bytes = manifest.serialized()
        try image.scratch.write("manifest.json", String(decoding: bytes, as: UTF8.self))
        let new = try Command(["sha256sum", image.scratch["manifest.json"].string]).succeed().text.prefix(64)
        try image.scratch.write("out/blobs/sha256/\(new)", String(decoding: bytes, as: UTF8.self))
        let entry = try #require(att).setting("digest", .string("sha256:\(new)"))
            .setting("size", .number(JSONNumber(bytes.count)))
        json = json.setting("manifests", .array(manifests.filter { $0 != att } + [entry]))
        try image.scratch.write("out/index.json", String(decoding: json.serialized(), as: UTF8.self))
        let outcome = try image.verify("--type", "https://example.com/x", "--json").succeed()
        let found = try JSONValue(parsing: Array(outcome.text.utf8))["attestations"]?.array?.count
        #expect((2...4).contains(found ?? 0), "\(found ?? -1)")
    }

    @Test func `a summary joins others' in one file, and the input of policies goes when they would fail`()
        throws
    {
        let image = try SignedImage()
        try SignedImage.generateKey("verifier", in: image.scratch)
        let words = [
            "--vsa", image.scratch["vsa.jsonl"].string, "--vsa-sign-key",
            image.scratch["verifier.key"].string, "--rego-input", image.scratch["rego.json"].string,
        ]
        func verify(_ more: [String]) -> Command {
            SignedImage.command(["verify", image.layout, "--key", image.publicKey] + words + more)
        }
        try verify([]).succeed()
        try image.scratch.write("other.jsonl", "")
        #expect(try content(of: image.scratch["rego.json"]).isEmpty == false)
        _ = try refuse(verify(["--branch", "other"]), with: 3)
        #expect(try signatures(in: image.scratch["vsa.jsonl"]).count == 1)
        #expect(throws: (any Error).self) { try content(of: image.scratch["rego.json"]) }
        let refused = try refuse(
            verify(["--resource-uri", "https://u:secret@example.com/app"]), with: 2)
        #expect(refused.errors.contains("--resource-uri") && !refused.errors.contains("secret"))
    }

    @Test func `one public key in the environment is read as often as it is named`() throws {
        let image = try SignedImage()
        let pem = String(decoding: try content(of: image.scratch["cosign.pub"]), as: UTF8.self)
        try Command([
            "env", "-i", "PATH=/usr/bin:/bin", "PUB=\(pem)", Command.varvePath.string, "verify", image.layout,
            "--key", "env://PUB", "--key", "env://PUB",
        ]).succeed()
    }

    @Test func `a signing program cannot read the password in its parent`() throws {
        let image = try SignedImage(isSigned: false)
        try image.scratch.write(
            "sign.sh",
            """
            #!/bin/sh
            tr '\\0' '\\n' </proc/$PPID/environ >\(image.scratch["seen"].string)
            exec openssl dgst -sha256 -sign \(image.scratch["p8.key"].string)
            """)
        try Command(["chmod", "755", image.scratch["sign.sh"].string]).succeed()
        try Command([
            "openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
            image.scratch["p8.key"].string,
        ]).succeed()
        try Command([
            "openssl", "pkey", "-in", image.scratch["p8.key"].string, "-pubout", "-out",
            image.scratch["p8.pub"].string,
        ]).succeed()
        try Command([
            "env", "-i", "PATH=/usr/bin:/bin", "COSIGN_PASSWORD=hunter2", "VARVE_SIGN_KEY=hunter2",
            Command.varvePath.string, "attest", image.layout, "-q", "--sign-command",
            image.scratch["sign.sh"].string, "--public-key", image.scratch["p8.pub"].string, "--builder-id",
            SignedImage.builder,
        ]).succeed()
        let seen = String(decoding: try content(of: image.scratch["seen"]), as: UTF8.self)
        #expect(seen.contains("PATH=") && !seen.contains("hunter2"))
    }
}

extension JSONValue {
    fileprivate func setting(_ key: String, _ value: JSONValue) -> JSONValue {
        var object = self.object ?? JSONObject()
        object[key] = value
        return .object(object)
    }
}
