public import Cryptography
import OCI

/// A private key under a password, as cosign's key files hold it: a JSON document with scrypt and NaCl's secretbox.
///
/// Source: go-securesystemslib, `encrypted`; sigstore/cosign, `pkg/cosign/keys.go`.
public struct SealedKey: Sendable {
    /// How the password becomes a key.
    public let scrypt: Scrypt
    let salt: [UInt8]
    let nonce: [UInt8]
    let box: [UInt8]

    /// What new keys get: 64 MiB of memory.
    static let standard = Scrypt(cost: 65536, blockSize: 8, parallelism: 1)
    private static let saltSize = 32

    /// Reads the document, strictly: no member more, none less.
    ///
    /// Scrypt's parameters decide how much memory and time a file can ask for, and here is where they are bounded.
    ///
    /// - Throws: ``Cryptography/KeyError/malformedKeyFile(_:)``.
    init(parsing document: [UInt8]) throws(KeyError) {
        let json: JSONValue
        do {
            json = try JSONValue(
                parsing: document, limits: JSONLimits(bytes: PEM.limit, depth: 4, values: 32))
        } catch {
            throw .malformedKeyFile("\(error)")
        }
        let file = try Self.object(json, "the document", ["kdf", "cipher", "ciphertext"])
        let kdf = try Self.object(file["kdf"], "kdf", ["name", "params", "salt"])
        try Self.expect(kdf["name"], "scrypt", "kdf.name")
        let parameters = try Self.object(kdf["params"], "kdf.params", ["N", "r", "p"])
        let cipher = try Self.object(file["cipher"], "cipher", ["name", "nonce"])
        try Self.expect(cipher["name"], "nacl/secretbox", "cipher.name")
        let numbers = ["N", "r", "p"].map { parameters[$0]?.int64 }
        guard let cost = numbers[0], [32768, 65536, 131072].contains(cost), numbers[1] == 8, numbers[2] == 1
        else {
            throw .malformedKeyFile("scrypt's N must be 32768, 65536 or 131072, its r 8 and its p 1")
        }
        scrypt = Scrypt(cost: Int(cost), blockSize: 8, parallelism: 1)
        salt = try Self.bytes(kdf["salt"], "kdf.salt", Self.saltSize...Self.saltSize)
        nonce = try Self.bytes(cipher["nonce"], "cipher.nonce", SecretBox.nonceSize...SecretBox.nonceSize)
        box = try Self.bytes(file["ciphertext"], "ciphertext", (SecretBox.tagSize + 1)...PEM.limit)
    }

    private static func object(
        _ value: JSONValue?, _ name: String, _ keys: Set<String>
    ) throws(KeyError) -> JSONObject {
        guard let object = value?.object, Set(object.keys) == keys else {
            throw .malformedKeyFile(
                "\(name) must have \(keys.sorted().joined(separator: ", ")), and nothing else")
        }
        return object
    }

    private static func expect(_ value: JSONValue?, _ text: String, _ name: String) throws(KeyError) {
        guard value?.string == text else { throw .malformedKeyFile("\(name) is not \(text)") }
    }

    private static func bytes(
        _ value: JSONValue?, _ name: String, _ sizes: ClosedRange<Int>
    ) throws(KeyError) -> [UInt8] {
        guard let text = value?.string, let bytes = Base64.bytes(text.utf8), sizes.contains(bytes.count)
        else {
            throw .malformedKeyFile("\(name) is not base64 of the right length")
        }
        return bytes
    }

    /// Puts a plaintext under a password, with a salt and a nonce that nobody had before.
    ///
    /// - Throws: `CryptographyError`.
    init(sealing content: SecretBytes, password: SecretBytes, scrypt: Scrypt = standard) throws {
        self.scrypt = scrypt
        salt = try RandomBytes.make(Self.saltSize)
        nonce = try RandomBytes.make(SecretBox.nonceSize)
        let key = try scrypt.key(of: password, salt: salt, count: SecretBox.keySize)
        box = SecretBox.seal(content, nonce: nonce, key: key)
    }

    /// What is under the password.
    ///
    /// - Throws: ``Cryptography/KeyError/wrongPassword``, `CryptographyError`.
    func content(_ password: SecretBytes) throws -> SecretBytes {
        let key = try scrypt.key(of: password, salt: salt, count: SecretBox.keySize)
        guard let content = try SecretBox.open(box, nonce: nonce, key: key) else {
            throw KeyError.wrongPassword
        }
        return content
    }

    /// The document, in the order that cosign writes it.
    var json: JSONValue {
        [
            "kdf": [
                "name": "scrypt",
                "params": [
                    "N": .number(JSONNumber(scrypt.cost)), "r": .number(JSONNumber(scrypt.blockSize)),
                    "p": .number(JSONNumber(scrypt.parallelism)),
                ],
                "salt": .string(Base64.text(of: salt)),
            ],
            "cipher": ["name": "nacl/secretbox", "nonce": .string(Base64.text(of: nonce))],
            "ciphertext": .string(Base64.text(of: box)),
        ]
    }
}
