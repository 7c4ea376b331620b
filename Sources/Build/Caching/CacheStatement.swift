import Cryptography
import Images
import Linux
import OCI
import Provenance
import Registry

/// An entry of a shared cache: a statement about a layer that says which key it stands for.
///
/// In a repository it is an artifact with the tag of its key, and two layers: the statement, signed (an envelope) or
/// not, and the layer itself.
///
/// Source: in-toto Attestation Framework v1, "Statement"; DSSE 1.0.2; OCI image-spec v1.1, manifest.md, "Guidelines for
/// Artifact Usage".
enum CacheStatement {
    /// The predicate's type.
    static let predicateType = "https://varve.dev/cache-entry/v1"
    /// The most bytes of a statement or its envelope.
    static let limit: Int64 = 64 << 10

    /// The artifact's type.
    ///
    /// - Throws: Never: it is one.
    static var artifactType: MediaType {
        get throws { try MediaType(parsing: "application/vnd.varve.cache-entry.v1+json") }
    }

    /// The tag of a key's entry.
    static func tag(_ key: Digest) -> String { "cache-\(key.hex)" }

    /// The statement that a layer is a key's.
    ///
    /// - Throws: `ProvenanceError`.
    static func make(_ key: Digest, _ layer: CachedLayer) throws -> Statement {
        var predicate: JSONObject = ["version": .string(CacheKey.version), "key": .string(key.hex)]
        for member in layer.facts.members { predicate[member.key] = member.value }
        let subject = ResourceDescriptor(
            name: "layer", digest: DigestSet(layer.descriptor.digest),
            mediaType: layer.descriptor.mediaType.description)
        return try Statement(subject: [subject], predicateType: predicateType, predicate: predicate)
    }

    /// Reads what a repository has for a key.
    ///
    /// - Parameters:
    ///   - content: The statement or its envelope.
    ///   - isSigned: Whether it is an envelope.
    ///   - blob: The layer that lies beside it.
    ///   - key: What was asked for.
    ///   - keys: Who is believed; without any nothing is verified.
    ///   - now: Seconds since 1970.
    /// - Returns: What it says of the layer, and who signed it.
    /// - Throws: ``CacheRefusal``, `EnvelopeError`, `StatementError`, `TrustError`.
    static func read(
        _ content: [UInt8], isSigned: Bool, about blob: Descriptor, for key: Digest,
        trusting keys: [VerificationKey], now: Int64
    ) throws -> (facts: JSONObject, signer: String?) {
        guard !keys.isEmpty else {
            let payload = isSigned ? try Envelope(parsing: content).payload : content
            return (try facts(ReceivedStatement(parsing: payload), blob, key), nil)
        }
        guard isSigned else { throw CacheRefusal("nobody signed it") }
        var expectations = Expectations()
        expectations.predicateType = predicateType
        let trust = try Trust(
            builders: keys.map { Trust.Builder(TrustedParty(key: $0, ids: [])) }, verifiers: [], expectations)
        let check = try AttestationCheck(
            Envelope(parsing: content), about: [blob.digest.hex], trust, now: now)
        guard check.passes, let statement = check.statement, let signer = check.signer else {
            let failed = check.checks.first { $0.outcome == .failed }
            throw CacheRefusal(failed.map { "\($0.question.rawValue): \($0.detail)" } ?? "nobody signed it")
        }
        return (try facts(statement, blob, key), signer.fingerprint)
    }

    private static func facts(
        _ statement: ReceivedStatement, _ blob: Descriptor, _ key: Digest
    ) throws -> JSONObject {
        let predicate = statement.predicate
        guard statement.predicateType == predicateType, predicate["version"]?.string == CacheKey.version
        else {
            throw CacheRefusal("it is no statement of this version's cache")
        }
        guard predicate["key"]?.string == key.hex else { throw CacheRefusal("it is another key's entry") }
        let layer = predicate["layer"].flatMap { try? Descriptor(json: $0) }
        guard layer?.plain == blob.plain, statement.isAbout(sha256: blob.digest.hex) else {
            throw CacheRefusal("it is about another layer than the one beside it")
        }
        return predicate
    }
}

/// An entry of a shared cache that is not used, and why.
struct CacheRefusal: Error, Hashable, CustomStringConvertible {
    let reason: String
    init(_ reason: String) { self.reason = reason }
    var description: String { reason }
}

extension CacheRefusal {
    /// Whether an error is an entry's fault, and not the registry's.
    static func isOne(_ error: any Error) -> Bool {
        if let error = error as? RegistryError {
            switch error.reason {
            case .malformed, .tooLarge, .digestMismatch, .sizeMismatch: return true
            default: return false
            }
        }
        return error is CacheRefusal || error is OCIError || error is EnvelopeError || error is StatementError
            || error is TrustError
    }
}
