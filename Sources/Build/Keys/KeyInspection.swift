import Cryptography
import Linux
public import OCI
import Provenance

/// What can be said of a key without its password.
public struct KeyInspection {
    private let label: String
    private let scrypt: Scrypt?
    private let isPrivate: Bool
    private let key: VerificationKey?

    /// Looks at a key.
    ///
    /// - Throws: ``BuildError``, `FileError`.
    public init(_ reference: KeyReference, note: (Progress.Note) -> Void) throws {
        var bytes = try reference.read(note: note)
        defer { bytes.wipe() }
        (label, isPrivate, scrypt, key) = try reference.naming {
            let label = try PEM(parsing: bytes).label
            guard label.hasSuffix("PRIVATE KEY") else {
                return try (label, false, nil, VerificationKey(pem: bytes))
            }
            let file = try KeyFile(parsing: bytes)
            if let sealed = file.sealed { return (label, true, sealed.scrypt, nil) }
            let signing = try file.open { preconditionFailure("a key that is not encrypted has no password") }
            return (label, true, nil, signing.verificationKey)
        }
    }

    /// Names and values, for a person.
    ///
    /// - Returns: A line each.
    /// - Throws: `CryptographyError`.
    public func lines() throws -> [(name: String, value: String)] {
        var lines = [("key", isPrivate ? "private" : "public"), ("pem", label)]
        if isPrivate {
            let kdf = scrypt.map {
                "yes, scrypt N=\($0.cost) r=\($0.blockSize) p=\($0.parallelism) and nacl/secretbox"
            }
            lines.append(("encrypted", kdf ?? "no"))
        }
        if let key {
            lines += [
                ("kind", "\(key.kind)"), ("fingerprint", key.fingerprint), ("key id", key.sshFingerprint),
                ("hint", key.hint),
            ]
        } else {
            lines.append(("public key", "within; varve key public asks for the password and prints it"))
        }
        return lines.map { (name: $0.0, value: $0.1) }
    }

    /// The same for a program.
    ///
    /// - Returns: One object.
    /// - Throws: `CryptographyError`.
    public func json() throws -> JSONValue {
        var object: JSONObject = ["key": .string(isPrivate ? "private" : "public"), "pem": .string(label)]
        if isPrivate { object["encrypted"] = .bool(scrypt != nil) }
        if let scrypt {
            object["kdf"] = [
                "name": "scrypt", "N": .number(JSONNumber(scrypt.cost)),
                "r": .number(JSONNumber(scrypt.blockSize)), "p": .number(JSONNumber(scrypt.parallelism)),
            ]
            object["cipher"] = "nacl/secretbox"
        }
        if let key {
            object["kind"] = .string("\(key.kind)")
            object["fingerprint"] = .string(key.fingerprint)
            object["keyID"] = .string(key.sshFingerprint)
            object["hint"] = .string(key.hint)
        }
        return .object(object)
    }
}
