import Cryptography
import OCI
import SystemPackage
import TestSupport
import Testing

/// A key pair, a tree, and an image of it with signed or unsigned provenance.
struct SignedImage {
    let scratch: Scratch
    let digest: String
    var layout: String { "oci:\(scratch["out"]):app-1.0" }
    var archive: String { "oci-archive:\(scratch["app.tar"])" }
    var publicKey: String { scratch["cosign.pub"].string }
    /// Where the layout's attestations lie.
    var attestations: FilePath { scratch["out.provenance/\(digest.dropFirst(7)).intoto.jsonl"] }
    /// Where the layout's build record lies, where nothing was signed.
    var record: FilePath { scratch["out.provenance/\(digest.dropFirst(7)).json"] }

    static let source = "git+https://example.com/app@refs/heads/main"
    static let builder = "https://ci.example.com/varve"

    init(isSigned: Bool = true) throws {
        scratch = try Scratch()
        try Self.generateKey("cosign", in: scratch)
        try scratch.write("rootfs/etc/motd", "hello\n")
        let sign = isSigned ? ["--sign-key", scratch["cosign.key"].string] : []
        digest = try Self.command(
            [
                "pack", scratch["rootfs"].string, "-o", "oci:\(scratch["out"]):app-1.0", "-o",
                "oci-archive:\(scratch["app.tar"]):1.0", "-q", "--source", Self.source, "--builder-id",
                Self.builder, "--plugin", "plugins/kaniko=1.7.5", "--commit",
                "4b220de5058abfd01ff619c9d2ff6b09a049bea0", "--env", "MODE=fast",
            ] + sign
        ).succeed().line
    }

    static func generateKey(_ prefix: String, in scratch: Scratch) throws {
        try command(["key", "generate", "--output-prefix", scratch[prefix].string]).succeed()
    }

    /// Varve without any CI system around it, and with an empty password.
    static func command(_ words: [String]) -> Command {
        Command(["env", "-i", "PATH=/usr/bin:/bin", "COSIGN_PASSWORD=", Command.varvePath.string] + words)
    }

    func attest(_ words: String...) -> Command {
        Self.command(["attest", layout, "-q", "--key", scratch["cosign.key"].string] + words)
    }

    /// Attests with all that the packing was told.
    func attestAsPacked(_ words: String...) -> Command {
        Self.command(
            [
                "attest", layout, "-q", "--key", scratch["cosign.key"].string, "--source", Self.source,
                "--builder-id", Self.builder, "--plugin", "plugins/kaniko=1.7.5", "--commit",
                "4b220de5058abfd01ff619c9d2ff6b09a049bea0",
            ] + words)
    }

    func verify(_ words: String...) -> Command {
        Self.command(["verify", layout, "--key", publicKey] + words)
    }

    /// The statements in a file with envelopes, in its order.
    static func statements(in path: FilePath) throws -> [JSONValue] {
        try content(of: path).split(separator: 10).map { line in
            let envelope = try JSONValue(parsing: Array(line))
            let payload = try #require(Base64.bytes((envelope["payload"]?.string ?? "").utf8))
            return try JSONValue(parsing: payload)
        }
    }
}

extension JSONValue {
    /// What lies at a path of keys; a number is a place in a list.
    subscript(path path: String) -> JSONValue? {
        path.split(separator: ".").reduce(JSONValue?.some(self)) { value, key in
            Int(key).flatMap { value?.array?[$0] } ?? value?[String(key)]
        }
    }
}
