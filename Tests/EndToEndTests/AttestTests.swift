import Cryptography
import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

struct AttestTests {
    @Test func `what varve signs in-toto's and securesystemslib's readers take`() throws {
        let image = try SignedImage()
        try image.scratch.write("sbom.json", #"{"spdxVersion":"SPDX-2.3","name":"app"}"#)
        try image.attest("--predicate", image.scratch["sbom.json"].string, "--type", "spdxjson").succeed()
        let outcome = try Check.run(
            "envelope.py",
            [image.publicKey, image.attestations.string, image.scratch["app.tar.intoto.jsonl"].string])
        #expect(outcome.status == 0, "\(outcome.text)\(outcome.errors)")
        let statements = try SignedImage.statements(in: image.attestations)
        #expect(
            statements.map { $0["predicateType"]?.string } == [
                "https://slsa.dev/provenance/v1", "https://spdx.dev/Document",
            ])
        #expect(statements.last?[path: "predicate.name"]?.string == "app")
        #expect(
            statements.allSatisfy {
                $0[path: "subject.0.digest.sha256"]?.string == String(image.digest.dropFirst(7))
            })
    }

    @Test func `an archive's attestation names the archive's own digest, too`() throws {
        let image = try SignedImage()
        let file = try Command(["sha256sum", image.scratch["app.tar"].string]).succeed().text.prefix(64)
        let statement = try #require(
            SignedImage.statements(in: image.scratch["app.tar.intoto.jsonl"]).first)
        #expect(statement[path: "subject.1.digest.sha256"]?.string == String(file))
        #expect(statement[path: "subject.1.name"]?.string == "app.tar")
    }

    @Test func `attesting later signs what the build recorded, and marks it`() throws {
        let image = try SignedImage(isSigned: false)
        let outcome = try image.attestAsPacked().succeed()
        #expect(outcome.line == image.attestations.string)
        let statement = try #require(SignedImage.statements(in: image.attestations).first)
        let record = try JSONValue(parsing: content(of: image.record))
        let built = "predicate.buildDefinition"
        #expect(statement[path: "\(built).internalParameters.varve_recordedBy"]?.string == "build")
        #expect(
            statement[path: "\(built).externalParameters"] == record[path: "\(built).externalParameters"])
        #expect(
            statement[path: "\(built).resolvedDependencies"] == record[path: "\(built).resolvedDependencies"])
        let run = "predicate.runDetails"
        #expect(statement[path: "\(run).builder"] == record[path: "\(run).builder"])
        #expect(
            statement[path: "\(run).metadata.finishedOn"] == record[path: "\(run).metadata.finishedOn"])
        try image.verify("--source", SignedImage.source, "--builder-id", SignedImage.builder).succeed()
    }

    @Test func `what only the record says of builder and source is left out and named`() throws {
        let image = try SignedImage(isSigned: false)
        let outcome = try SignedImage.command([
            "attest", image.layout, "--key", image.scratch["cosign.key"].string, "--builder-id",
            SignedImage.builder,
        ]).succeed()
        for field in ["codeMetadata.repositoryURL", "version.plugins/kaniko", "invocationId"] {
            #expect(outcome.errors.contains(field), "\(field): \(outcome.errors)")
        }
        let statement = try #require(SignedImage.statements(in: image.attestations).first)
        let text = String(decoding: statement.serialized(), as: UTF8.self)
        #expect(!text.contains("https://example.com/app") && !text.contains("plugins/kaniko"))
    }

    @Test(
        "a record that was edited after the build is not signed",
        arguments: [
            ("s|/pack/v1|/pack/v2|", "buildType"), ("s|ci.example.com/varve|evil.example.com|", "builder.id"),
            ("s|https://example.com/app\"|https://example.com/evil\"|", "repositoryURL"),
            (#"s|"branch":"main"|"branch":"evil"|"#, "codeMetadata.branch"),
            (
                "s|4b220de5058abfd01ff619c9d2ff6b09a049bea0|0000000000000000000000000000000000000000|g",
                "commitSha"
            ),
            (#"s|"plugins/kaniko":"1.7.5"|"plugins/kaniko":"9"|"#, "plugins/kaniko"),
            (#"s|"libcrypto":"|"libcrypto":"9|"#, "version.libcrypto"),
            (#"s|"rootfs","digest":{"sha256":"..|"rootfs","digest":{"sha256":"zz|"#, "resolvedDependencies"),
            (#"s|"layer","digest":{"sha256":"..|"layer","digest":{"sha256":"zz|"#, "byproducts[0].digest"),
            (#"s|"diffID":"sha256:..|"diffID":"sha256:zz|"#, "diffID"),
            (#"s|"app-1.0","digest":{"sha256":"..|"app-1.0","digest":{"sha256":"zz|"#, "subject[0]"),
            (#"s|"predicateType":"[^"]*"|"predicateType":"x"|"#, "predicateType"),
            (#"s|"_type"|"more":1,"_type"|"#, "more"), ("s|^{|[|", "record"),
        ])
    func edited(script: String, field: String) throws {
        let image = try SignedImage(isSigned: false)
        let before = try text(of: image.record)
        try Command(["sed", "-i", script, image.record.string]).succeed()
        try #require(text(of: image.record) != before, "\(script)")
        let outcome = try image.attestAsPacked().run()
        #expect(outcome.status != 0)
        #expect(outcome.errors.contains(field) || field == "record", "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1)
        #expect((try? content(of: image.attestations)) == nil)
    }

    @Test func `a layer that was exchanged is not signed for`() throws {
        let image = try SignedImage(isSigned: false)
        try Command(
            shell:
                "f=$(ls -S out/blobs/sha256/* | tail -1); f=$(grep -lv '{' out/blobs/sha256/* | head -1); printf x >>$f"
        ).at(image.scratch.path).succeed()
        let outcome = try image.attestAsPacked().run()
        #expect(outcome.status == 3)
        #expect((try? content(of: image.attestations)) == nil)
    }

    @Test func `a layout holds them as cosign and sigstore have it, and the image stays what it was`() throws
    {
        let image = try SignedImage(isSigned: false)
        let manifest = image.scratch["out/blobs/sha256/\(image.digest.dropFirst(7))"]
        let before = try content(of: manifest)
        try image.scratch.write("sbom.json", #"{"name":"app"}"#)
        try image.attestAsPacked("--attestation-output", "layout").succeed()
        try image.attest(
            "--attestation-output", "layout", "--predicate", image.scratch["sbom.json"].string, "--type",
            "https://example.com/sbom"
        ).succeed()
        #expect(try content(of: manifest) == before)
        let index = try JSONValue(parsing: content(of: image.scratch["out/index.json"]))
        let entries = index["manifests"]?.array ?? []
        #expect(
            entries.map { $0[path: "annotations.kind"]?.string } == [
                "dev.cosignproject.cosign/image", "dev.cosignproject.cosign/atts", nil, nil,
            ])
        let att = try blob(entries[1], in: image)
        #expect(att["layers"]?.array?.count == 2)
        for layer in att["layers"]?.array ?? [] {
            #expect(layer["mediaType"]?.string == "application/vnd.dsse.envelope.v1+json")
            #expect(layer["annotations"]?["dev.cosignproject.cosign/signature"]?.string == "")
        }
        let config = try blob(try #require(att["config"]), in: image)
        #expect(config[path: "rootfs.diff_ids"]?.array == att["layers"]?.array?.compactMap { $0["digest"] })
        let referrer = try blob(entries[2], in: image)
        #expect(referrer[path: "subject.digest"]?.string == image.digest)
        #expect(
            referrer["artifactType"]?.string == "application/vnd.dev.sigstore.bundle.v0.3+json"
                && referrer["annotations"]?["dev.sigstore.bundle.predicateType"]?.string
                    == "https://slsa.dev/provenance/v1"
        )
        // With no file beside it the layout alone is enough; and other tools find the image.
        try Command(["rm", "-r", image.scratch["out.provenance"].string]).succeed()
        try image.verify("--source", SignedImage.source).succeed()
        try Command(["skopeo", "inspect", "--raw", image.layout]).succeed()
        try Command.varve("inspect", "oci:\(image.scratch["out"])").succeed()
        try Command.varve("check", "oci:\(image.scratch["out"])").succeed()
        // The image that held one attestation gave way to the one that holds both.
        try Command.varve("gc", "oci:\(image.scratch["out"])").succeed()
        try image.verify("--source", SignedImage.source).succeed()
        let bundle = try #require(referrer[path: "layers.0.digest"]?.string?.dropFirst(7))
        let outcome = try Check.run(
            "envelope.py", [image.publicKey, image.scratch["out/blobs/sha256/\(bundle)"].string])
        #expect(outcome.status == 0, "\(outcome.text)\(outcome.errors)")
    }

    private func blob(_ descriptor: JSONValue, in image: SignedImage) throws -> JSONValue {
        let hex = try #require(descriptor["digest"]?.string?.dropFirst(7))
        return try JSONValue(parsing: content(of: image.scratch["out/blobs/sha256/\(hex)"]))
    }

    @Test func `by default nothing is added to a layout or an archive`() throws {
        let image = try SignedImage(isSigned: false)
        let before = try Workplace.snapshot(of: image.scratch["out"])
        let archive = try content(of: image.scratch["app.tar"])
        try image.attestAsPacked().succeed()
        try SignedImage.command([
            "attest", image.archive, "-q", "--key", image.scratch["cosign.key"].string, "--builder-id",
            SignedImage.builder,
        ]).succeed()
        #expect(try Workplace.snapshot(of: image.scratch["out"]) == before)
        #expect(try content(of: image.scratch["app.tar"]) == archive)
        // Why: this is what others say of a layout that holds more than the image, where no tag is given.
        func inspect() throws -> Command.Outcome {
            try Command(["skopeo", "inspect", "--raw", "oci:\(image.scratch["out"])"]).run()
        }
        #expect(try inspect().status == 0)
        try image.attestAsPacked("--attestation-output", "layout").succeed()
        #expect(try inspect().errors.contains("more than one image"))
    }

    @Test func `attesting again takes the place of the same statement, and packing keeps what others said`()
        throws
    {
        let image = try SignedImage()
        try image.scratch.write("sbom.json", #"{"name":"app"}"#)
        for _ in 0..<2 {
            try image.attest("--predicate", image.scratch["sbom.json"].string, "--type", "cyclonedx")
                .succeed()
        }
        try SignedImage.command([
            "pack", image.scratch["rootfs"].string, "-o", image.layout, "-q", "--sign-key",
            image.scratch["cosign.key"].string, "--env", "MODE=fast",
        ]).succeed()
        let types = try SignedImage.statements(in: image.attestations).map { $0["predicateType"]?.string }
        #expect(types == ["https://cyclonedx.org/bom", "https://slsa.dev/provenance/v1"])
    }

    @Test func `attestations that are added side by side all stay`() throws {
        let image = try SignedImage()
        try Command(
            shell: """
                set -e
                for n in 1 2 3 4 5 6; do echo '{"n":'$n'}' >$n.json
                COSIGN_PASSWORD= '\(Command.varvePath)' attest '\(image.layout)' -q --key cosign.key --predicate $n.json \
                    --type https://example.com/$n --attestation-output layout >/dev/null & done
                for n in 1 2 3 4 5 6; do wait -n; done
                """
        ).at(image.scratch.path).succeed()
        #expect(try SignedImage.statements(in: image.attestations).count == 7)
        let found = try image.verify("--json").succeed()
        #expect(try JSONValue(parsing: Array(found.text.utf8))["attestations"]?.array?.count == 19)
    }

    @Test func `a file is attested by its digest`() throws {
        let image = try SignedImage()
        try image.scratch.write("tool.bin", "a tool")
        try image.scratch.write("p.json", #"{"a":1}"#)
        let path = image.scratch["tool.bin"].string
        try SignedImage.command([
            "attest", path, "-q", "--key", image.scratch["cosign.key"].string, "--predicate",
            image.scratch["p.json"].string, "--type", "https://example.com/a",
        ]).succeed()
        func verify(_ type: String) throws -> Command.Outcome {
            try SignedImage.command(["verify", path, "--key", image.publicKey, "--type", type]).run()
        }
        #expect(try verify("https://example.com/a").status == 0)
        #expect(try verify("https://example.com/b").status == 3)
        try image.scratch.write("tool.bin", "a tooL")
        #expect(try verify("https://example.com/a").status == 3)
    }

    @Test func `a signature without a statement is cosign's`() throws {
        let image = try SignedImage()
        let outcome = try SignedImage.command([
            "sign", image.layout, "-q", "--key", image.scratch["cosign.key"].string, "--reference",
            "registry.example.com/app:1.0", "--attestation-output", "layout",
        ]).succeed()
        let files = outcome.text.split(separator: "\n").map { FilePath(String($0)) }
        let payload = try text(of: try #require(files.first))
        #expect(
            payload
                == #"{"critical":{"identity":{"docker-reference":"registry.example.com/app:1.0"},"image":{"docker-manifest-digest":"\#(image.digest)"},"type":"cosign container image signature"},"optional":null}"#
        )
        try Command(
            shell:
                "base64 -d '\(files[1])' >sig && openssl dgst -sha256 -verify cosign.pub -signature sig '\(files[0])'"
        ).at(image.scratch.path).succeed()
        let index = try text(of: image.scratch["out/index.json"])
        #expect(index.contains("dev.cosignproject.cosign/sigs"))
        #expect(index.contains("sha256-\(image.digest.dropFirst(7)).sig"))
    }

    @Test(arguments: [
        (["--type", "no words"], "--type"), (["--type", "spdxjson"], "--predicate"),
        (["--predicate", "/dev/null"], "--predicate"), (["--sign-command", "x"], "--sign-command"),
    ])
    func `a wrong use is told`(words: [String], flag: String) throws {
        let image = try SignedImage()
        let outcome = try SignedImage.command(
            ["attest", image.layout, "-q", "--key", image.scratch["cosign.key"].string] + words
        ).run()
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains(flag), "\(outcome.errors)")
    }

    @Test func `a program signs where the key is elsewhere`() throws {
        let image = try SignedImage(isSigned: false)
        try Command(
            shell:
                "openssl ecparam -name prime256v1 -genkey -noout -out far.pem && openssl ec -in far.pem -pubout -out far.pub"
        ).at(image.scratch.path).succeed()
        try SignedImage.command([
            "attest", image.layout, "-q", "--sign-command",
            "openssl dgst -sha256 -sign \(image.scratch["far.pem"])", "--public-key",
            image.scratch["far.pub"].string, "--builder-id", SignedImage.builder,
        ]).succeed()
        try SignedImage.command(["verify", image.layout, "--key", image.scratch["far.pub"].string]).succeed()
        let wrong = try SignedImage.command([
            "attest", image.layout, "-q", "--sign-command", "echo AAAA", "--public-key",
            image.scratch["far.pub"].string, "--builder-id", SignedImage.builder,
        ]).run()
        #expect(wrong.status == 3, "\(wrong.errors)")
    }
}
