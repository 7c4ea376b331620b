import Cryptography
import OCI
import Registry

/// Bytes that look like nothing, with their digest.
struct SampleBlob: Sendable {
    let bytes: [UInt8]
    let digest: Digest

    init(_ count: Int, seed: UInt64 = 1) throws {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        let bytes = (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
        var sha256 = try SHA256()
        sha256.update(bytes.span)
        self.bytes = bytes
        digest = Digest(sha256: sha256.finish())
    }

    /// What ``RegistryClient/pushBlob(_:size:to:mounting:progress:read:)`` reads it with.
    func read(_ offset: Int64, _ piece: inout [UInt8]) {
        piece += bytes[Int(offset)..<min(Int(offset) + 100_000, bytes.count)]
    }
}

extension RegistryClient {
    func push(_ blob: SampleBlob, to repository: String, mounting: String? = nil) throws -> [BlobProgress] {
        var said: [BlobProgress] = []
        try pushBlob(
            blob.digest, size: Int64(blob.bytes.count), to: repository, mounting: mounting,
            progress: { said.append($0) }, read: blob.read)
        return said
    }

    func pull(_ blob: SampleBlob, from repository: String, sized: Bool = true) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try pullBlob(blob.digest, size: sized ? Int64(blob.bytes.count) : nil, from: repository) { span in
            for place in span.indices { bytes.append(span[place]) }
        }
        return bytes
    }
}
