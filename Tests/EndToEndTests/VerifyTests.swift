import Cryptography
import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

struct VerifyTests {
    @Test func `an archive is verified by the commands that the handbook shows`() throws {
        let image = try SignedImage()
        let outcome = try SignedImage.command([
            "verify", image.archive, "--key", image.publicKey, "--source", "git+https://example.com/app",
            "--branch", "main", "--builder-id", SignedImage.builder, "--require-builder-version",
            "plugins/kaniko>=1.7.5",
        ]).succeed()
        for line in [
            "source           ok", "branch           ok", "builder versions ok", "parameters       not asked",
        ] {
            #expect(outcome.text.contains(line), "\(line): \(outcome.text)")
        }
        #expect(outcome.text.hasSuffix("\npassed\n"))
    }

    @Test(
        arguments: [
            (["--source", "git+https://example.com/other"], "source"),
            (["--source", "git+https://example.com/app@refs/heads/other"], "branch"),
            (["--tag", "v1"], "tag"), (["--commit", "0000000000000000000000000000000000000000"], "commit"),
            (["--builder-id", "https://ci.example.com/other"], "builder"),
            (["--require-builder-version", "plugins/kaniko>=1.8"], "builder versions"),
            (["--require-builder-version", "ci-manager"], "builder versions"),
            (["--build-type", "https://example.com"], "build type"), (["--strict-parameters"], "parameters"),
            (["--type", "spdxjson"], "predicate type"),
        ])
    func `what is not as asked ends with 3 and a line that names it`(words: [String], question: String) throws
    {
        let image = try SignedImage()
        let outcome = try SignedImage.command(
            ["verify", image.layout, "--key", image.publicKey] + words
        ).run()
        #expect(outcome.status == 3)
        #expect(outcome.errors.hasPrefix("varve: no attestation passes: \(question): "), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1)
        #expect(outcome.text.hasSuffix("FAILED\n"))
    }

    @Test func `another key's signature is nothing`() throws {
        let image = try SignedImage()
        try SignedImage.generateKey("other", in: image.scratch)
        let outcome = try SignedImage.command([
            "verify", image.layout, "--key", image.scratch["other.pub"].string,
        ]).run()
        #expect(outcome.status == 3)
        #expect(outcome.errors.contains("signature"))
        // Of two keys one is enough.
        try image.verify("--key", image.scratch["other.pub"].string).succeed()
    }

    @Test func `without an attestation nothing is verified`() throws {
        let image = try SignedImage(isSigned: false)
        let outcome = try image.verify().run()
        #expect(outcome.status == 3)
        #expect(outcome.errors.contains("nobody attested"))
    }

    @Test func `an attestation of another image is not this one's`() throws {
        let image = try SignedImage()
        try image.scratch.write("rootfs/etc/motd", "other\n")
        let digest = try SignedImage.command([
            "pack", image.scratch["rootfs"].string, "-o", "oci:\(image.scratch["out"]):b", "-q",
            "--no-provenance",
        ]).succeed().line
        let other = image.scratch["out.provenance/\(digest.dropFirst(7)).intoto.jsonl"]
        try Command(["cp", image.attestations.string, other.string]).succeed()
        let outcome = try SignedImage.command([
            "verify", "oci:\(image.scratch["out"]):b", "--key", image.publicKey,
        ]).run()
        #expect(outcome.status == 3)
        #expect(outcome.errors.contains("subject"))
    }

    @Test func `one good attestation among bad ones is enough, and the others are told`() throws {
        let image = try SignedImage()
        let good = try content(of: image.attestations)
        let lines =
            Array("{\"payload\":\"!\",\"payloadType\":\"x\",\"signatures\":[]}\nnoise\n".utf8)
            + Array(String(decoding: good, as: UTF8.self).replacing("\"sig\":\"M", with: "\"sig\":\"N").utf8)
            + good
        try Directory.writeFile(at: image.attestations, lines)
        let outcome = try image.verify("--source", SignedImage.source).succeed()
        #expect(outcome.text.contains("unreadable"))
        #expect(outcome.text.contains("not counted"))
    }

    @Test(
        "what is wrong with the artifact's own bytes is a failure, whatever is signed",
        arguments: ["layer", "config", "manifest"])
    func damagedArtifact(part: String) throws {
        let image = try SignedImage()
        let find =
            part == "layer"
            ? "for f in *; do head -c 1 $f | grep -q '{' || echo $f; done"
            : "grep -l '\(part == "config" ? "rootfs" : "schemaVersion")' *"
        try Command(
            shell:
                "f=$(\(find)) && test -n \"$f\" && printf ' ' | dd of=$f bs=1 conv=notrunc status=none seek=20"
        )
        .at(image.scratch["out/blobs/sha256"]).succeed()
        let outcome = try image.verify().run()
        #expect(outcome.status == 3, "\(outcome.errors)")
    }

    @Test func `an attestation in the layout whose blob was exchanged is not read`() throws {
        let image = try SignedImage(isSigned: false)
        try image.attestAsPacked("--attestation-output", "layout").succeed()
        try Command(["rm", "-r", image.scratch["out.provenance"].string]).succeed()
        try image.verify().succeed()
        try Command(
            shell: "for f in $(grep -l payloadType *); do sed -i 's/\"sig\":\"M/\"sig\":\"N/' $f; done"
        ).at(image.scratch["out/blobs/sha256"]).succeed()
        let outcome = try image.verify().run()
        #expect(outcome.status == 3)
        #expect(outcome.text.contains("unreadable"))
    }

    @Test func `what is too old fails`() throws {
        let image = try SignedImage()
        try image.verify("--max-age", "1h").succeed()
        try Command(["sleep", "2"]).succeed()
        let outcome = try image.verify("--max-age", "1s").run()
        #expect(outcome.status == 3)
        #expect(outcome.errors.contains("age"))
    }

    @Test func `what Python signs varve verifies`() throws {
        let image = try SignedImage(isSigned: false)
        let scratch = image.scratch
        let outcome = try Check.run(
            "envelope.py",
            [
                "sign", image.record.string, scratch["py.key"].string, scratch["py.pub"].string,
                scratch["py.jsonl"].string,
            ])
        #expect(outcome.status == 0, "\(outcome.text)\(outcome.errors)")
        try SignedImage.command([
            "verify", image.layout, "--key", scratch["py.pub"].string, "--attestation",
            scratch["py.jsonl"].string,
            "--source", SignedImage.source,
        ]).succeed()
    }

    @Test(arguments: [
        ("an envelope of 100 MB", "head -c 100000000 /dev/zero | tr '\\0' A"),
        ("brackets in each other", "head -c 10000000 /dev/zero | tr '\\0' '['"),
        ("as many lines as may be", "(yes '{}' || true) | head -n 5000000"),
    ])
    func `hostile attestations cost little`(title: String, script: String) throws {
        let image = try SignedImage(isSigned: false)
        try Command(shell: "\(script) >hostile").at(image.scratch.path).succeed()
        let outcome = try image.verify("--attestation", image.scratch["hostile"].string)
            .behind("timeout", "-s", "KILL", "60").run()
        #expect([1, 3].contains(outcome.status), "\(title): \(outcome.status)")
    }

    @Test func `nothing that an attestation says can steer the terminal`() throws {
        let image = try SignedImage()
        try image.scratch.write(
            "p.json", #"{"buildDefinition":{"buildType":"\u001b[31mred\nline"},"runDetails":{}}"#)
        try image.attest("--predicate", image.scratch["p.json"].string).succeed()
        let outcome = try image.verify("--build-type", "x").run()
        #expect(!(outcome.text + outcome.errors).utf8.contains(0x1b))
    }

    // MARK: Policy, summaries, Rego

    @Test(
        "a flag that nothing comes of, or that a policy answers already, is a mistake",
        arguments: [
            (["--value", "a=b"], "--value"), (["--vsa-sign-key", "k"], "--vsa"),
            (["--resource-uri", "oci://a"], "--vsa"), (["--vsa-level", "SLSA_BUILD_LEVEL_1"], "--vsa-key"),
            (["--vsa-resource", "oci://a"], "--vsa-key"),
            (["--policy", "policy.yaml", "--key", "cosign.pub"], "--key"),
            (["--policy", "policy.yaml", "--source", "https://example.com/evil"], "--source"),
            (["--policy", "policy.yaml", "--builder-id", "https://evil.org"], "--builder-id"),
        ])
    func idleFlags(words: [String], flag: String) throws {
        let image = try SignedImage()
        try image.scratch.write(
            "policy.yaml",
            """
            version: 1
            builders:
              - key: cosign.pub
                ids: ["\(SignedImage.builder)"]
            source: https://example.com/app
            """)
        let outcome = try SignedImage.command(["verify", image.layout] + words).at(image.scratch.path).run()
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains(flag), "\(outcome.errors)")
    }

    @Test func `a policy's source with a ref is told to be none`() throws {
        let image = try SignedImage()
        try image.scratch.write(
            "policy.yaml",
            """
            version: 1
            builders:
              - key: cosign.pub
                ids: ["\(SignedImage.builder)"]
            source: \(SignedImage.source)
            """)
        let outcome = try SignedImage.command([
            "verify", image.layout, "--policy", image.scratch["policy.yaml"].string,
        ]).run()
        #expect(outcome.status == 1 && outcome.errors.contains("branch, tag or commit"), "\(outcome.errors)")
    }

    @Test func `an archive that shows every reader another image is neither signed nor verified`() throws {
        let image = try SignedImage()
        try Command(
            shell: """
                mkdir mixed && tar -xf app.tar -C mixed && cd mixed && cp -a blobs ../kept
                config=$(ls blobs/sha256 | head -n 1)
                sed -i 's|"Config":"blobs/sha256/[0-9a-f]*"|"Config":"blobs/sha256/'$config'"|' manifest.json
                printf '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}' >evil
                sum=$(sha256sum evil | cut -c1-64); mv evil blobs/sha256/$sum
                printf '[{"Config":"blobs/sha256/%s","RepoTags":null,"Layers":[]}]' $sum >manifest.json
                tar -cf ../mixed.tar *
                """
        ).at(image.scratch.path).succeed()
        let archive = "oci-archive:\(image.scratch["mixed.tar"])"
        let signed = try SignedImage.command([
            "attest", archive, "--key", image.scratch["cosign.key"].string, "--builder-id",
            SignedImage.builder,
        ]).run()
        #expect(signed.status == 1 && signed.errors.contains("different images"), "\(signed.errors)")
    }

    @Test func `an archive of docker's form alone is attested and verified`() throws {
        let image = try SignedImage()
        try Command([
            "skopeo", "--tmpdir", image.scratch.path.string, "copy", "-q", image.layout,
            "docker-archive:\(image.scratch["docker.tar"]):example.com/app:1.0",
        ]).succeed()
        let archive = "docker-archive:\(image.scratch["docker.tar"])"
        try image.scratch.write("sbom.json", #"{"name":"app"}"#)
        try SignedImage.command([
            "attest", archive, "-q", "--key", image.scratch["cosign.key"].string, "--predicate",
            image.scratch["sbom.json"].string, "--type", "spdxjson",
        ]).succeed()
        try SignedImage.command(["verify", archive, "--key", image.publicKey, "--type", "spdxjson"]).succeed()
    }

    @Test func `a policy says it all as data`() throws {
        let image = try SignedImage()
        try image.scratch.write(
            "policy.yaml",
            """
            version: 1
            builders:
              - key: cosign.pub
                ids: ["\(SignedImage.builder)"]
                level: 2
            source: git+https://example.com/app
            branch: main
            builderVersions: ["plugins/kaniko>=1.7.5"]
            parameters:
              codeMetadata.commitSha: "4b220de5058abfd01ff619c9d2ff6b09a049bea0"
              buildMetadata: "*"
              parameters:
                command: pack
                compression: gzip
                env: "*"
                source: "*"
            """)
        let words = ["verify", image.layout, "--policy", image.scratch["policy.yaml"].string]
        let outcome = try SignedImage.command(words).succeed()
        #expect(outcome.text.contains("level 2"))
        try Command([
            "sed", "-i", "s/compression: gzip/compression: zstd/", image.scratch["policy.yaml"].string,
        ])
        .succeed()
        let refused = try SignedImage.command(words).run()
        #expect(refused.status == 3)
        #expect(refused.errors.contains("parameters.compression"))
        try Command(["sed", "-i", "s/^branch:/brunch:/", image.scratch["policy.yaml"].string]).succeed()
        let wrong = try SignedImage.command(words).run()
        #expect(wrong.status == 1)
        #expect(wrong.errors.contains("line 7") && wrong.errors.contains("branch"), "\(wrong.errors)")
    }

    @Test func `a summary counts under a verifier's own key, and under no other`() throws {
        let image = try SignedImage()
        let scratch = image.scratch
        try SignedImage.generateKey("vsa", in: scratch)
        let vsa = scratch["out.vsa.intoto.jsonl"].string
        try image.verify(
            "--source", SignedImage.source, "--vsa", vsa, "--vsa-sign-key", scratch["vsa.key"].string,
            "--verifier-id",
            "https://verify.example.com", "--resource-uri", "oci://registry.example.com/app"
        ).succeed()
        func believe(_ words: String...) throws -> Int32 {
            try SignedImage.command(
                [
                    "verify", image.layout, "--attestation", vsa, "--vsa-key", scratch["vsa.pub"].string,
                    "--vsa-verifier", "https://verify.example.com",
                ] + words
            ).run().status
        }
        #expect(try believe() == 0)
        #expect(try believe("--vsa-resource", "oci://registry.example.com/app") == 0)
        #expect(try believe("--vsa-resource", "oci://registry.example.com/other") == 3)
        #expect(try believe("--vsa-level", "SLSA_BUILD_LEVEL_3") == 3)
        #expect(try believe("--key", image.publicKey, "--source", SignedImage.source) == 0)
        #expect(
            try SignedImage.command([
                "verify", image.layout, "--attestation", vsa, "--vsa-key", image.publicKey, "--vsa-verifier",
                "https://verify.example.com",
            ]).run().status == 3)
        // The same key as builder and verifier is a wrong use, whichever way.
        #expect(try believe("--key", scratch["vsa.pub"].string) == 2)
        let own = try image.verify("--vsa", vsa, "--vsa-sign-key", scratch["cosign.key"].string).run()
        #expect(own.status == 2)
        // A verification that fails is summed up as what it is, and counts for nothing.
        _ = try image.verify(
            "--tag", "v1", "--vsa", vsa, "--vsa-sign-key", scratch["vsa.key"].string, "--verifier-id",
            "https://verify.example.com"
        ).run()
        #expect(try believe() == 3)
        let statement = try #require(SignedImage.statements(in: FilePath(vsa)).first)
        #expect(statement[path: "predicate.verificationResult"]?.string == "FAILED")
    }

    @Test func `Harness' policies find the predicate where they look for it`() throws {
        let image = try SignedImage()
        let path = image.scratch["input.json"]
        try image.verify("--rego-input", path.string).succeed()
        let input = try JSONValue(parsing: content(of: path))
        let predicate = try #require(input[path: "0.outcome.stepArtifacts.provenanceArtifacts.0.predicate"])
        #expect(
            predicate[path: "buildDefinition.externalParameters.codeMetadata.repositoryURL"]?.string
                == "https://example.com/app")
        #expect(
            input[path: "0.outcome.stepArtifacts.publishedImageArtifacts.0.digest"]?.string == image.digest)
    }

    // MARK: Building again

    @Test func `a tree that is as it was gives the same image`() throws {
        let image = try SignedImage()
        let root = image.scratch["rootfs"]
        let same = try image.verify("--rebuild", root.string).succeed()
        #expect(same.text.contains("reproduced  the same manifest"))
        try Command(["chmod", "600", root.appending("etc/motd").string]).succeed()
        let outcome = try image.verify("--rebuild", root.string).run()
        #expect(outcome.status == 3)
        #expect(outcome.text.contains("mode of etc/motd was 0644, and is 0600 now"), "\(outcome.text)")
        #expect(
            try Directory.open(image.scratch.path).names().allSatisfy {
                !$0.bytes.starts(with: ".varve".utf8)
            })
    }

    @Test func `a value that provenance does not show is asked for`() throws {
        let scratch = try Scratch()
        try SignedImage.generateKey("cosign", in: scratch)
        try scratch.write("rootfs/f", "x")
        let layout = "oci:\(scratch["out"]):a"
        try SignedImage.command([
            "pack", scratch["rootfs"].string, "-o", layout, "-q", "--sign-key", scratch["cosign.key"].string,
            "--env",
            "API_TOKEN=secret",
        ]).succeed()
        func rebuild(_ words: String...) throws -> Command.Outcome {
            try SignedImage.command(
                [
                    "verify", layout, "--key", scratch["cosign.pub"].string, "--rebuild",
                    scratch["rootfs"].string,
                ] + words
            ).run()
        }
        let outcome = try rebuild()
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("--value API_TOKEN="))
        #expect(try rebuild("--value", "API_TOKEN=secret").status == 0)
        #expect(try rebuild("--value", "API_TOKEN=other").status == 3)
    }
}
