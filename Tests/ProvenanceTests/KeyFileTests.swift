import Cryptography
import OCI
import Testing

@testable import Provenance

private func secret(_ text: String) throws -> SecretBytes { try SecretBytes(Array(text.utf8).span) }
private func plain(_ secret: SecretBytes) -> [UInt8] {
    secret.withSpan { span in span.indices.map { span[$0] } }
}

/// The key K1 of Tekton Chains, whose password is `p`; a published test key, never use it.
private enum K1 {
    static let file = """
        -----BEGIN ENCRYPTED COSIGN PRIVATE KEY-----
        eyJrZGYiOnsibmFtZSI6InNjcnlwdCIsInBhcmFtcyI6eyJOIjozMjc2OCwiciI6
        OCwicCI6MX0sInNhbHQiOiJhSmdseUlMSUcyVUVrd0pDT1U2NHRyalovK0U4aWVR
        YitzUktqNTdhb2VrPSJ9LCJjaXBoZXIiOnsibmFtZSI6Im5hY2wvc2VjcmV0Ym94
        Iiwibm9uY2UiOiJiZitHc0ZVVXF1WDM3MWEzWE1yUUF3RE9GaEpXNmZHViJ9LCJj
        aXBoZXJ0ZXh0IjoiTUc1cG90azJ0Tit3Rml6bmg5K0FqazMzYWE1WWlJeHVUeDZB
        VTM1YzhXczBaSmRPa1BnL2hpR09hdFdMaVVmaXIzYVBLc01pQ1plcW0xam5vU2Va
        V21nT0s5djhpM2RMRVBKSmtqbjljdnI4KzludzZlUFhXSCtCWU1kSWNkS0dHaDA0
        VkFhTzJUajJBc2l4Vk9MbmhoU1hueHJFaERFM2tZeFlhQWNsNldZMWhrZmM0SHY5
        Z0hoV1VLZEFmdDMvS1J3RENSc2xHU2Q1RWc9PSJ9
        -----END ENCRYPTED COSIGN PRIVATE KEY-----

        """
    static let fingerprint = "67755a9dc10c557503cac46967627ec13fd7ad3aa5131e8067265d427e590ce6"

    /// The document with a piece of its text exchanged, as a file of the newer type.
    static func with(_ text: String, _ other: String) throws -> [UInt8] {
        let document = String(decoding: try PEM(parsing: Array(file.utf8)).bytes(), as: UTF8.self)
        let parts = document.split(separator: text, maxSplits: 1, omittingEmptySubsequences: false)
        try #require(parts.count == 2)
        return PEM.text("ENCRYPTED SIGSTORE PRIVATE KEY", Array("\(parts[0])\(other)\(parts[1])".utf8))
    }
}

/// Boxes of go-securesystemslib's published tests; the password is `supersecret`.
private let boxes: [(cost: Int, salt: String, nonce: String, box: String, content: String)] = [
    (
        32768, "N9a7x5JFGbrtB2uBR81jPwp0eiLR4A7FV3mjVAQrg1g=", "2h8HxMmgRfuYdpswZBQaU3xJ1nkA/5Ik",
        "SEW6sUh0jf2wfdjJGPNS9+bkk2uB+Cxamf32zR8XkQ==", "reallyimportant"
    ),
    (
        32768, "WO3mVvyTwJ9vwT5/Tk5OW5WPIBUofMjcpEfrLnfY4uA=", "tCy7HcTFr4uxv4Nrg/DWmncuZ148U1MX",
        "08n43p5G5yviPEZpO7tPPF4aZQkWiWjkv4taFdhDBA0tamKH4nw=", "\"cmVhbGx5aW1wb3J0YW50\""
    ),
    (
        65536, "FhzPOt9/bJG4PTq6lQ6ecG6GzaOuOy/ynG5+yRiFlNs=", "aw1ng1jHaDz/tQ7V2gR9O2+IGQ8xJEuE",
        "HycvuLZL4sYH0BrYTh4E/H20VtAW6u5zL5Pr+IBjYLYnCPzDkq8=", "\"cmVhbGx5aW1wb3J0YW50\""
    ),
    (
        131072, "m38E3kouJTtiheLQN22NQ8DTito5hrjpUIskqcd375k=", "Y6PM13yA+o44pE/W1ZBwczeGnTV/m9Zc",
        "6H8sqj1K6B6yDjtH5AQ6lbFigg/C2yDDJc4rYJ79w9aVPImFIPI=", "\"cmVhbGx5aW1wb3J0YW50\""
    ),
]

struct KeyFileTests {
    private struct NoPassword: Error {}

    private func open(_ file: [UInt8], _ password: String? = nil) throws -> SigningKey {
        try KeyFile.open(file) {
            guard let password else { throw NoPassword() }
            return try secret(password)
        }
    }

    @Test(arguments: ["COSIGN", "SIGSTORE"])
    func `cosign's key K1 opens under either of its types`(type: String) throws {
        let file = K1.file.split(separator: "COSIGN", omittingEmptySubsequences: false).joined(
            separator: type)
        let key = try open(Array(file.utf8), "p")
        #expect(key.verificationKey.fingerprint == K1.fingerprint)
        #expect(key.pkcs8().count == 138)
        #expect(key.verificationKey.verifies(try key.sign([1, 2, 3]), of: [1, 2, 3]))
    }

    @Test(arguments: boxes.indices)
    func `boxes of other programs open`(place: Int) throws {
        let box = boxes[place]
        let document = """
            {"ciphertext":"\(box.box)","cipher":{"nonce":"\(box.nonce)","name":"nacl/secretbox"},
            "kdf":{"salt":"\(box.salt)","params":{"p":1,"r":8,"N":\(box.cost)},"name":"scrypt"}}
            """
        let sealed = try SealedKey(parsing: Array(document.utf8))
        #expect(plain(try sealed.content(secret("supersecret"))) == Array(box.content.utf8))
        // What is in them is no key.
        let file = PEM.text("ENCRYPTED SIGSTORE PRIVATE KEY", Array(document.utf8))
        let error = #expect(throws: KeyError.self) { try open(file, "supersecret") }
        #expect(error == .malformedKey("it is no private key in PKCS#8 form"))
    }

    @Test(arguments: ["", "p\n", "P", "pp"])
    func `a wrong password is told as such`(password: String) {
        #expect(throws: KeyError.wrongPassword) { try open(Array(K1.file.utf8), password) }
    }

    @Test(arguments: ["", "secret", "pass word\n", String(repeating: "é", count: 1000)])
    func `a key that was sealed opens with its password alone`(password: String) throws {
        let key = try SigningKey.generate()
        let file = try KeyFile.seal(key, password: secret(password))
        #expect(try open(file, password).verificationKey == key.verificationKey)
        #expect(throws: KeyError.wrongPassword) { try open(file, password + "x") }
    }

    @Test func `a sealed key is written as cosign writes it`() throws {
        let file = try KeyFile.seal(.generate(), password: secret("p"))
        let lines = String(decoding: file, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.first == "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----")
        #expect(lines.suffix(2) == ["-----END ENCRYPTED SIGSTORE PRIVATE KEY-----", ""])
        #expect(lines.dropFirst().dropLast(3).allSatisfy { $0.count == 64 })
        let document = String(decoding: try PEM(parsing: file).bytes(), as: UTF8.self)
        #expect(
            document.hasPrefix(
                #"{"kdf":{"name":"scrypt","params":{"N":65536,"r":8,"p":1},"salt":""#))
        let value = try JSONValue(parsing: Array(document.utf8))
        #expect(value.object?.keys == ["kdf", "cipher", "ciphertext"])
        #expect(value["cipher"]?.object?.keys == ["name", "nonce"])
        #expect(Base64.bytes((value["kdf"]?["salt"]?.string ?? "").utf8)?.count == 32)
        #expect(Base64.bytes((value["cipher"]?["nonce"]?.string ?? "").utf8)?.count == 24)
        #expect(Base64.bytes((value["ciphertext"]?.string ?? "").utf8)?.count == 154)
    }

    @Test func `two files of one key have nothing in common`() throws {
        let key = try SigningKey.generate()
        let password = try secret("p")
        let files = try (0..<2).map { _ in
            try SealedKey(parsing: PEM(parsing: KeyFile.seal(key, password: password)).bytes())
        }
        #expect(files[0].salt != files[1].salt)
        #expect(files[0].nonce != files[1].nonce)
        #expect(files[0].box != files[1].box)
    }

    /// No password is asked for: whatever scrypt would cost, it does not begin.
    @Test(arguments: [
        (#""N":32768,"r":8,"p":1"#, #""N":99,"r":99,"p":99"#, "scrypt's N"),
        (#""N":32768"#, #""N":1073741824"#, "scrypt's N"), (#""N":32768"#, #""N":99"#, "scrypt's N"),
        (#""N":32768"#, #""N":32768.0"#, "scrypt's N"), (#""N":32768"#, #""N":"32768""#, "scrypt's N"),
        (#""N":32768"#, #""N":-32768"#, "scrypt's N"), (#""r":8"#, #""r":99"#, "scrypt's N"),
        (#""p":1"#, #""p":99"#, "scrypt's N"), (#""p":1"#, #""p":null"#, "scrypt's N"),
        (#""N":32768"#, #""N":32768,"N":32768"#, "JSON"),
        (#""N":32768"#, #""N":32768,"dkLen":64"#, "kdf.params"),
        (#","p":1"#, "", "kdf.params"), ("scrypt", "argon2", "kdf.name"),
        ("nacl/secretbox", "aes", "cipher.name"),
        ("aJglyILI", "aJgl", "kdf.salt"), ("bf+GsFUU", "bf+GsFU=", "cipher.nonce"),
        ("bf+GsFUU", "", "cipher.nonce"), ("MG5potk2", "M*5potk2", "ciphertext"),
        ("ciphertext", "text", "document"),
        (#"{"kdf""#, #"[{"kdf""#, "JSON"), (#"{"kdf""#, #"{"x":1,"kdf""#, "document"),
    ])
    func `another document is refused before scrypt runs`(text: String, other: String, reason: String) throws
    {
        let file = try K1.with(text, other)
        let error = #expect(throws: KeyError.self) { try open(file) }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    }

    @Test func `a document that was changed in any byte of its box does not open`() throws {
        let file = try K1.with("MG5potk2", "MG5potk3")
        #expect(throws: KeyError.wrongPassword) { try open(file, "p") }
    }

    @Test func `a file that is cut anywhere is refused`() {
        let bytes = Array(K1.file.utf8)
        for count in stride(from: 0, to: bytes.count - 16, by: 16) {
            #expect(throws: KeyError.self) { try open(Array(bytes.prefix(count))) }
        }
    }

    @Test(arguments: [
        ("PUBLIC KEY", "a public key"), ("CERTIFICATE", "a certificate"),
        ("ENCRYPTED PRIVATE KEY", "openssl pkcs8"),
        ("RSA PRIVATE KEY", "an RSA key"), ("DSA PRIVATE KEY", "a DSA key"),
        ("OPENSSH PRIVATE KEY", "ssh-keygen"),
        ("EC PARAMETERS", "remove that block"), ("FISH", "this is FISH"),
    ])
    func `a file of something else is refused by its name`(label: String, reason: String) {
        let error = #expect(throws: KeyError.self) { try open(PEM.text(label, [1, 2, 3])) }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    }

    @Test func `keys that are not encrypted open without a password`() throws {
        let key = try SigningKey.generate()
        let document = plain(key.pkcs8())
        let file = PEM.text("PRIVATE KEY", document)
        #expect(try KeyFile(parsing: file).sealed == nil)
        #expect(try open(file).verificationKey == key.verificationKey)
        // SEC 1 is what PKCS#8 has in its octet string, and other programs name the curve in it.
        let curve: [UInt8] = [0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]
        let sec1 = [0x30, 0x77] + document[31..<68] + curve + document[68...]
        #expect(try open(PEM.text("EC PRIVATE KEY", sec1)).verificationKey == key.verificationKey)
    }

    @Test func `a file of more than 64 KiB is refused`() {
        let file = Array(K1.file.utf8) + [UInt8](repeating: 10, count: 65_536)
        #expect(throws: KeyError.tooLarge) { try open(file, "p") }
    }
}
