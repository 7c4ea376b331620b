import Cryptography
import OCI

@testable import Provenance

/// The first byte says what the rest is: a PEM file, a document of a sealed key, DER of either kind, a signature.
///
/// A key that is read comes out so that it is read again as the same, and signs what it verifies. Nothing asks for
/// a password, so scrypt never runs.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzKeyFile(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let form = bytes.first else { return 0 }
    let rest = Array(bytes.dropFirst())
    switch form % 6 {
    case 0: file(rest)
    case 1:
        guard let sealed = try? SealedKey(parsing: rest) else { return 0 }
        let again = try? SealedKey(parsing: sealed.json.serialized())
        guard again?.box == sealed.box, again?.scrypt == sealed.scrypt else { fatalError("another document") }
    case 2: if let key = try? VerificationKey(spki: rest) { check(key) }
    case 3: if let key = try? SigningKey(pkcs8: SecretBytes(rest.span)) { check(key) }
    case 4: if let key = try? SigningKey(sec1: SecretBytes(rest.span)) { check(key) }
    default:
        for key in keys where key.verifies(rest, of: [1, 2, 3]) { fatalError("a signature out of nothing") }
    }
    return 0
}

private struct NoPassword: Error {}

private func file(_ bytes: [UInt8]) {
    if let key = try? VerificationKey(pem: bytes) { check(key) }
    guard let file = try? KeyFile(parsing: bytes) else { return }
    if let key = try? file.open(password: { throw NoPassword() }) {
        if file.sealed != nil { fatalError("opened without its password") }
        check(key)
    }
}

private func check(_ key: VerificationKey) {
    guard (try? VerificationKey(pem: key.pem)) == key else { fatalError("the public key reads otherwise") }
    if key.verifies([], of: []) { fatalError("nothing is a signature") }
    guard (try? key.sshFingerprint) != nil, (try? key.hint) != nil else { fatalError("a key without a name") }
}

private func check(_ key: SigningKey) {
    guard (try? SigningKey(pkcs8: key.pkcs8()))?.verificationKey == key.verificationKey else {
        fatalError("the private key reads otherwise")
    }
    guard let signature = try? key.sign([1, 2, 3]), key.verificationKey.verifies(signature, of: [1, 2, 3])
    else {
        fatalError("a signature that does not verify")
    }
}

/// Keys whose private parts no input has.
private let keys: [VerificationKey] = {
    let p384 =
        "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEsNfWPcEsCBltYYwHUkjFewny19TaFfH7zCMw81DvCCmBp600Uue2AaCr4yBGXBD/"
        + "ssgPoRkdZer7fnttQHA9EhSuJKQWEFmorVqPcJoKPQGnGqetChihUv3WNVCe04SK"
    let p256 =
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZ805D3eqNZywjCI19lInBJOp7YMrCrzAH3CVTAOQ0jgMeCvVTiaRJaRPRDOv"
        + "8UMs6U4SvKc6pnrIDOoSYI3fdA=="
    return [p384, p256].compactMap { text in
        Base64.bytes(text.utf8).flatMap { try? VerificationKey(spki: $0) }
    }
}()
