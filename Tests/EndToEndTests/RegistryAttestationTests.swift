import OCI
import SystemPackage
import TestSupport
import Testing

/// What is said about an image in a registry, and who finds it there.
struct RegistryAttestationTests {
    private let work: RegistryWorkplace

    init() throws { work = try RegistryWorkplace() }

    private func attest(_ image: String, type: String, _ words: String...) throws -> Command {
        try work.scratch.write("p.json", #"{"claim":"yes"}"#)
        return work.varve(
            ["attest", image, "--key", "cosign.key", "-q", "--predicate", "p.json", "--type", type] + words)
    }

    @Test func `a claim is beside the image, in both forms, and other keys do not verify it`() throws {
        let registry = try FaultyRegistry()
        let app = "\(registry.host)/app:1"
        try work.varve("push", "oci:out:app-1.0", app, "-q", "--no-attachments").succeed()
        let place = try attest(app, type: "https://example.com/t").succeed().line
        #expect(place == "\(registry.host)/app:sha256-\(work.digest.dropFirst(7)).att")
        try work.varve("verify", app, "--key", "cosign.pub", "--type", "https://example.com/t").succeed()
        let subjects = registry.content.manifests["app"]?.values.filter { manifest in
            (try? JSONValue(parsing: manifest.bytes))?["subject"]?["digest"]?.string == work.digest
        }
        #expect(subjects?.count == 1)
        try SignedImage.generateKey("other", in: work.scratch)
        let other = try work.varve("verify", app, "--key", "other.pub", "--type", "https://example.com/t")
            .run()
        #expect(other.status == 3)
        let type = try work.varve("verify", app, "--key", "cosign.pub", "--type", "https://example.com/u")
            .run()
        #expect(type.status == 3)
    }

    @Test func `what is claimed of a tag is claimed of its digest`() throws {
        let registry = try RealRegistry()
        let app = "\(registry.host)/app"
        try work.varve("push", "oci:out:app-1.0", "\(app):1", "-q").succeed()
        _ = try work.pack("other", platform: "linux/amd64")
        try work.varve("push", "oci:out:other", "\(app):1", "-q").succeed()
        let outcome = try work.varve("verify", "\(app):1", "--key", "cosign.pub").run()
        #expect(outcome.status == 3)
        #expect(outcome.errors.contains("nobody attested"), "\(outcome.errors)")
        try work.varve("verify", "\(app)@\(work.digest)", "--key", "cosign.pub").succeed()
    }

    @Test func `without a predicate there is nothing to sign, and the message says so`() throws {
        let registry = try FaultyRegistry()
        let app = "\(registry.host)/app:1"
        try work.varve("push", "oci:out:app-1.0", app, "-q", "--no-attachments").succeed()
        let outcome = try work.varve("attest", app, "--key", "cosign.key").run()
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("an image in a registry has no build record"), "\(outcome.errors)")
        #expect(registry.content.tags["app"]?.keys.sorted() == ["1"])
    }

    @Test func `a signature without a statement is cosign's image there`() throws {
        let registry = try FaultyRegistry()
        let app = "\(registry.host)/app:1"
        try work.varve("push", "oci:out:app-1.0", app, "-q", "--no-attachments").succeed()
        let place = try work.varve("sign", app, "--key", "cosign.key").succeed().line
        let tag = "sha256-\(work.digest.dropFirst(7)).sig"
        #expect(place == "\(registry.host)/app:\(tag)")
        let digest = try #require(registry.content.tags["app"]?[tag])
        let manifest = try JSONValue(parsing: registry.content.manifests["app"]?[digest]?.bytes ?? [])
        let layer = try #require(manifest["layers"]?.array?.first)
        #expect(layer["mediaType"] == "application/vnd.dev.cosign.simplesigning.v1+json")
        let payload = try #require(registry.content.blobs["app"]?[layer["digest"]?.string ?? ""])
        #expect(
            try JSONValue(parsing: payload)[path: "critical.image.docker-manifest-digest"]?.string
                == work.digest)
        try work.scratch.write("payload", String(decoding: payload, as: UTF8.self))
        try work.scratch.write(
            "signature", layer["annotations"]?["dev.cosignproject.cosign/signature"]?.string ?? "")
        try work.shell(
            "base64 -d signature >sig && openssl dgst -sha256 -verify cosign.pub -signature sig payload"
        ).succeed()
    }

    @Test("Several who attest at once lose nothing", arguments: [true, false])
    func together(hasReferrers: Bool) throws {
        let registry = try FaultyRegistry { $0.hasReferrers = hasReferrers }
        let app = "\(registry.host)/app:1"
        try work.varve("push", "oci:out:app-1.0", app, "-q", "--no-attachments").succeed()
        try work.scratch.write("p.json", #"{"claim":"yes"}"#)
        try work.shell(
            """
            for n in 1 2 3 4 5 6; do
                "$VARVE" attest '\(app)' --key cosign.key -q --predicate p.json --type https://example.com/$n &
                pids="$pids $!"
            done
            for pid in $pids; do wait $pid || failed=1; done
            test -z "$failed"
            """
        ).succeed()
        let tag = "sha256-\(work.digest.dropFirst(7))"
        let content = registry.content
        func document(_ name: String) throws -> JSONValue {
            let digest = try #require(content.tags["app"]?[name])
            return try JSONValue(parsing: content.manifests["app"]?[digest]?.bytes ?? [])
        }
        #expect(try document("\(tag).att")["layers"]?.array?.count == 6)
        if !hasReferrers { #expect(try document(tag)["manifests"]?.array?.count == 6) }
        for number in 1...6 {
            try work.varve(
                "verify", app, "--key", "cosign.pub", "--type", "https://example.com/\(number)"
            ).succeed()
        }
    }

    @Test func `the real registry loses nothing either`() throws {
        let registry = try RealRegistry()
        let app = "\(registry.host)/app:1"
        try work.varve("push", "oci:out:app-1.0", app, "-q", "--no-attachments").succeed()
        try work.scratch.write("p.json", #"{"claim":"yes"}"#)
        try work.shell(
            """
            for n in 1 2 3 4; do
                "$VARVE" attest '\(app)' --key cosign.key -q --predicate p.json --type https://example.com/$n &
                pids="$pids $!"
            done
            for pid in $pids; do wait $pid || failed=1; done
            test -z "$failed"
            """
        ).succeed()
        for number in 1...4 {
            try work.varve(
                "verify", app, "--key", "cosign.pub", "--type", "https://example.com/\(number)"
            ).succeed()
        }
        let shown = try work.varve("inspect", app).succeed()
        #expect(shown.text.contains("https://example.com/4"), "\(shown.text)")
    }

    @Test func `verification reads no layer and needs no attestation on the disk`() throws {
        let registry = try FaultyRegistry()
        let app = "\(registry.host)/app:1"
        try work.varve("push", "oci:out:app-1.0", app, "-q").succeed()
        let mark = registry.mark
        let layer =
            try work.inspect("oci:out:app-1.0")["manifest"]?["layers"]?.array?.first?["digest"]?.string ?? ""
        try work.varve("verify", app, "--key", "cosign.pub").succeed()
        #expect(!registry.exchanges.dropFirst(mark).contains { $0.target.contains(layer) })
    }

    @Test func `an image that is not there is neither attested nor verified`() throws {
        let registry = try RealRegistry()
        let app = "\(registry.host)/app:1"
        for command in [
            try attest(app, type: "custom"), work.varve("verify", app, "--key", "cosign.pub"),
            work.varve("sign", app, "--key", "cosign.key"),
        ] {
            let outcome = try command.run()
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("there is no image \(app)"), "\(outcome.errors)")
        }
    }
}
