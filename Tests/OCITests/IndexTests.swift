import OCI
import Testing

private func index(_ change: (inout JSONObject) -> Void) throws -> JSONValue {
    var object = try #require(JSONValue(parsing: Array(vectorIndex.utf8)).object)
    change(&object)
    return .object(object)
}

struct IndexTests {
    @Test func `an index is written with the bytes it was read from`() throws {
        let document = try Document<Index>(parsing: Array(vectorIndex.utf8))
        #expect(document.value.json.serialized() == Array(vectorIndex.utf8))
        #expect(document.value.manifests.map(\.size) == [401, 558, 501])
        #expect(document.value.manifests[0].annotations["org.opencontainers.image.ref.name"] == "latest")
        #expect(document.value.manifests[0].platform == Platform(os: "linux", architecture: "amd64"))
    }

    @Test func `a descriptor more changes nothing of the others`() throws {
        var value = try Document<Index>(parsing: Array(vectorIndex.utf8)).value
        let more = Descriptor(
            mediaType: .imageManifest, digest: try Digest(parsing: digestText("1")), size: 7)
        value.manifests.append(more)
        let written = String(decoding: value.json.serialized(), as: UTF8.self)
        let added = String(decoding: more.json.serialized(), as: UTF8.self)
        #expect(written == vectorIndex.dropLast(2) + ",\(added)]}")
    }

    @Test func `members that nobody knows survive`() throws {
        let json = try index {
            $0["x"] = ["y": 1]
            $0["annotations"] = ["b": "1", "a": "2"]
        }
        #expect(try Index(json: json).json == json)
    }

    @Test func `an index as other tools begin a layout is empty`() throws {
        let read = try Document<Index>(parsing: Array("{\"schemaVersion\":2,\"manifests\":null}".utf8)).value
        #expect(read.manifests == [])
        #expect(read == Index(manifests: []))
        #expect(
            String(decoding: read.json.serialized(), as: UTF8.self) == """
                {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}
                """)
    }

    @Test(
        "A document that is no index is refused",
        arguments: [
            ("schemaVersion", 3, .unsupportedSchemaVersion("3")),
            ("manifests", nil, .missingMember(path: "manifests")),
            ("layers", [], .ambiguousDocument(document: "an image index", member: "layers")),
            ("config", [:], .ambiguousDocument(document: "an image index", member: "config")),
            (
                "mediaType", "application/vnd.oci.image.manifest.v1+json",
                .wrongMediaType(
                    document: "an image index", found: "application/vnd.oci.image.manifest.v1+json")
            ),
            ("manifests", ["x"], .wrongMember(path: "manifests[0]", expected: "an object", found: "\"x\"")),
        ] as [(String, JSONValue?, OCIError)])
    func refuses(key: String, value: JSONValue?, error: OCIError) throws {
        let json = try index { $0[key] = value }
        #expect(throws: error) { try Index(json: json) }
    }

    @Test func `no more than 10,000 descriptors are read`() throws {
        let one = Descriptor.empty.json
        let json = try index { $0["manifests"] = .array(Array(repeating: one, count: 10_001)) }
        #expect(throws: OCIError.tooManyDescriptors(path: "manifests", count: 10_001)) {
            try Index(json: json)
        }
    }

    @Test func `the first manifest for the platform is found under any of its names`() throws {
        let arm = Platform(os: "linux", architecture: "arm64", variant: "v8")
        let manifests = try [("1", Platform(os: "unknown", architecture: "unknown")), ("2", arm), ("3", arm)]
            .map {
                Descriptor(
                    mediaType: .imageManifest, digest: try Digest(parsing: digestText($0)), size: 1,
                    platform: $1)
            }
        let list = Index(mediaType: .dockerManifestList, manifests: [.empty] + manifests)
        #expect(list.first(for: .host(machine: "aarch64")) == manifests[1])
        #expect(list.first(for: .host(machine: "x86_64")) == nil)
        #expect(try Index(json: list.json) == list)
    }
}
