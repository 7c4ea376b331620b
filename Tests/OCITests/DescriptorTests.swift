import OCI
import Testing

private let valid: JSONObject = ["mediaType": "text/plain", "digest": .string(digestText("a")), "size": 5]
private let wholeNumber = "a whole number of bytes, 0 or more"

struct DescriptorTests {
    @Test(
        "A size that is not a whole number of bytes is refused",
        arguments: [
            ("-1", "-1"), ("1.0", "1.0"), ("1e3", "1e3"), ("\"12\"", "\"12\""),
            ("9223372036854775808", "9223372036854775808"),
            ("true", "true"), ("[]", "an array of 0"), ("{\"a\":1}", "an object of 1"),
        ])
    func refusesSize(text: String, found: String) throws {
        var object = valid
        object["size"] = try JSONValue(parsing: Array(text.utf8))
        #expect(throws: OCIError.wrongMember(path: "size", expected: wholeNumber, found: found)) {
            try Descriptor(json: .object(object))
        }
    }

    @Test("A descriptor without a required member is refused", arguments: ["mediaType", "digest", "size"])
    func refusesMissing(key: String) {
        var object = valid
        object[key] = nil
        #expect(throws: OCIError.missingMember(path: key)) { try Descriptor(json: .object(object)) }
        object[key] = .null
        #expect(throws: OCIError.missingMember(path: key)) { try Descriptor(json: .object(object)) }
    }

    @Test(
        "A member of another kind is refused with its path",
        arguments: [
            ("digest", "sha256:../../etc/passwd", "digest"), ("mediaType", "", "mediaType"),
            ("annotations", [], "annotations"),
            ("annotations", ["a": 1], "annotations.a"), ("annotations", ["a": .null], "annotations.a"),
            ("platform", "linux", "platform"), ("platform", ["os": 1], "platform.os"),
            ("urls", ["a", 1], "urls[1]"),
            ("data", 5, "data"), ("artifactType", 5, "artifactType"), ("artifactType", "x", "artifactType"),
        ] as [(String, JSONValue, String)])
    func refusesKind(key: String, value: JSONValue, path: String) {
        var object = valid
        object[key] = value
        let error = #expect(throws: OCIError.self) { try Descriptor(json: .object(object)) }
        guard case .wrongMember(path, _, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `null is as good as absent for optional members, and stays as it stood`() throws {
        var object = valid
        for key in ["annotations", "platform", "artifactType", "urls", "data"] { object[key] = .null }
        let descriptor = try Descriptor(json: .object(object))
        #expect(
            descriptor.annotations.isEmpty && descriptor.platform == nil && descriptor.artifactType == nil)
        #expect(descriptor.urls == [] && descriptor.data == nil)
        #expect(descriptor.json == .object(object))
    }

    @Test func `a changed descriptor keeps every other member, its text and its place`() throws {
        let text = """
            {"size":2,"x-new":[1.0],"digest":"\(digestText("b"))","mediaType":"text/plain",\
            "annotations":{"b":"1","a":"2"},\
            "platform":{"architecture":"arm64","os":"linux","variant":"v8","os.features":["x"]},"data":"e30="}
            """
        var descriptor = try Descriptor(json: JSONValue(parsing: Array(text.utf8)))
        #expect(descriptor.data == "e30=")
        descriptor.annotations["c"] = "3"
        let changed = text.replacing("\"a\":\"2\"}", with: "\"a\":\"2\",\"c\":\"3\"}")
        #expect(String(decoding: descriptor.json.serialized(), as: UTF8.self) == changed)
        descriptor.annotations["c"] = nil
        #expect(String(decoding: descriptor.json.serialized(), as: UTF8.self) == text)
    }

    @Test func `a new descriptor has the same bytes whether its members come at once or one by one`() throws {
        let digest = try Digest(parsing: digestText("c"))
        let type = try MediaType(parsing: "application/x")
        let platform = Platform(os: "linux", architecture: "arm", variant: "v7")
        let once = Descriptor(
            mediaType: .imageManifest, digest: digest, size: 9, annotations: ["k": "v"], platform: platform,
            artifactType: type)
        var slowly = Descriptor(mediaType: .imageManifest, digest: digest, size: 9)
        slowly.annotations = ["k": "v"]
        slowly.platform = platform
        slowly.artifactType = type
        #expect(slowly == once)
        #expect(
            String(decoding: once.json.serialized(), as: UTF8.self) == """
                {"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"\(digest)","size":9,\
                "artifactType":"application/x","platform":{"architecture":"arm","os":"linux","variant":"v7"},\
                "annotations":{"k":"v"}}
                """)
        slowly.annotations = [:]
        slowly.platform = nil
        slowly.artifactType = nil
        #expect(slowly == Descriptor(mediaType: .imageManifest, digest: digest, size: 9))
    }

    @Test func `annotations keep their order, and can be sorted by bytes`() {
        var annotations: Annotations = ["b": "1", "\u{E9}": "2", "Z": "3"]
        annotations["a"] = "4"
        annotations["b"] = "5"
        #expect(annotations.names == ["b", "\u{E9}", "Z", "a"])
        #expect(annotations.sorted.names == ["Z", "a", "b", "\u{E9}"])
        #expect(annotations.entries.map(\.text) == ["5", "2", "3", "4"])
        #expect(annotations.count == 4)
    }
}
