import OCI
import SystemPackage
import TestSupport
import Testing

/// Registries and networks that go wrong, met by the program: row E of the table of faults.
struct RegistryFaultTests {
    private let work: RegistryWorkplace

    init() throws { work = try RegistryWorkplace() }

    @Test(
        "E1 to E5: what passes is passed over while pulling",
        arguments: [
            RegistryFault.Action.answer(503), .answer(429, [("Retry-After", "1")]), .answer(500),
            .answer(502),
            .close, .reset, .cut(20),
        ])
    func pullRecovers(action: RegistryFault.Action) throws {
        let registry = try work.filled([
            RegistryFault("GET", "/manifests/1", 1...1, action),
            RegistryFault("GET", "/blobs/", 1...1, action),
            RegistryFault("GET", "/blobs/", 3...3, action),
        ])
        let outcome = try work.varve("pull", "\(registry.host)/app:1", "oci:base:x", "-q").succeed()
        #expect(outcome.line == work.digest)
        try work.varve("check", "oci:base").succeed()
        try work.varve("verify", "oci:base:x", "--key", "cosign.pub").succeed()
    }

    @Test(
        "E1 to E4: what passes is passed over while pushing",
        arguments: [
            RegistryFault.Action.answer(503), .answer(429, [("Retry-After", "1")]), .answer(500), .close,
            .reset,
            .resetInBody(10), .silence,
        ])
    func pushRecovers(action: RegistryFault.Action) throws {
        let registry = try FaultyRegistry(
            ["POST", "PATCH", "PUT"].map { RegistryFault($0, "/uploads/", 1...1, action) }
                + [
                    RegistryFault("PUT", "/manifests/", 1...1, action),
                    .init("PUT", "/manifests/1", 1...1, action),
                ])
        try work.varve("push", "oci:out:app-1.0", "\(registry.host)/app:1", "-q").succeed()
        #expect(registry.content.tags["app"]?["1"] == work.digest)
        #expect(registry.content.incompleteTags == [])
        try work.varve("verify", "\(registry.host)/app:1", "--key", "cosign.pub").succeed()
    }

    @Test(
        "E1, E6: what does not pass ends with one line, after a number of tries",
        arguments: [RegistryFault.Action.answer(503), .close, .answer(500)])
    func bounded(action: RegistryFault.Action) throws {
        let registry = try work.filled([.always("GET", "/blobs/", action)])
        try work.varve("copy", "oci:out:app-1.0", "oci:base:old", "-q").succeed()
        _ = try work.pack("other", platform: "linux/amd64")
        try work.varve("push", "oci:out:other", "\(registry.host)/app:2", "-q").succeed()
        let before = try work.snapshot("base")
        let mark = registry.mark
        let outcome = try work.varve("pull", "\(registry.host)/app:2", "oci:base:x", "--tries", "2").run()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains(registry.host), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").last?.hasPrefix("varve: ") == true, "\(outcome.errors)")
        #expect(registry.exchanges.dropFirst(mark).count < 30, "\(registry.log.dropFirst(mark))")
        #expect(try work.snapshot("base") == before)
    }

    @Test("E8: bytes of another digest come into no layout")
    func corrupt() throws {
        let registry = try work.filled([.always("GET", "/blobs/", .corrupt(30))])
        let outcome = try work.varve("pull", "\(registry.host)/app:1", "oci:base:x", "-q").run()
        #expect(outcome.status == 3)
        #expect(outcome.errors.contains("sha256:"), "\(outcome.errors)")
        #expect(registry.count("GET", "/blobs/") <= 8)
        #expect(try work.varve("inspect", "oci:base:x").run().status == 1)
    }

    @Test("E10: a page for people is no manifest", arguments: ["pull", "inspect"])
    func page(command: String) throws {
        let page = RegistryFault.Action.answer(200, [("Content-Type", "text/html")], "<html>log in</html>")
        let registry = try work.filled([.always("GET", "/manifests/1", page)])
        let further = command == "pull" ? ["oci:base:x"] : []
        let outcome = try work.varve([command, "\(registry.host)/app:1"] + further).run()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("text/html"), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1)
    }

    @Test(
        "E14, E16: redirects that lead nowhere, or where nobody shall go",
        arguments: [
            "http://169.254.169.254/latest/meta-data", "file:///etc/passwd", "ftp://example.com/x", "LOOP",
        ])
    func lost(target: String) throws {
        let registry = try work.filled([])
        let target = target == "LOOP" ? "/v2/app/blobs/again" : target
        let leading = try FaultyRegistry([.always("GET", "/blobs/", .redirect(target))]) {
            $0 = registry.content
        }
        let outcome = try work.varve("pull", "\(leading.host)/app:1", "oci:base:x", "--tries", "2").run()
        #expect(outcome.status == 1)
        #expect(
            outcome.errors.split(separator: "\n").last?.contains(leading.host) == true, "\(outcome.errors)")
        #expect(leading.mark < 60)
    }

    @Test(
        "17: a manifest that never ends is refused at once, in little memory",
        arguments: ["pull", "inspect", "copy"])
    func endlessManifest(command: String) throws {
        try Requirement.unsanitizedMemory()
        let registry = try work.filled([.always("GET", "/manifests/1", .spaces(1 << 30))])
        let further = ["pull": ["oci:base:x"], "copy": ["oci:base:x"]][command] ?? []
        let outcome = try work.shell(
            "/usr/bin/time -f 'peak %M' \"$VARVE\" \(([command, "\(registry.host)/app:1"] + further).joined(separator: " "))"
        ).run()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("larger than"), "\(outcome.errors)")
        let peak = outcome.errors.split(separator: " ").last.flatMap { Int(String($0).trimmed) } ?? .max
        #expect(peak < 64 << 10)
        #expect(registry.count("GET", "/manifests/1") == 1)
    }

    @Test("30: an index that leads to itself, and one without end, are refused")
    func endlessIndex() throws {
        let type = "application/vnd.oci.image.index.v1+json"
        let registry = try FaultyRegistry { content in
            content.refusesIncomplete = false
            var inner = try content.addManifest(
                Array(#"{"schemaVersion":2,"mediaType":"\#(type)","manifests":[]}"#.utf8), type, to: "app")
            var size = 88
            for _ in 0..<200 {
                let bytes = Array(
                    #"{"schemaVersion":2,"mediaType":"\#(type)","manifests":[{"mediaType":"\#(type)","digest":"\#(inner)","size":\#(size)}]}"#
                        .utf8)
                inner = try content.addManifest(bytes, type, to: "app", tag: "deep")
                size = bytes.count
            }
            // A digest cannot be its own: a registry that answers with one index to everything is the next thing.
            let own = "sha256:" + String(repeating: "a", count: 64)
            let self_ = Array(
                #"{"schemaVersion":2,"mediaType":"\#(type)","manifests":[{"mediaType":"\#(type)","digest":"\#(own)","size":300}]}"#
                    .utf8)
            try content.addManifest(self_, type, to: "app", tag: "self")
            let stored = content.manifests["app"]?[try RegistryContent.digest(self_)]
            content.manifests["app"]?[own] = stored
        }
        for (tag, status) in [("self", Int32(3)), ("deep", 1)] {
            let mark = registry.mark
            let outcome = try work.varve(
                "pull", "\(registry.host)/app:\(tag)", "oci:base:x", "--all-platforms", "--tries", "2"
            ).run()
            #expect(outcome.status == status, "\(tag): \(outcome.errors)")
            #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
            #expect(registry.mark - mark < 50, "\(registry.mark - mark)")
        }
    }

    @Test("E26: a blob that is collected during the push is sent again")
    func collected() throws {
        let layer =
            try work.inspect("oci:out:app-1.0")["manifest"]?["layers"]?.array?.first?["digest"]?.string ?? ""
        let registry = try FaultyRegistry([RegistryFault("PUT", "/manifests/", 1...1, .collect(layer))])
        try work.varve("push", "oci:out:app-1.0", "\(registry.host)/app:1", "-q").succeed()
        #expect(registry.content.tags["app"]?["1"] == work.digest)
        #expect(registry.content.incompleteTags == [])
        let losing = try FaultyRegistry([.always("PUT", "/manifests/", .collect(layer))])
        let outcome = try work.varve("push", "oci:out:app-1.0", "\(losing.host)/app:1", "-q").run()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("MANIFEST_BLOB_UNKNOWN"), "\(outcome.errors)")
        #expect(losing.content.tags["app"] == nil)
        #expect(losing.count("PUT", "/manifests/") < 5)
    }

    @Test("E27, E34: what the registry says is shown, in a line and without its control characters")
    func words() throws {
        let body = #"{"errors":[{"code":"DENIED","message":"quota \u001b[31m exceeded\nfor team"}]}"#
        let registry = try FaultyRegistry([
            .always("PATCH", "/uploads/", .answer(413, [], body)),
            .always("PUT", "/uploads/", .answer(413, [], body)),
        ])
        let outcome = try work.varve("push", "oci:out:app-1.0", "\(registry.host)/app:1").run()
        #expect(outcome.status == 1)
        let line = outcome.errors.split(separator: "\n").last ?? ""
        #expect(line.contains("413") && line.contains("DENIED") && line.contains("quota"), "\(line)")
        #expect(!outcome.errors.contains("\u{1B}"))
    }
}
