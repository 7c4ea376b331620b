import HTTP
import OCI
import Registry
import Testing

struct EndpointTests {
    @Test(
        "a registry is spoken to over TLS, but on this machine",
        arguments: [
            ("docker.io", "https://registry-1.docker.io"), ("h.example", "https://h.example"),
            ("h.example:5000", "https://h.example:5000"), ("localhost", "http://localhost"),
            ("localhost:5000", "http://localhost:5000"), ("127.0.0.1:1234", "http://127.0.0.1:1234"),
            ("127.8.8.8", "http://127.8.8.8"), ("[::1]:5000", "http://[::1]:5000"),
            ("localhost:443", "https://localhost"),
            ("127.0.0.1.evil.example", "https://127.0.0.1.evil.example"),
            ("10.2.3.4:5000", "https://10.2.3.4:5000"), ("registry.local", "https://registry.local"),
            ("[2001:db8::1]:5000", "https://[2001:db8::1]:5000"),
        ])
    func scheme(registry: String, origin: String) throws {
        let endpoint = try EndpointRules().endpoint(of: registry)
        #expect(endpoint.origin.description == origin)
        #expect(endpoint.verifiesServer && endpoint.registry == registry)
    }

    @Test func `exceptions hold for the registries they were asked for`() throws {
        var rules = EndpointRules()
        rules.plain = try RegistrySet(["a.example:80", "docker.io"])
        rules.unverified = try RegistrySet(["localhost:5001"])
        rules.secure = try RegistrySet(["localhost:5002"])
        #expect(try rules.endpoint(of: "a.example:80").origin.scheme == .http)
        #expect(try rules.endpoint(of: "docker.io").origin.description == "http://registry-1.docker.io")
        #expect(try rules.endpoint(of: "a.example").origin.scheme == .https)
        let unverified = try rules.endpoint(of: "localhost:5001")
        #expect(unverified.origin.scheme == .https && !unverified.verifiesServer)
        let secure = try rules.endpoint(of: "localhost:5002")
        #expect(secure.origin.scheme == .https && secure.verifiesServer)
        rules.plain = .all
        #expect(try rules.endpoint(of: "b.example").origin.scheme == .http)
    }

    @Test func `who need not show who he is to give an image must do so to get one`() throws {
        var rules = EndpointRules()
        rules.unverifiedToPull = .all
        try rules.map.add("a.example=b.example/x")
        let reference = try Reference(parsing: "a.example/app")
        #expect(try rules.placesToPull(reference).map(\.endpoint.verifiesServer) == [false, false])
        #expect(try rules.placeToPush(reference).endpoint.verifiesServer)
        rules.unverifiedToPull = .none
        #expect(try rules.placesToPull(reference).map(\.endpoint.verifiesServer) == [true, true])
    }

    @Test(
        "a text that names no registry is refused",
        arguments: ["", "https://h.example", "h.example/a", "h ", "h:x", "word", "a@b.example", "h.example/"])
    func names(text: String) {
        let error = #expect(throws: RegistryNameError.self) { try RegistrySet([text]) }
        #expect(error?.text == text)
    }

    @Test(
        "an image is looked for at those that stand for its registry, then at the registry",
        arguments: [
            (
                ["docker.io=m.example/cache;m2.example:5000"], "debian",
                [
                    "m.example cache/library/debian", "m2.example:5000 library/debian",
                    "docker.io library/debian",
                ]
            ),
            (["index.docker.io=m.example"], "team/app", ["m.example team/app", "docker.io team/app"]),
            (
                ["a.example=b.example;a.example=c.example/x/y;d.example=e.example"], "a.example/app",
                ["b.example app", "c.example x/y/app", "a.example app"]
            ),
            (["a.example=b.example/"], "a.example/app", ["b.example app", "a.example app"]),
            (
                ["a.example=b.example", "a.example=b.example;c.example"], "a.example/app",
                ["b.example app", "c.example app", "a.example app"]
            ),
            (["a.example=b.example"], "debian", ["docker.io library/debian"]),
            ([], "debian", ["docker.io library/debian"]),
            (["a.example=docker.io"], "a.example/app", ["docker.io app", "a.example app"]),
        ])
    func maps(texts: [String], image: String, expected: [String]) throws {
        var rules = EndpointRules()
        for text in texts { try rules.map.add(text) }
        let reference = try Reference(parsing: image)
        func words(_ places: [EndpointRules.Place]) -> [String] {
            places.map { "\($0.endpoint.registry) \($0.repository)" }
        }
        #expect(words(try rules.placesToPull(reference)) == expected)
        rules.skipsOriginal = true
        #expect(
            words(try rules.placesToPull(reference)) == (expected.count == 1 ? expected : expected.dropLast())
        )
        #expect(words([try rules.placeToPush(reference)]) == expected.suffix(1))
    }

    @Test func `a mirror stands for Docker Hub`() throws {
        var rules = EndpointRules()
        try rules.map.addMirror("localhost:5000/hub")
        let places = try rules.placesToPull(Reference(parsing: "debian"))
        #expect(
            places.map(\.endpoint.origin.description) == [
                "http://localhost:5000", "https://registry-1.docker.io",
            ])
        #expect(places[0].repository == "hub/library/debian")
    }

    @Test(
        "a map that says nothing is refused",
        arguments: [
            "", "a.example", "=b.example", "a.example=", "a.example=b.example;",
            "a.example=https://b.example",
            "a.example=b.example/Upper", "a.example=b.example//x", "word=b.example", "a.example/x=b.example",
            "a.example=b.example=c.example",
        ])
    func refuses(text: String) {
        var map = RegistryMap()
        #expect(throws: RegistryMapError.self) { try map.add(text) }
    }
}
