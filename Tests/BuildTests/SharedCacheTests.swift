@testable import Build
import Cryptography
import Images
import Layers
import Linux
import OCI
import Provenance
import Registry
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct SharedCacheTests {
    /// Two machines with a cache each, and what they share.
    private let (here, there): (CacheDesk, CacheDesk)
    private let key: CacheKey
    private let repository = "team/cache"

    init() throws { (here, there, key) = (try CacheDesk(), try CacheDesk(), try CacheDesk.key()) }

    /// A key pair's files, without a password.
    private func makeKey(_ name: String) throws -> (key: [UInt8], publicKey: [UInt8]) {
        let key = try SigningKey.generate()
        let pem = key.pkcs8().withSpan { span in PEM.text("PRIVATE KEY", span.indices.map { span[$0] }) }
        let path = try here.scratch.write("\(name).key", String(decoding: pem, as: UTF8.self))
        try Command(["chmod", "600", path.string]).succeed()
        let publicPath = try here.scratch.write(
            "\(name).pub", String(decoding: key.verificationKey.pem, as: UTF8.self))
        return (Array(path.string.utf8), Array(publicPath.string.utf8))
    }

    private func name(_ host: String) -> String { "\(host)/\(repository)" }

    /// Makes a layer on one machine, and sends it.
    @discardableResult
    private func publish(
        _ key: CacheKey, to host: String, signedBy signKey: [UInt8]? = nil, _ content: String = "sediment"
    ) throws -> CachedLayer {
        let cache = try here.cache {
            $0.destinations = [name(host)]
            $0.signKey = signKey.map { .key($0) }
        }
        let layer = try here.keep(content, as: key, in: cache)
        try cache.finish()
        return layer
    }

    /// A build on the other machine.
    private func reader(_ host: String, trusting keys: [[UInt8]] = []) throws -> LayerCache {
        try there.cache {
            $0.sources = [name(host)]
            $0.trustKeys = keys
        }
    }

    /// Changes what the registry has for a key.
    private func withClient<Value>(_ host: String, _ body: (RegistryClient) throws -> Value) throws -> Value {
        let registries = try Registries(.anonymous)
        let place = try registries.placeToPush(Reference(parsing: "\(host)/a"))
        return try registries.withClient(at: place.endpoint, body)
    }

    @Test func `what one machine signed the other one uses, and fetches once it is opened`() throws {
        let registry = try RealRegistry()
        let (key, publicKey) = try makeKey("a")
        let made = try publish(self.key, to: registry.host, signedBy: key)
        let cache = try reader(registry.host, trusting: [publicKey])
        let found = try #require(try cache.find(self.key, at: CacheDesk.place).layer)
        #expect(found.isSame(as: made))
        guard case .registry(let reference, let entry, let signer?) = found.origin else {
            Issue.record("\(found.origin)")
            return
        }
        #expect("\(reference)" == name(registry.host))
        let tag = CacheStatement.tag(self.key.digest)
        #expect(
            try withClient(registry.host) { try $0.descriptor(of: .tag(tag), in: repository) }?.digest
                == entry)
        #expect(
            try signer == KeyReference(parsing: publicKey).verificationKey(password: nil) { _ in }.fingerprint
        )
        #expect(!registry.log.contains("GET /v2/\(repository)/blobs/\(made.descriptor.digest)"))
        #expect(try cache.place(of: found)?.repository == repository)
        #expect(try cache.place(of: made) == nil && made.dependency == nil)
        let dependency = try #require(found.dependency)
        #expect(dependency.digest["sha256"] == made.descriptor.digest.hex)
        #expect(dependency.downloadLocation == "docker://\(name(registry.host))@\(entry)")
        #expect(dependency.annotations["signer"]?.string == signer)
        #expect(try Digest.of(bytes(of: cache.open(found.descriptor))) == made.descriptor.digest)
        try cache.finish()
        // The next build has it without asking, and still knows whence.
        let next = try reader(registry.host, trusting: [publicKey])
        #expect(try next.find(self.key, at: CacheDesk.place) == .hit(found))
        #expect(here.notes == [] && there.notes == [])
        // Who does not trust the key does not take it from the disk either.
        #expect(try there.find(self.key).layer == nil)
    }

    @Test func `without a trusted key there is one warning`() throws {
        let registry = try RealRegistry()
        let other = try CacheDesk.key("RUN other")
        try publish(key, to: registry.host)
        try publish(other, to: registry.host)
        let cache = try reader(registry.host)
        for key in [key, other] {
            let found = try #require(try cache.find(key, at: CacheDesk.place).layer)
            guard case .registry(_, _, signer: nil) = found.origin else {
                Issue.record("\(found.origin)")
                return
            }
            _ = try cache.open(found.descriptor)
        }
        try cache.finish()
        #expect(there.notes == [.untrusted(try Reference(parsing: name(registry.host)))])
        #expect(try there.find(key).layer == nil, "a repository that is not asked counts no more on the disk")
    }

    @Test("an entry that no trusted key signed is a miss", arguments: ["unsigned", "another key"])
    func untrusted(kind: String) throws {
        let registry = try RealRegistry()
        let (first, second) = (try makeKey("a"), try makeKey("b"))
        try publish(key, to: registry.host, signedBy: kind == "unsigned" ? nil : first.key)
        let cache = try reader(registry.host, trusting: [second.publicKey])
        #expect(try cache.find(key, at: CacheDesk.place).miss == .nothingYet)
        #expect(there.takeNotes().map { $0.contains("is not used") } == [true])
        let made = try there.keep("sediment", as: key, in: cache)
        #expect(made.origin == .local)
        try cache.finish()
    }

    @Test(
        "an entry that somebody altered is a miss",
        arguments: ["foreign", "payload", "layer", "image", "garbage"])
    func altered(kind: String) throws {
        let registry = try RealRegistry()
        let keys = try makeKey("a")
        let other = try CacheDesk.key("RUN other")
        try publish(key, to: registry.host, signedBy: keys.key)
        try publish(other, to: registry.host, signedBy: keys.key, "other")
        try withClient(registry.host) { client in
            func manifest(_ key: CacheKey) throws -> Manifest {
                let found = try client.manifest(.tag(CacheStatement.tag(key.digest)), in: repository)
                return try Document<Manifest>(parsing: #require(found).bytes).value
            }
            func put(_ bytes: [UInt8], _ type: MediaType) throws -> Descriptor {
                let digest = try Digest.of(bytes)
                try client.pushBlob(digest, size: Int64(bytes.count), to: repository) { offset, piece in
                    piece += bytes[Int(offset)...]
                }
                return Descriptor(mediaType: type, digest: digest, size: Int64(bytes.count))
            }
            var changed = try manifest(key)
            switch kind {
            case "foreign": changed = try manifest(other)
            case "layer": changed.layers[1] = try manifest(other).layers[1]
            case "image": changed.artifactType = nil
            case "garbage": changed.layers[0] = try put(Array("{".utf8), .dsseEnvelope)
            default:
                var bytes: [UInt8] = []
                let statement = changed.layers[0]
                try client.pullBlob(statement.digest, size: nil, from: repository) { span in
                    for index in span.indices { bytes.append(span[index]) }
                }
                let envelope = try Envelope(parsing: bytes)
                var text = String(decoding: envelope.payload, as: UTF8.self)
                text.replace("\"entries\":1", with: "\"entries\":2")
                let forged = Envelope(payload: Array(text.utf8), signatures: envelope.signatures)
                #expect(forged.payload != envelope.payload)
                changed.layers[0] = try put(forged.serialized(), .dsseEnvelope)
            }
            let content = try ManifestContent(Document(changed).bytes, mediaType: .imageManifest)
            _ = try client.put(content, as: .tag(CacheStatement.tag(key.digest)), in: repository)
        }
        let cache = try reader(registry.host, trusting: [keys.publicKey])
        #expect(try cache.find(key, at: CacheDesk.place).layer == nil)
        #expect(there.takeNotes().map { $0.contains("is not used") } == [true])
        #expect(try cache.find(other, at: CacheDesk.place).layer != nil)
        try cache.finish()
        // Who makes it anew mends it for all.
        _ = try publish(key, to: registry.host, signedBy: keys.key)
        let next = try reader(registry.host, trusting: [keys.publicKey])
        #expect(try next.find(key, at: CacheDesk.place).layer != nil)
        #expect(there.notes == [])
    }

    @Test(
        "a layer that is not what its entry says is lost, and a miss from then on",
        arguments: ["bytes", "diff ID", "gone"])
    func lostLayers(kind: String) throws {
        let registry = try RealRegistry()
        var layer = try publish(key, to: registry.host)
        let digest = layer.descriptor.digest
        let blob = registry.storage.pushing(
            FilePath("docker/registry/v2/blobs/sha256/\(digest.hex.prefix(2))/\(digest.hex)/data"))
        switch kind {
        case "bytes":
            var bytes = try content(of: blob)
            bytes[bytes.count / 2] ^= 1
            try here.replace(blob, with: bytes)
        case "gone": try Command(["rm", blob.string]).succeed()
        default:
            layer = CachedLayer(
                descriptor: layer.descriptor, diffID: try Digest.of([1]),
                uncompressedSize: layer.uncompressedSize, entries: 1, newestTime: 0, origin: .local)
            let cache = try here.cache()
            try CacheRepository(name(registry.host), of: "", in: cache.registries).put(
                layer, cache.open(layer.descriptor), for: key.digest, signedBy: nil, in: cache.registries)
        }
        let cache = try reader(registry.host)
        let found = try #require(try cache.find(key, at: CacheDesk.place).layer)
        let error = #expect(throws: BuildError.self) { try cache.open(found.descriptor) }
        guard case .cachedLayerLost(digest, _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        guard case .damaged? = try cache.find(key, at: CacheDesk.place).miss else {
            Issue.record("it is found again")
            return
        }
        let made = try there.keep("sediment", as: key, in: cache)
        #expect(try Digest.of(bytes(of: cache.open(made.descriptor))) == made.descriptor.digest)
        #expect(try cache.find(key, at: CacheDesk.place) == .hit(made))
        try cache.finish()
        #expect(there.notes.count == 2, "\(there.notes)")
    }

    @Test(
        "a registry that does not answer is a miss, and is not asked again", arguments: [401, 403, 404, 500])
    func failingRegistries(status: Int) throws {
        let registry = try FaultyRegistry([.always("*", "/manifests/", .answer(status))])
        let cache = try reader(registry.host)
        for number in 0..<3 {
            #expect(try cache.find(CacheDesk.key("RUN \(number)"), at: CacheDesk.place).layer == nil)
        }
        try cache.finish()
        let asked = registry.exchanges.count { $0.description.contains("/manifests/") }
        #expect(there.notes.count == (status == 404 ? 0 : 1))
        #expect(status == 404 ? asked == 3 : asked <= 2, "\(registry.log)")
    }

    @Test func `nobody listens`() throws {
        let cache = try reader("127.0.0.1:1")
        #expect(try cache.find(key, at: CacheDesk.place).miss == .nothingYet)
        try cache.finish()
        #expect(there.notes.count == 1)
    }

    @Test("a registry that takes nothing costs one warning", arguments: [401, 500])
    func refusingRegistries(status: Int) throws {
        let registry = try FaultyRegistry([.always("POST", "/uploads/", .answer(status))])
        let cache = try here.cache { $0.destinations = [name(registry.host)] }
        for number in 0..<3 { try here.keep("\(number)", as: CacheDesk.key("RUN \(number)"), in: cache) }
        try cache.finish()
        #expect(here.notes.count == 1)
        #expect(try here.find(CacheDesk.key("RUN 1")).layer != nil)
    }

    @Test func `a layer that was here already is sent where it is missing, and one of others never`() throws {
        let (first, second) = (try RealRegistry(), try RealRegistry())
        try here.keep(as: key)
        let local = try here.cache { $0.destinations = [name(first.host)] }
        #expect(try local.find(key, at: CacheDesk.place).layer != nil)
        try local.finish()
        let signing = try makeKey("a")
        for _ in 0..<2 {
            let cache = try there.cache {
                $0.sources = [name(first.host)]
                $0.destinations = [name(second.host)]
                $0.signKey = .key(signing.key)
            }
            let found = try #require(try cache.find(key, at: CacheDesk.place).layer)
            _ = try cache.open(found.descriptor)
            try cache.finish()
        }
        let tag = CacheStatement.tag(key.digest)
        #expect(try withClient(first.host) { try $0.descriptor(of: .tag(tag), in: repository) } != nil)
        #expect(try withClient(second.host) { try $0.descriptor(of: .tag(tag), in: repository) } == nil)
    }

    @Test func `who only reads takes layers from a repository, and leaves nothing behind`() throws {
        let registry = try RealRegistry()
        let made = try publish(key, to: registry.host)
        let cache = try there.cache {
            $0.sources = [name(registry.host)]
            $0.isWritten = false
        }
        let found = try #require(try cache.find(key, at: CacheDesk.place).layer)
        for _ in 0..<2 {
            #expect(try Digest.of(bytes(of: cache.open(found.descriptor))) == made.descriptor.digest)
        }
        try cache.finish()
        #expect(!Machine.exists(there.directory))
    }

    @Test func `who only reads sends nothing`() throws {
        let registry = try FaultyRegistry()
        let cache = try here.cache {
            $0.isWritten = false
            $0.destinations = [name(registry.host)]
        }
        try here.keep("sediment", as: key, in: cache)
        try cache.finish()
        #expect(registry.log == [])
    }

    @Test(
        "wrong flags are told",
        arguments: ["team/cache", "registry.example.com/a:1", "not a name", "oci:dir"])
    func wrongFlags(text: String) {
        #expect(throws: BuildError.self) { try here.cache { $0.sources = [text] } }
    }

    @Test func `keys that nothing comes of are told`() throws {
        let keys = try makeKey("a")
        #expect(throws: BuildError.self) { try here.cache { $0.signKey = .key(keys.key) } }
        #expect(throws: BuildError.self) { try here.cache { $0.trustKeys = [keys.publicKey] } }
    }
}
