import OCI
import Testing

private func manifest(_ change: (inout JSONObject) -> Void) throws -> JSONValue {
    var object = try #require(JSONValue(parsing: Array(vectorManifest.utf8)).object)
    change(&object)
    return .object(object)
}

struct ManifestTests {
    @Test(
        "A manifest is written with the bytes it was read from", arguments: [vectorManifest, vectorReferrer])
    func roundTrip(text: String) throws {
        let document = try Document<Manifest>(parsing: Array(text.utf8))
        #expect(document.bytes == Array(text.utf8))
        #expect(document.value.json.serialized() == document.bytes)
        #expect(Document(document.value) == document)
    }

    @Test func `a manifest's parts are read`() throws {
        let image = try Document<Manifest>(parsing: Array(vectorManifest.utf8)).value
        #expect(image.mediaType == .imageManifest)
        #expect(image.config.mediaType == .imageConfiguration && image.config.size == 367)
        #expect(
            image.layers.map(\.digest.hex) == [
                "316f7c01a4414b780233a93e505a3a9f3b4f6a677e25be7e56586847098864c9"
            ])
        #expect(image.subject == nil && image.artifactType == nil && image.annotations.isEmpty)
        let referrer = try Document<Manifest>(parsing: Array(vectorReferrer.utf8)).value
        #expect(referrer.subject?.size == 401)
        #expect(referrer.artifactType?.description == "application/vnd.dev.sigstore.bundle.v0.3+json")
        #expect(referrer.annotations["dev.sigstore.bundle.content"] == "dsse-envelope")
        #expect(referrer.config.digest == Descriptor.empty.digest)
    }

    @Test func `a new manifest has the specification's order`() throws {
        let layer = Descriptor(
            mediaType: .layerTarGzip, digest: try Digest(parsing: digestText("1")), size: 10)
        let manifest = Manifest(
            config: .empty, layers: [layer], subject: layer, artifactType: try MediaType(parsing: "a/b"),
            annotations: ["k": "v"])
        let order = [
            "schemaVersion", "mediaType", "artifactType", "config", "layers", "subject", "annotations",
        ]
        #expect(manifest.json.object?.keys == order)
        #expect(try Manifest(json: manifest.json) == manifest)
        let docker = Manifest(mediaType: .dockerManifest, config: .empty, layers: [])
        #expect(docker.json["mediaType"] == "application/vnd.docker.distribution.manifest.v2+json")
        #expect(docker.json["layers"] == [])
        #expect(docker.json.object?.keys == ["schemaVersion", "mediaType", "config", "layers"])
    }

    @Test func `a missing media type is OCI's and is written after the version`() throws {
        let read = try Manifest(json: manifest { $0["mediaType"] = nil })
        #expect(read.mediaType == .imageManifest)
        #expect(read.json == (try manifest { _ in }))
    }

    @Test func `members that nobody knows, null and empty ones survive`() throws {
        let json = try manifest {
            $0["x"] = [1, "y"]
            $0["subject"] = .null
            $0["annotations"] = [:]
            $0["artifactType"] = ""
        }
        #expect(try Manifest(json: json).json == json)
    }

    @Test(
        "A document that is no manifest is refused",
        arguments: [
            ("schemaVersion", nil, .missingMember(path: "schemaVersion")),
            ("schemaVersion", 1, .unsupportedSchemaVersion("1")),
            ("schemaVersion", "2", .unsupportedSchemaVersion("\"2\"")),
            ("schemaVersion", .null, .unsupportedSchemaVersion("null")),
            (
                "mediaType", "application/vnd.oci.image.index.v1+json",
                .wrongMediaType(
                    document: "an image manifest", found: "application/vnd.oci.image.index.v1+json")
            ),
            ("mediaType", 2, .wrongMember(path: "mediaType", expected: "a string", found: "2")),
            ("manifests", [], .ambiguousDocument(document: "an image manifest", member: "manifests")),
            ("fsLayers", [], .ambiguousDocument(document: "an image manifest", member: "fsLayers")),
            ("config", nil, .missingMember(path: "config")),
            ("config", .null, .missingMember(path: "config")),
            ("config", [:], .missingMember(path: "config.mediaType")),
            ("layers", nil, .missingMember(path: "layers")),
            ("layers", .null, .missingMember(path: "layers")),
            ("layers", [:], .wrongMember(path: "layers", expected: "an array", found: "an object of 0")),
            ("layers", [.null], .wrongMember(path: "layers[0]", expected: "an object", found: "null")),
            ("subject", [:], .missingMember(path: "subject.mediaType")),
            ("annotations", ["a": 1], .wrongMember(path: "annotations.a", expected: "a string", found: "1")),
        ] as [(String, JSONValue?, OCIError)])
    func refuses(key: String, value: JSONValue?, error: OCIError) throws {
        let json = try manifest { $0[key] = value }
        #expect(throws: error) { try Manifest(json: json) }
    }

    @Test func `a wrong member deep inside is named with its path`() throws {
        let layer: JSONValue = ["mediaType": "a/b", "digest": .string(digestText("1")), "size": 1]
        let wrong: JSONValue = ["mediaType": "a/b", "digest": "sha256:12", "size": 1]
        let json = try manifest { $0["layers"] = [layer, layer, wrong] }
        let expected = "sha256: and 64 lower-case hexadecimal digits"
        #expect(
            throws: OCIError.wrongMember(path: "layers[2].digest", expected: expected, found: "\"sha256:12\"")
        ) {
            try Manifest(json: json)
        }
    }

    @Test func `no more than 10,000 layers are read`() throws {
        let layer: JSONValue = ["mediaType": "a/b", "digest": .string(digestText("1")), "size": 1]
        let most = try manifest { $0["layers"] = .array(Array(repeating: layer, count: 10_000)) }
        #expect(try Manifest(json: most).layers.count == 10_000)
        let more = try manifest { $0["layers"] = .array(Array(repeating: layer, count: 10_001)) }
        #expect(throws: OCIError.tooManyDescriptors(path: "layers", count: 10_001)) {
            try Manifest(json: more)
        }
    }

    @Test("What is no JSON object at all is refused", arguments: ["[]", "null", "\"x\"", "2"])
    func refusesOtherValues(text: String) {
        let error = #expect(throws: OCIError.self) { try Document<Manifest>(parsing: Array(text.utf8)) }
        #expect(error?.description.hasPrefix("expected an object, found ") == true)
    }

    @Test func `what is no JSON is refused with its place`() {
        let error = JSONError(line: 1, column: 1, reason: "'<' where a value should stand")
        #expect(throws: OCIError.malformedJSON(error)) {
            try Document<Manifest>(parsing: Array("<html>".utf8))
        }
    }
}
