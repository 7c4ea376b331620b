import Cryptography
import Testing

private typealias Keys = SampleKeys

/// Vector A of the DSSE specification.
private enum VectorA {
    static let message = Array("DSSEv1 29 http://example.com/HelloWorld 11 hello world".utf8)
    static let pem = """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZ805D3eqNZywjCI19lInBJOp7YMr
        CrzAH3CVTAOQ0jgMeCvVTiaRJaRPRDOv8UMs6U4SvKc6pnrIDOoSYI3fdA==
        -----END PUBLIC KEY-----

        """
    static let raw =
        "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="
    static let der =
        "MEQCIANyarEBrVbCdjtsaqyOSHJ14qeRk6CdxfhZ2fjvPEo7AiBR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="

    static func key() throws -> VerificationKey { try VerificationKey(pem: Array(pem.utf8)) }
}

struct VerificationKeyTests {
    @Test(arguments: [VectorA.raw, VectorA.der])
    func `vector A verifies in both forms, and only over its own message`(signature: String) throws {
        let key = try VectorA.key()
        #expect(key.kind == .p256)
        #expect(try key.verifies(base64(signature), of: VectorA.message))
        #expect(try !key.verifies(base64(signature), of: VectorA.message + [0]))
        #expect(try !key.verifies(base64(signature), of: []))
    }

    @Test(arguments: [VectorA.raw, VectorA.der])
    func `a signature that was changed in any bit, cut or lengthened is none`(signature: String) throws {
        let (key, bytes) = (try VectorA.key(), try base64(signature))
        for place in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[place] ^= 1 << bit
                #expect(!key.verifies(changed, of: VectorA.message))
            }
            #expect(!key.verifies(Array(bytes.prefix(place)), of: VectorA.message))
        }
        #expect(!key.verifies(bytes + [0], of: VectorA.message))
        #expect(!key.verifies([0] + bytes, of: VectorA.message))
    }

    @Test(arguments: [
        // r = 0 and s = 0, raw and in DER; a zero too many before r; the length in two bytes.
        String(repeating: "00", count: 64), "3006020100020100",
        "3045022100" + "03726ab101ad56c2763b6c6aac8e487275e2a79193a09dc5f859d9f8ef3c4a3b"
            + "022051eab0c06a369b64a7222537d4887a893dc200ae21060074d57825235b624864",
        "308144022003726ab101ad56c2763b6c6aac8e487275e2a79193a09dc5f859d9f8ef3c4a3b"
            + "022051eab0c06a369b64a7222537d4887a893dc200ae21060074d57825235b624864",
        // The curve's order as r and s.
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
            + "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        "", "30", "3000", "308400000000", "30848fffffff",
    ])
    func `another encoding is no signature`(signature: String) throws {
        #expect(try !VectorA.key().verifies(hex(signature), of: VectorA.message))
    }

    @Test(arguments: [
        (Keys.p384, Keys.p384SHA384, "P-384", true), (Keys.p384, Keys.p384SHA256, "P-384", true),
        (Keys.p384, Keys.p384Raw, "P-384", true), (Keys.rsa, Keys.rsaSignature, "RSA 2048", true),
        (Keys.rsa, Keys.rsaPSS, "RSA 2048", false), (Keys.rsa, Keys.p384Raw, "RSA 2048", false),
        (Keys.p384, Keys.rsaSignature, "P-384", false),
    ])
    func `every kind verifies its own signatures`(
        key: String, signature: String, kind: String, isGood: Bool
    ) throws {
        let key = try VerificationKey(spki: base64(key))
        #expect("\(key.kind)" == kind)
        #expect(try key.verifies(base64(signature), of: Keys.message) == isGood)
        #expect(try !key.verifies(base64(signature), of: Keys.message + [0]))
    }

    /// RFC 8032, section 7.1, tests 1 and 3.
    @Test(arguments: [
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            """
            e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155\
            5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b
            """
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            """
            6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac\
            18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a
            """
        ),
    ])
    func `Ed25519 is over the message itself`(point: String, message: String, signature: String) throws {
        let key = try VerificationKey(spki: hex("302a300506032b6570032100" + point))
        #expect(key.kind == .ed25519)
        #expect(key.verifies(hex(signature), of: hex(message)))
        #expect(!key.verifies(hex(signature), of: hex(message) + [0]))
        #expect(!key.verifies(hex(signature) + [0], of: hex(message)))
        #expect(!key.verifies([], of: hex(message)))
    }

    @Test(arguments: [
        (Keys.rsa1024, "an RSA key of 1024 bits: 2048 is the least"),
        (Keys.rsa8200, "an RSA key of 8200 bits: 8192 is the most"),
        (Keys.rsaExponentOne, "an RSA key with an exponent that is 1"), (Keys.secp256k1, "secp256k1"),
        (Keys.p521, "secp521r1"), (Keys.ed448, "ED448"), (Keys.x25519, "X25519"), (Keys.pss, "RSA-PSS"),
        (Keys.dsa, "DSA"), (Keys.compressed, "not in its usual form"),
        (Keys.explicit, "not in its usual form"), (Keys.offCurve, "no public key"),
        (Keys.pkcs8, "no public key"), ("", "no public key"), ("AA==", "no public key"),
    ])
    func `another kind of key is refused by its name`(key: String, reason: String) throws {
        let error = #expect(throws: KeyError.self) { try VerificationKey(spki: base64(key)) }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    }

    @Test(arguments: [Keys.p384, Keys.rsa, Keys.compressed])
    func `a key that is cut or lengthened anywhere is refused`(key: String) throws {
        let bytes = try base64(key)
        for count in bytes.indices {
            #expect(throws: KeyError.self) { try VerificationKey(spki: Array(bytes.prefix(count))) }
        }
        #expect(throws: KeyError.self) { try VerificationKey(spki: bytes + [0]) }
    }

    @Test(arguments: [
        ("PRIVATE KEY", "a private key"), ("ENCRYPTED SIGSTORE PRIVATE KEY", "a private key"),
        ("CERTIFICATE", "a certificate"), ("RSA PUBLIC KEY", "PKCS#1"), ("FISH", "this is FISH"),
    ])
    func `a PEM file of something else is refused by its name`(label: String, reason: String) throws {
        let pem = try PEM.text(label, base64(Keys.p384))
        let error = #expect(throws: KeyError.self) { try VerificationKey(pem: pem) }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    }

    @Test func `PEM comes out as it went in, and equality is that of the bytes`() throws {
        let key = try VectorA.key()
        #expect(String(decoding: key.pem, as: UTF8.self) == VectorA.pem)
        #expect(try key == VerificationKey(spki: key.spki))
        #expect(try Set([key, VerificationKey(spki: base64(Keys.p384)), key]).count == 2)
    }

    @Test func `names are those that others give the key K1`() throws {
        let pem = """
            -----BEGIN PUBLIC KEY-----
            MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEBOiqYumsujclXOl4CGGdW46tRjs4
            2oi8XEki9rNijnEekF6egMrTGZaHmbCTyz2B4VzdRZDD0/7TO4mHleqBDw==
            -----END PUBLIC KEY-----
            """
        let key = try VerificationKey(pem: Array(pem.utf8))
        #expect(key.fingerprint == "67755a9dc10c557503cac46967627ec13fd7ad3aa5131e8067265d427e590ce6")
        #expect(key.hint == "Z3VancEMVXUDysRpZ2J+wT/XrTqlEx6AZyZdQn5ZDOY=")
        #expect(key.sshFingerprint == "SHA256:yYS4pD9tqWXZw5+maNJ3gWm9HyoAB0qH0ef0FkIWfYs")
    }
}
