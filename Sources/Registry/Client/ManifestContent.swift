import Cryptography
import HTTP
public import OCI

/// A manifest or an index as a registry has it: the very bytes, what they are, and their digest.
public struct ManifestContent: Hashable, Sendable {
    /// The bytes that the digest is of.
    public let bytes: [UInt8]
    /// One of ``accepted``.
    public let mediaType: MediaType
    /// Computed here, whatever the registry said.
    public let digest: Digest

    /// The most bytes of a manifest.
    ///
    /// Source: OCI distribution-spec v1.1, "Pushing Manifests".
    public static let limit = 4 << 20

    /// What is asked for.
    public static let accepted: [MediaType] = [
        .imageManifest, .imageIndex, .dockerManifest, .dockerManifestList,
    ]

    /// The descriptor that names it.
    public var descriptor: Descriptor {
        Descriptor(mediaType: mediaType, digest: digest, size: Int64(bytes.count))
    }

    /// A manifest that is to be sent.
    public init(_ bytes: [UInt8], mediaType: MediaType) throws {
        (self.bytes, self.mediaType, digest) = (bytes, mediaType, try Self.digest(of: bytes))
    }

    /// Reads an answer.
    ///
    /// - Throws: ``RegistryError``: another digest than the expected one or than the registry's own, no manifest,
    ///   or one that says it is something else than its `Content-Type`.
    init(_ answer: Answer, expected: Digest?) throws {
        bytes = answer.body
        digest = try Self.digest(of: bytes)
        let told = answer.response.headers["Docker-Content-Digest"].flatMap { try? Digest(parsing: $0) }
        for other in [expected, told].compactMap({ $0 }) where other != digest {
            throw RegistryError(
                answer.method, answer.url, .digestMismatch(expected: "\(other)", found: "\(digest)"))
        }
        mediaType = try Self.mediaType(answer)
    }

    static func digest(of bytes: [UInt8]) throws -> Digest {
        var sha256 = try SHA256()
        sha256.update(bytes.span)
        return Digest(sha256: sha256.finish())
    }

    private static func mediaType(_ answer: Answer) throws -> MediaType {
        let field = answer.response.headers["Content-Type"]
        let announced = field?.split(separator: ";").first.map { String($0.trimmingSpaces) } ?? ""
        let shown = announced.isEmpty ? "no Content-Type" : announced.quoted
        guard let json = try? JSONValue(parsing: answer.body), let object = json.object else {
            throw answer.malformed("it is not a manifest (\(shown))")
        }
        if object["schemaVersion"]?.int64 == 1 {
            throw answer.malformed("it is a Docker schema 1 manifest, which has to be pushed anew")
        }
        let written = object["mediaType"]?.string
        if let written, accepted.contains(where: { $0.description == announced }), announced != written {
            throw answer.malformed("it says that it is \(written.quoted), and its Content-Type is \(shown)")
        }
        guard let type = accepted.first(where: { $0.description == written ?? announced }) else {
            throw answer.malformed("it is not a manifest (\(written?.quoted ?? shown))")
        }
        return type
    }
}
