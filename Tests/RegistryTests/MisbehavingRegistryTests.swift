import Cryptography
import HTTP
import Linux
import OCI
import Registry
import TestSupport
import Testing

/// The client against a whole registry that goes wrong at one place: what must come of it, and how much was asked.
@Suite(.timeLimit(.minutes(30)))
struct MisbehavingRegistryTests {
    private static let login = "hunter2"

    private func client(_ registry: FaultyRegistry, user: String? = nil, chunkBytes: Int = 16 << 20) throws
        -> RegistryClient
    {
        var settings = RegistrySettings.impatient
        settings.chunkBytes = chunkBytes
        let credential: Credential =
            try user.map { .basic(user: $0, password: try SecretBytes(Array(Self.login.utf8).span)) }
            ?? .anonymous
        let origin = try URL(parsing: "http://\(registry.host)").origin
        return try RegistryClient(RegistrySession(origin, settings, credential: { _ in credential }))
    }

    /// Pushes an image of one layer and a configuration, as a builder does.
    @discardableResult
    private func pushImage(
        _ client: RegistryClient, _ layer: SampleBlob, tag: String = "1"
    ) throws -> ManifestContent {
        let configuration = try SampleBlob(500, seed: 7)
        let manifest = try Self.manifest(layer, configuration)
        for blob in [layer, configuration] { _ = try client.push(blob, to: "team/app") }
        _ = try client.put(manifest, as: .tag(tag), in: "team/app")
        return manifest
    }

    private static func manifest(_ layer: SampleBlob, _ configuration: SampleBlob) throws -> ManifestContent {
        func descriptor(_ blob: SampleBlob, _ type: String) -> JSONValue {
            [
                "mediaType": .string("application/vnd.oci.image.\(type)"),
                "digest": .string("\(blob.digest)"),
                "size": .number(JSONNumber(blob.bytes.count)),
            ]
        }
        let json: JSONValue = [
            "schemaVersion": 2, "mediaType": .string("\(MediaType.imageManifest)"),
            "config": descriptor(configuration, "config.v1+json"),
            "layers": [descriptor(layer, "layer.v1.tar+gzip")],
        ]
        return try ManifestContent(json.serialized(), mediaType: .imageManifest)
    }

    /// An image arrives all the same.
    @Test(
        "an image arrives whatever happens on the way, and its tag is never incomplete",
        arguments: [
            RegistryFault("POST", "/uploads/", 1...1, .answer(503)),
            RegistryFault("PUT", "/uploads/", 1...1, .answer(500)),
            RegistryFault("PUT", "/uploads/", 1...1, .reset),
            RegistryFault("PUT", "/uploads/", 1...1, .resetInBody(100_000)),
            RegistryFault("PUT", "/uploads/", 1...1, .silence),
            RegistryFault("PATCH", "/uploads/", 1...1, .silence),
            RegistryFault("*", "/uploads/upload", 1...1, .forgetUpload),
            RegistryFault("PUT", "/manifests/", 1...1, .silence),
            RegistryFault("PUT", "/manifests/", 1...2, .answer(502)),
            RegistryFault("PUT", "/manifests/", 1...1, .answer(429, [("Retry-After", "1")])),
            RegistryFault("HEAD", "/blobs/", 1...9, .answer(405)),
            RegistryFault("HEAD", "/blobs/", 1...1, .answer(504)),
            RegistryFault("HEAD", "/blobs/", 1...1, .close),
            .always("*", "/v2/", .field("Docker-Content-Digest", nil)),
        ])
    func pushes(fault: RegistryFault) throws {
        let registry = try FaultyRegistry([fault]) { $0.refusesIncomplete = false }
        let layer = try SampleBlob(1_500_000)
        let manifest = try pushImage(client(registry), layer)
        #expect(registry.content.tags["team/app"]?["1"] == "\(manifest.digest)")
        #expect(registry.content.blobs["team/app"]?["\(layer.digest)"] == layer.bytes)
        #expect(registry.content.incompleteTags == [])
        #expect(registry.exchanges.count < 30)
    }

    /// A token for each request.
    @Test func `a token that ends in the middle of a push is renewed, and one is asked for ten blobs`() throws
    {
        for (uses, most) in [(Int.max, 3), (4, 20)] {
            let registry = try FaultyRegistry(access: .token(user: "user", password: Self.login, uses: uses))
            let client = try client(registry, user: "user")
            for seed in 0..<10 { _ = try client.push(SampleBlob(1000, seed: UInt64(seed)), to: "team/app") }
            #expect(registry.content.blobs["team/app"]?.count == 10)
            #expect(
                (1...most).contains(registry.count("GET", "/token")),
                "\(registry.count("GET", "/token")) tokens")
        }
    }

    /// The wrong password is told, soon, and not shown.
    @Test("a wrong password ends it", arguments: [true, false])
    func wrongPassword(isToken: Bool) throws {
        let registry = try FaultyRegistry(
            access: isToken
                ? .token(user: "user", password: "other") : .basic(user: "user", password: "other"))
        let error = #expect(throws: RegistryError.self) {
            _ = try client(registry, user: "user").manifest(.tag("1"), in: "team/app")
        }
        guard case .unauthorized = error?.reason else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!"\(String(describing: error))".contains(Self.login))
        #expect(registry.exchanges.count <= 4)
    }

    /// What is shown to the registry is shown to nobody else, also behind a redirect back.
    @Test func `a redirect takes no secret along`() throws {
        let layer = try SampleBlob(200_000)
        let store = try FaultyRegistry { try $0.add(layer.bytes, to: "team/app") }
        let place = "http://localhost:\(store.port)/v2/team/app/blobs/\(layer.digest)?signature=x"
        let registry = try FaultyRegistry(
            [.always("GET", "/blobs/", .redirect(place))], access: .basic(user: "user", password: Self.login))
        // The fault is before the question who asks: a request with a password would be redirected too.
        let bytes = try client(registry, user: "user").pull(layer, from: "team/app")
        #expect(bytes == layer.bytes)
        #expect(store.exchanges.count == 1)
        #expect(store.exchanges.allSatisfy { $0.header("Authorization") == nil })
    }

    /// Cut, and the token has ended when it goes on.
    @Test func `a blob is gone on with by range, with a new token`() throws {
        let layer = try SampleBlob(2_000_000)
        let registry = try FaultyRegistry(
            [RegistryFault("GET", "/blobs/", 2...2, .cut(1_000_000))],
            access: .token(user: "user", password: Self.login, uses: 1)
        ) { try $0.add(layer.bytes, to: "team/app") }
        #expect(try client(registry, user: "user").pull(layer, from: "team/app") == layer.bytes)
        let ranges = registry.exchanges.filter { $0.path.contains("/blobs/") && $0.status == 206 }
        #expect(ranges.compactMap { $0.header("Range") } == ["bytes=1000000-"])
    }

    /// What is no manifest, or another one.
    @Test(
        "a manifest that is none is refused, soon and in few bytes",
        arguments: [
            RegistryFault.Action.body(Array("<html><title>Sign in</title></html>".utf8)),
            .body(Array("{}".utf8)), .body([]), .corrupt(20), .spaces(1 << 30), .cut(10),
            .field("Content-Type", "\(MediaType.imageIndex)"),
            .field("Docker-Content-Digest", "sha256:" + String(repeating: "0", count: 64)),
            .answer(200, [("Content-Type", "\(MediaType.imageManifest)")], "null"), .stallInBody(10),
        ])
    func manifests(action: RegistryFault.Action) throws {
        let (layer, configuration) = (try SampleBlob(10), try SampleBlob(20))
        let manifest = try Self.manifest(layer, configuration)
        let registry = try FaultyRegistry([.always("GET", "/manifests/", action)]) {
            try $0.addManifest(manifest.bytes, "\(MediaType.imageManifest)", to: "team/app", tag: "1")
        }
        #expect(throws: (any Error).self) {
            _ = try client(registry).manifest(.tag("1"), in: "team/app")
        }
        #expect(registry.exchanges.count <= 5)
    }

    /// What is collected between its upload and the manifest is told in the registry's words.
    @Test func `a blob that is collected before its manifest comes is told`() throws {
        let layer = try SampleBlob(100)
        let registry = try FaultyRegistry([
            RegistryFault("PUT", "/manifests/", 1...1, .collect("\(layer.digest)"))
        ])
        let client = try client(registry)
        let error = #expect(throws: RegistryError.self) { try pushImage(client, layer) }
        #expect(error?.has("MANIFEST_BLOB_UNKNOWN") ?? false)
        // Who pushes again, succeeds.
        try pushImage(client, layer)
        #expect(registry.content.tags["team/app"]?["1"] != nil)
    }

    @Test(
        "what will not be better by asking again is asked once",
        arguments: [
            (413, ""), (507, ""), (400, #"{"errors":[{"code":"DIGEST_INVALID"}]}"#),
            (403, #"{"errors":[{"code":"DENIED","message":"quota exceeded"}]}"#),
        ])
    func refused(status: Int, body: String) throws {
        let registry = try FaultyRegistry([.always("PUT", "/uploads/", .answer(status, [], body))])
        let error = #expect(throws: RegistryError.self) { try pushImage(client(registry), SampleBlob(100)) }
        #expect(error?.status == status)
        #expect(registry.count("PUT", "/uploads/") == 1)
        #expect(registry.content.tags == [:])
    }

    /// A session's place has another form than expected.
    @Test("an upload's place is followed as it is", arguments: ["", "same", "query"])
    func locations(form: String) throws {
        let registry = try FaultyRegistry { content in
            if form == "query" { content.locationQuery = "?a=b&c=%2F%20d" }
            if form == "" { content.locationQuery = "" }
        }
        if form == "same" { try registry.change { $0.locationPrefix = "http://\(registry.host)" } }
        let layer = try SampleBlob(300_000)
        try pushImage(client(registry), layer)
        #expect(registry.content.blobs["team/app"]?["\(layer.digest)"] == layer.bytes)
    }

    /// Whoever comes last has the tag, and both images are whole.
    @Test func `two who push one tag leave two whole images`() throws {
        let registry = try FaultyRegistry { $0.refusesIncomplete = false }
        let workers = (1...2).map { seed in
            Worker { try pushImage(client(registry), SampleBlob(50_000, seed: UInt64(seed))).digest }
        }
        let digests = try workers.map { "\(try $0.join())" }
        #expect(Set(digests).count == 2)
        #expect(digests.contains(registry.content.tags["team/app"]?["1"] ?? ""))
        #expect(Set(registry.content.manifests["team/app"]?.keys ?? [:].keys) == Set(digests))
        #expect(registry.content.incompleteTags == [])
    }

    /// What is there is not sent again.
    @Test func `a push that is begun anew sends nothing twice`() throws {
        let registry = try FaultyRegistry([RegistryFault("PUT", "/manifests/", 1...1, .answer(403))])
        let layer = try SampleBlob(10_000)
        #expect(throws: RegistryError.self) { try pushImage(client(registry), layer) }
        try pushImage(client(registry), layer)
        #expect(registry.count("PUT", "/uploads/") == 2)
    }

    /// A byte now and then is no progress.
    @Test func `a drip ends`() throws {
        let layer = try SampleBlob(100_000)
        let registry = try FaultyRegistry([.always("GET", "/blobs/", .drip(milliseconds: 200))]) {
            try $0.add(layer.bytes, to: "team/app")
        }
        let start = Machine.ticks
        #expect(throws: (any Error).self) { _ = try client(registry).pull(layer, from: "team/app") }
        #expect(Machine.ticks - start < 60_000_000_000)
    }
}
