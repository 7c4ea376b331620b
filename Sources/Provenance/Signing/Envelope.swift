public import Cryptography
public import OCI

/// A payload and signatures over it and its type.
///
/// Source: DSSE 1.0.2, envelope.md and protocol.md.
public struct Envelope: Hashable, Sendable {
    /// The only type of payload that cosign and sigstore-go take for an attestation.
    public static let statementType = "application/vnd.in-toto+json"
    /// The most signatures that are looked at: each costs a verification per key.
    public static let signatureLimit = 100
    /// The most bytes of an envelope's text; the largest SBOMs stay below.
    public static let limit = 64 << 20

    /// One signature.
    public struct Signature: Hashable, Sendable {
        /// A hint at the key, which nobody may trust; varve writes none.
        public let keyID: String
        /// The signature itself.
        public let bytes: [UInt8]

        /// A signature.
        public init(_ bytes: [UInt8], keyID: String = "") { (self.bytes, self.keyID) = (bytes, keyID) }
    }

    /// What the payload is.
    public let payloadType: String
    /// The very bytes that were signed.
    public let payload: [UInt8]
    /// At least one.
    public let signatures: [Signature]

    /// An envelope that somebody signed.
    public init(payloadType: String = Envelope.statementType, payload: [UInt8], signatures: [Signature]) {
        (self.payloadType, self.payload, self.signatures) = (payloadType, payload, signatures)
    }

    /// The bytes that a signature stands under.
    ///
    /// Source: DSSE 1.0.2, protocol.md, "PAE".
    public static func preAuthenticationEncoding(_ payloadType: String, _ payload: [UInt8]) -> [UInt8] {
        let type = Array(payloadType.utf8)
        return Array("DSSEv1 \(type.count) ".utf8) + type + Array(" \(payload.count) ".utf8) + payload
    }

    /// The bytes that these signatures stand under.
    public var signedBytes: [UInt8] { Self.preAuthenticationEncoding(payloadType, payload) }

    /// Those of the keys that signed it, each once however many signatures it made.
    public func signers(among keys: [VerificationKey]) -> [VerificationKey] {
        let message = signedBytes
        var signers: [VerificationKey] = []
        for key in keys where !signers.contains(key) {
            if signatures.contains(where: { key.verifies($0.bytes, of: message) }) { signers.append(key) }
        }
        return signers
    }

    // MARK: JSON

    /// Reads an envelope; unknown members are ignored, as the specification asks.
    ///
    /// - Throws: ``EnvelopeError``.
    public init(json: JSONValue) throws(EnvelopeError) {
        guard let object = json.object else { throw EnvelopeError("it is no object") }
        guard let type = object["payloadType"]?.string else { throw EnvelopeError("it has no payloadType") }
        guard let text = object["payload"]?.string else { throw EnvelopeError("it has no payload") }
        guard let payload = Base64.bytes(text.utf8) else { throw EnvelopeError("its payload is no base64") }
        guard let list = object["signatures"]?.array, !list.isEmpty else {
            throw EnvelopeError("nobody signed it")
        }
        guard list.count <= Self.signatureLimit else {
            throw EnvelopeError("it has \(list.count) signatures, and \(Self.signatureLimit) are allowed")
        }
        var signatures: [Signature] = []
        for entry in list {
            guard let text = entry["sig"]?.string, let bytes = Base64.bytes(text.utf8), !bytes.isEmpty else {
                throw EnvelopeError("a signature is missing or no base64")
            }
            let keyID = entry["keyid"]
            guard keyID == nil || keyID?.isNull == true || keyID?.string != nil else {
                throw EnvelopeError("a key id is no text")
            }
            signatures.append(Signature(bytes, keyID: keyID?.string ?? ""))
        }
        self.init(payloadType: type, payload: payload, signatures: signatures)
    }

    /// Reads an envelope's text.
    ///
    /// - Throws: ``EnvelopeError``.
    public init(parsing text: [UInt8]) throws(EnvelopeError) {
        try self.init(json: Self.json(parsing: text))
    }

    static func json(parsing text: [UInt8]) throws(EnvelopeError) -> JSONValue {
        do {
            return try JSONValue(parsing: text, limits: JSONLimits(bytes: limit, depth: 32, values: 10_000))
        } catch {
            throw EnvelopeError("\(error)")
        }
    }

    /// The object, with the members in the order that cosign writes them in.
    public var json: JSONValue {
        [
            "payloadType": .string(payloadType),
            "payload": .string(Base64.text(of: payload)),
            "signatures": .array(
                signatures.map { ["keyid": .string($0.keyID), "sig": .string(Base64.text(of: $0.bytes))] }),
        ]
    }

    /// The text, on one line without its end.
    public func serialized() -> [UInt8] { json.serialized() }
}

/// A text that is no envelope, and why.
public struct EnvelopeError: Error, Equatable, CustomStringConvertible {
    /// What is wrong with it.
    public let reason: String

    init(_ reason: String) { self.reason = reason }

    /// One line, as the user reads it.
    public var description: String { "the envelope cannot be read: \(reason)" }
}
