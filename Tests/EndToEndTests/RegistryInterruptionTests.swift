import OCI
import SystemPackage
import TestSupport
import Testing

/// Pushes and pulls that end before their end.
struct RegistryInterruptionTests {
    private let work: RegistryWorkplace

    init() throws {
        work = try RegistryWorkplace()
        // Large enough that something is on its way for a while.
        try Command(shell: "head -c 3M /dev/urandom >rootfs/random").at(work.scratch.path).succeed()
        try work.varve(
            "pack", "rootfs", "-q", "-o", "oci:out:large", "--sign-key", "cosign.key"
        ).succeed()
    }

    @Test(
        "A push that is interrupted leaves no tag, and the next one goes on",
        arguments: [("INT", Int32(130)), ("TERM", 143), ("KILL", 137)],
        [("PUT", "/uploads/"), ("PUT", "/manifests/"), ("POST", "/uploads/"), ("HEAD", "/blobs/")])
    func push(signal: (name: String, status: Int32), place: (method: String, path: String)) throws {
        let registry = try FaultyRegistry([RegistryFault(place.method, place.path, 2...2, .stall)])
        let outcome = try work.shell(
            """
            env --default-signal=INT "$VARVE" push oci:out:large '\(registry.host)/app:1' -q & sleep 1.5; kill -\(signal.name) $!; wait $!
            """
        ).run()
        #expect(outcome.status == signal.status, "\(outcome.errors)")
        #expect(registry.content.tags["app"]?["1"] == nil, "\(registry.log)")
        #expect(registry.content.incompleteTags == [])
        if signal.name != "KILL" { #expect(outcome.errors.contains("interrupted"), "\(outcome.errors)") }
        let had = registry.content.blobs["app"]?.count ?? 0
        let mark = registry.mark
        try work.varve("push", "oci:out:large", "\(registry.host)/app:1", "-q").succeed()
        let sent = registry.exchanges.dropFirst(mark).filter {
            $0.method == "PUT" && $0.parameter("digest") != nil && $0.status == 201
        }
        let all = registry.content.blobs["app"]?.count ?? 0
        #expect(sent.count == all - had)
        try work.varve("verify", "\(registry.host)/app:1", "--key", "cosign.pub").succeed()
    }

    @Test(
        "A pull that is interrupted leaves the layout as it was, and the next one succeeds",
        arguments: [("INT", Int32(130)), ("TERM", 143), ("HUP", 129), ("KILL", 137)],
        ["/manifests/", "/blobs/"])
    func pull(signal: (name: String, status: Int32), path: String) throws {
        let good = try FaultyRegistry()
        try work.varve("push", "oci:out:large", "\(good.host)/app:1", "-q").succeed()
        let registry = try FaultyRegistry([RegistryFault("GET", path, 2...2, .stallInBody(10))]) {
            $0 = good.content
        }
        try work.varve("copy", "oci:out:app-1.0", "oci:base:old", "-q").succeed()
        let before = try work.snapshot("base")
        let outcome = try work.shell(
            """
            env --default-signal=INT "$VARVE" pull '\(registry.host)/app:1' oci:base:new -q & sleep 1.5; kill -\(signal.name) $!; wait $!
            """
        ).run()
        #expect(outcome.status == signal.status, "\(outcome.errors)")
        if signal.name == "KILL" {
            #expect(try work.varve("inspect", "oci:base:new").run().status == 1)
        } else {
            #expect(try work.snapshot("base") == before)
            #expect(outcome.errors.hasPrefix("varve: interrupted by "), "\(outcome.errors)")
        }
        try work.varve("verify", "oci:base:old", "--key", "cosign.pub").succeed()
        try work.varve("pull", "\(registry.host)/app:1", "oci:base:new", "-q").succeed()
        try work.varve("check", "oci:base").succeed()
        #expect(try !work.snapshot("base").contains { $0.contains(".tmp-") })
    }

    @Test func `a registry that dies in the middle leaves an error that names it, and no tag`() throws {
        let port: Int
        do {
            let registry = try RealRegistry()
            port = registry.port
            try work.varve("push", "oci:out:large", "\(registry.host)/app:1", "-q").succeed()
        }
        for words in [
            ["push", "oci:out:large", "127.0.0.1:\(port)/app:2"],
            ["pull", "127.0.0.1:\(port)/app:1", "oci:base:x"],
        ] {
            let outcome = try work.varve(words + ["--tries", "2"]).run()
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("127.0.0.1:\(port)"), "\(outcome.errors)")
            #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
        }
        #expect((try? content(of: work.scratch["base/index.json"])) == nil)
    }

    @Test func `a layout of which a part is missing is not tagged anywhere`() throws {
        let registry = try FaultyRegistry { $0.refusesIncomplete = false }
        let layer =
            try work.inspect("oci:out:large")["manifest"]?["layers"]?.array?.first?["digest"]?.string ?? ""
        let blob = PackedTree.blob(layer, in: work.scratch["out"])
        for change in ["truncate -s -1", "rm"] {
            try Command(shell: "\(change) '\(blob)'").succeed()
            let outcome = try work.varve("push", "oci:out:large", "\(registry.host)/app:1").run()
            #expect(outcome.status != 0)
            #expect(outcome.errors.contains(String(layer.dropFirst(7))), "\(outcome.errors)")
            #expect(registry.content.tags["app"] == nil)
        }
    }

    @Test func `a layer whose bytes are others is not tagged`() throws {
        let registry = try FaultyRegistry { $0.refusesIncomplete = false }
        let layer =
            try work.inspect("oci:out:large")["manifest"]?["layers"]?.array?.first?["digest"]?.string ?? ""
        let blob = PackedTree.blob(layer, in: work.scratch["out"])
        try Command(shell: "printf x | dd of='\(blob)' bs=1 seek=1000000 conv=notrunc status=none").succeed()
        let outcome = try work.varve("push", "oci:out:large", "\(registry.host)/app:1").run()
        #expect(outcome.status == 3)
        #expect(outcome.errors.contains(String(layer.dropFirst(7))), "\(outcome.errors)")
        #expect(registry.content.tags["app"] == nil)
    }
}
