import Cryptography
import Testing

private typealias Keys = SampleKeys

struct SigningKeyTests {
    @Test func `a new key signs what its public key verifies`() throws {
        let key = try SigningKey.generate()
        let signature = try key.sign(Keys.message)
        #expect(key.verificationKey.kind == .p256)
        #expect(signature.first == 0x30)
        #expect(key.verificationKey.verifies(signature, of: Keys.message))
        #expect(try !SigningKey.generate().verificationKey.verifies(signature, of: Keys.message))
        #expect(key.verificationKey.verifies(try key.sign([]), of: []))
    }

    @Test func `a key comes back from its 138 bytes`() throws {
        let key = try SigningKey.generate()
        let document = key.pkcs8()
        #expect(document.count == 138)
        let again = try SigningKey(pkcs8: document)
        #expect(again.verificationKey == key.verificationKey)
        #expect(again.pkcs8() == document)
    }

    @Test func `every form of a key gives the same one`() throws {
        let expected = try secret(base64(Keys.pkcs8))
        #expect(expected.count == 138)
        #expect(try SigningKey(pkcs8: expected).pkcs8() == expected)
        #expect(try SigningKey(sec1: secret(base64(Keys.sec1))).pkcs8() == expected)
        #expect(try SigningKey(pkcs8: secret(base64(Keys.withoutPublic))).pkcs8() == expected)
    }

    @Test(arguments: [
        (Keys.privateEd25519, "an Ed25519 key: varve signs with P-256 alone"),
        (Keys.privateP384, "an elliptic curve key on secp384r1: varve signs"),
        (Keys.privateSecp256k1, "an elliptic curve key on secp256k1: varve signs"),
        (Keys.privateRSA, "an RSA key of 1024 bits: varve signs"), (Keys.mismatch, "do not belong together"),
        (Keys.sec1, "no private key in PKCS#8 form"), (Keys.p384, "no private key"),
        ("AA==", "no private key"),
    ])
    func `another kind of key is refused by its name`(key: String, reason: String) throws {
        let error = #expect(throws: KeyError.self) { try SigningKey(pkcs8: secret(base64(key))) }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    }

    @Test(arguments: [(Keys.pkcs8, false), (Keys.sec1, true)])
    func `a key that is cut or lengthened anywhere is refused`(key: String, isSEC1: Bool) throws {
        let bytes = try base64(key)
        func read(_ bytes: [UInt8]) throws -> SigningKey {
            try isSEC1 ? SigningKey(sec1: secret(bytes)) : SigningKey(pkcs8: secret(bytes))
        }
        for count in bytes.indices {
            #expect(throws: KeyError.self) { try read(Array(bytes.prefix(count))) }
        }
        #expect(throws: KeyError.self) { try read(bytes + [0]) }
    }

    @Test func `printing and dumping show nothing private`() throws {
        let key = try SigningKey(pkcs8: secret(base64(Keys.pkcs8)))
        var dumped = ""
        dump(key, to: &dumped)
        #expect("\(key)" == "a P-256 private key")
        #expect(dumped.split(separator: "\n").count == 1)
    }
}
