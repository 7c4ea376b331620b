import Cryptography
import Images
import Layers
import Linux
import OCI
import Provenance
import Registry

/// A repository that many machines share as their cache.
struct CacheRepository: Hashable, Sendable {
    /// Its name.
    let reference: Reference
    /// Where it is spoken to.
    let place: Registries.Place

    /// - Throws: ``BuildError/usage(_:_:)``, `URLError`.
    init(_ text: String, of flag: String, in registries: Registries) throws {
        reference = try CacheSettings.repository(text, flag)
        place = try registries.placeToPush(reference)
    }

    /// Looks for a key's entry; the layer itself is not fetched.
    ///
    /// - Returns: `nil` where there is none.
    /// - Throws: ``CacheRefusal`` and what reading the entry throws for one that is not used; `RegistryError`,
    ///   `HTTPError` and the like where the registry did not answer.
    func find(
        _ key: Digest, trusting keys: [VerificationKey], in registries: Registries
    ) throws -> CachedLayer? {
        try registries.withClient(at: place.endpoint) { client in
            guard
                let content = try client.manifest(.tag(CacheStatement.tag(key)), in: place.repository)
            else { return nil }
            let manifest = try Document<Manifest>(parsing: content.bytes).value
            guard try manifest.artifactType == CacheStatement.artifactType, manifest.layers.count == 2,
                manifest.layers[1].mediaType.isLayer
            else { throw CacheRefusal("it is no entry of a cache") }
            let (statement, blob) = (manifest.layers[0], manifest.layers[1])
            guard statement.size <= CacheStatement.limit else {
                throw CacheRefusal("its statement has more than \(CacheStatement.limit) bytes")
            }
            var bytes: [UInt8] = []
            try client.pullBlob(statement.digest, size: statement.size, from: place.repository) { span in
                for index in span.indices { bytes.append(span[index]) }
            }
            let (facts, signer) = try CacheStatement.read(
                bytes, isSigned: statement.mediaType == .dsseEnvelope, about: blob, for: key, trusting: keys,
                now: Machine.now.seconds)
            let origin = CachedLayer.Origin.registry(reference, entry: content.digest, signer: signer)
            guard let layer = CachedLayer(facts: facts, origin: origin) else {
                throw CacheRefusal("it says too little of the layer")
            }
            return layer
        }
    }

    /// Whether there is an entry, whatever it says.
    ///
    /// - Throws: `RegistryError`, `HTTPError`.
    func holds(_ key: Digest, in registries: Registries) throws -> Bool {
        try registries.withClient(at: place.endpoint) {
            try $0.descriptor(of: .tag(CacheStatement.tag(key)), in: place.repository) != nil
        }
    }

    /// Stores a layer, and then the entry that names it.
    ///
    /// - Throws: `RegistryError`, `HTTPError`, `FileError`, and what signing throws.
    func put(
        _ layer: CachedLayer, _ blob: FileSlice, for key: Digest, signedBy signer: Signer?,
        in registries: Registries
    ) throws {
        let payload = try CacheStatement.make(key, layer).serialized()
        let statement = try signer.map { try $0.envelope(payload).serialized() } ?? payload
        let descriptor = Descriptor(
            mediaType: signer == nil ? .inToto : .dsseEnvelope, digest: try Digest.of(statement),
            size: Int64(statement.count))
        let manifest = Manifest(
            config: .empty, layers: [descriptor, layer.descriptor.plain],
            artifactType: try CacheStatement.artifactType)
        let contents: [(Descriptor, BlobContent)] = [
            (layer.descriptor, .file(blob)), (descriptor, .bytes(statement)),
            (.empty, .bytes(Array("{}".utf8))),
        ]
        try registries.withClient(at: place.endpoint) { client in
            for (descriptor, content) in contents {
                try client.pushBlob(descriptor.digest, size: descriptor.size, to: place.repository) {
                    offset, piece in try content.read(at: offset, appendingTo: &piece)
                }
            }
            let document = try ManifestContent(Document(manifest).bytes, mediaType: .imageManifest)
            _ = try client.put(document, as: .tag(CacheStatement.tag(key)), in: place.repository)
        }
    }

    /// Brings a layer here, and makes sure of all that its entry says of it.
    ///
    /// - Throws: `RegistryError`, `HTTPError`, `LayerError`, `CompressionError`, `FileError`, `Interruption`.
    func fetch(_ layer: CachedLayer, into file: borrowing TemporaryFile, in registries: Registries) throws {
        let limits = UnpackLimits()
        try limits.check(stored: layer.descriptor.size)
        try registries.withClient(at: place.endpoint) { client in
            _ = try client.pullBlob(
                layer.descriptor.digest, size: layer.descriptor.size, from: place.repository
            ) { try file.write($0) }
        }
        var size: Int64 = 0
        _ = try readLayer(
            file.slice(), layer.descriptor, diffID: layer.diffID, jobs: LayerSettings.jobs(nil), limits
        ) { stream in
            while let piece = try stream.next() { size += Int64(piece.count) }
        }
        guard size == layer.uncompressedSize else {
            throw LayerError.sizeMismatch(expected: layer.uncompressedSize, found: size)
        }
    }
}
