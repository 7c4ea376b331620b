import Cryptography
import HTTP
import OCI
import Registry
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct RealRegistryTests {
    @Test("blobs go there and come back", arguments: [false, true])
    func blobs(tls: Bool) throws {
        let registry = try RealRegistry(hasTLS: tls)
        let client = try registry.client()
        try client.ping()
        for count in [0, 1, 3_000_000] {
            let blob = try SampleBlob(count)
            #expect(try client.blobSize(blob.digest, in: "team/app") == nil)
            #expect(try client.push(blob, to: "team/app").contains(.existing) == false)
            #expect(try client.blobSize(blob.digest, in: "team/app") == Int64(count))
            #expect(try client.pull(blob, from: "team/app") == blob.bytes)
            #expect(try client.pull(blob, from: "team/app", sized: false) == blob.bytes)
            #expect(try client.push(blob, to: "team/app") == [.existing])
            if count > 0 {
                #expect(
                    try client.push(blob, to: "other/app", mounting: "team/app") == [
                        .mounted(from: "team/app")
                    ])
            }
        }
    }

    @Test("a blob goes there while it is made", arguments: [0, 5, 1_000_000, 2_000_000, 2_500_001])
    func streamed(count: Int) throws {
        let registry = try RealRegistry()
        var settings = RegistrySettings.impatient
        settings.chunkBytes = 1_000_000
        let client = try RegistryClient(
            RegistrySession(URL(parsing: "http://127.0.0.1:\(registry.port)").origin, settings))
        let blob = try SampleBlob(count)
        let upload = try client.beginUpload(to: "team/app")
        for start in stride(from: 0, to: count, by: 300_000) {
            try upload.write(Array(blob.bytes[start..<min(start + 300_000, count)]))
        }
        #expect(upload.size == Int64(count))
        try upload.finish(blob.digest)
        #expect(try client.pull(blob, from: "team/app") == blob.bytes)
    }

    @Test func `manifests by tag and digest`() throws {
        let registry = try RealRegistry(allowsDeletion: true)
        let client = try registry.client()
        let (content, _) = try client.pushSampleImage(to: "team/app")
        let result = try client.put(content, as: .tag("1.0"), in: "team/app")
        #expect(result.digest == content.digest && !result.knowsSubject)
        #expect(try client.manifest(.tag("1.0"), in: "team/app") == content)
        #expect(try client.manifest(.digest(content.digest), in: "team/app") == content)
        #expect(try client.descriptor(of: .tag("1.0"), in: "team/app") == content.descriptor)
        #expect(try client.descriptor(of: .tag("2.0"), in: "team/app") == nil)
        #expect(try client.manifest(.tag("2.0"), in: "team/app") == nil)
        #expect(try client.tags(of: "team/app") == ["1.0"])
        #expect(try client.tags(of: "team/none") == nil)
        #expect(try client.deleteManifest(.digest(content.digest), in: "team/app"))
        #expect(try client.manifest(.tag("1.0"), in: "team/app") == nil)
    }

    @Test func `a manifest without its blobs is refused in the registry's words`() throws {
        let registry = try RealRegistry()
        let client = try registry.client()
        let config = try SampleBlob(10)
        let manifest = Manifest(
            config: Descriptor(mediaType: .imageConfiguration, digest: config.digest, size: 10), layers: [])
        let content = try ManifestContent(Document(manifest).bytes, mediaType: .imageManifest)
        #expect {
            try client.put(content, as: .tag("1.0"), in: "team/app")
        } throws: { error in
            guard let error = error as? RegistryError else { return false }
            return error.has("MANIFEST_BLOB_UNKNOWN") && error.status == 400
                && "\(error)".hasPrefix(
                    "PUT 127.0.0.1:\(registry.port)/v2/team/app/manifests/1.0: the registry answers 400: ")
        }
    }

    @Test func `user and password are shown when they are asked for`() throws {
        let registry = try RealRegistry(wantsUser: true)
        let blob = try SampleBlob(100_000)
        let right = try registry.client(
            credential: .basic(
                user: RealRegistry.login.user, password: SecretBytes(Array("secret".utf8).span)))
        #expect(throws: Never.self) { try right.checkPush(to: "team/app") }
        _ = try right.push(blob, to: "team/app")
        #expect(try right.pull(blob, from: "team/app") == blob.bytes)
        let wrong = try registry.client(
            credential: .basic(user: RealRegistry.login.user, password: SecretBytes(Array("wrong".utf8).span))
        )
        for client in [wrong, try registry.client()] {
            #expect {
                try client.checkPush(to: "team/app")
            } throws: { error in
                guard case .unauthorized? = (error as? RegistryError)?.reason else { return false }
                return !"\(error)".contains("secret") && !"\(error)".contains("wrong\"")
            }
        }
    }

    @Test func `referrers are found by the fallback tag, and none is lost among several writers`() throws {
        let registry = try RealRegistry()
        let client = try registry.client()
        let (content, config) = try client.pushSampleImage(to: "team/app")
        _ = try client.put(content, as: .tag("1.0"), in: "team/app")
        #expect(try client.referrers(of: content.digest, in: "team/app") == [])
        var digests: Set<Digest> = []
        for number in 0..<3 {
            let manifest = Manifest(
                config: config, layers: [], subject: content.descriptor, artifactType: .dsseEnvelope,
                annotations: ["number": "\(number)"])
            let referrer = try ManifestContent(Document(manifest).bytes, mediaType: .imageManifest)
            var entry = referrer.descriptor
            entry.artifactType = .dsseEnvelope
            for _ in 0..<2 {
                try client.putReferrer(referrer, entry: entry, of: content.digest, in: "team/app")
            }
            digests.insert(referrer.digest)
        }
        let found = try client.referrers(of: content.digest, artifactType: .dsseEnvelope, in: "team/app")
        #expect(found.count == 3 && Set(found.map(\.digest)) == digests)
        #expect(try client.referrers(of: content.digest, artifactType: .sigstoreBundle, in: "team/app") == [])
    }

    @Test func `skopeo reads what was pushed`() throws {
        try Requirement.program("skopeo")
        let registry = try RealRegistry()
        let client = try registry.client()
        let (content, _) = try client.pushSampleImage(to: "team/app")
        _ = try client.put(content, as: .tag("1.0"), in: "team/app")
        // Where root's containers were, a plain user may not look for logins, and skopeo gives up over that.
        let scratch = try Scratch()
        let outcome = try Command([
            "skopeo", "inspect", "--raw", "--tls-verify=false",
            "docker://127.0.0.1:\(registry.port)/team/app:1.0",
        ]).with("XDG_RUNTIME_DIR", scratch.path.string).succeed()
        #expect(outcome.output == content.bytes)
    }
}

extension RegistryClient {
    /// An image of one layer, without a name yet.
    func pushSampleImage(to repository: String) throws -> (manifest: ManifestContent, config: Descriptor) {
        let (config, layer) = (try SampleBlob(50, seed: 7), try SampleBlob(5_000, seed: 8))
        _ = try push(config, to: repository)
        _ = try push(layer, to: repository)
        let descriptor = Descriptor(mediaType: .imageConfiguration, digest: config.digest, size: 50)
        let manifest = Manifest(
            config: descriptor,
            layers: [Descriptor(mediaType: .layerTarGzip, digest: layer.digest, size: 5_000)])
        return (try ManifestContent(Document(manifest).bytes, mediaType: .imageManifest), descriptor)
    }
}
