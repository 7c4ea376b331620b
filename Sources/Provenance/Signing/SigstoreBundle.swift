public import Cryptography
public import OCI

/// An envelope with what sigstore's tools want to know beside it.
///
/// Source: sigstore protobuf-specs, sigstore_bundle.proto, version 0.3.
public struct SigstoreBundle: Hashable, Sendable {
    /// What the media types of all versions begin with.
    static let mediaTypePrefix = "application/vnd.dev.sigstore.bundle"

    /// The signed statement.
    public let envelope: Envelope
    /// The signer's public key as base64 of the SHA-256 of its DER; nobody may trust it.
    private let hint: String

    /// A bundle of an envelope that this key signed.
    public init(_ envelope: Envelope, signedBy key: VerificationKey) {
        (self.envelope, hint) = (envelope, key.hint)
    }

    /// The object; `tlogEntries` is empty, and there, because Python's reader wants it.
    public var json: JSONValue {
        [
            "mediaType": .string(MediaType.sigstoreBundle.description),
            "verificationMaterial": ["publicKey": ["hint": .string(hint)], "tlogEntries": []],
            "dsseEnvelope": [
                "payload": .string(Base64.text(of: envelope.payload)),
                "payloadType": .string(envelope.payloadType),
                "signatures": .array(
                    envelope.signatures.prefix(1).map { ["sig": .string(Base64.text(of: $0.bytes))] }),
            ],
        ]
    }

    /// The text, on one line without its end.
    public func serialized() -> [UInt8] { json.serialized() }

    /// The envelope in a bundle of any version; `nil` for an object that is no bundle.
    ///
    /// - Throws: ``EnvelopeError`` for a bundle with a broken envelope, or without one.
    static func envelope(in json: JSONValue) throws(EnvelopeError) -> Envelope? {
        guard json["mediaType"]?.string?.utf8.starts(with: mediaTypePrefix.utf8) == true else { return nil }
        guard let inner = json["dsseEnvelope"] else { throw EnvelopeError("the bundle has no envelope") }
        return try Envelope(json: inner)
    }
}
