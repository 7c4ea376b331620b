import SystemPackage
import TestSupport
import Testing

/// The registries of the tests, against a client that others wrote.
@Suite(.timeLimit(.minutes(30)))
struct FixtureTests {
    private let scratch: Scratch

    init() throws {
        try Requirement.program("skopeo")
        try Requirement.program("umoci")
        scratch = try Scratch()
        try Command(["umoci", "init", "--layout", scratch["image"].string]).succeed()
        try Command(["umoci", "new", "--image", "\(scratch["image"]):a"]).succeed()
        try scratch.write("tree/file", "content\n")
        try Command([
            "umoci", "insert", "--rootless", "--image", "\(scratch["image"]):a", scratch["tree"].string,
            "/tree",
        ])
        .succeed()
    }

    /// Pushes with skopeo, pulls again, and compares.
    private func roundTrip(_ host: String, _ options: [String]) throws {
        let push = options.map { $0.replacing("--x-", with: "--dest-") }
        let pull = options.map { $0.replacing("--x-", with: "--src-") }
        let home = ("HOME", scratch.path.string)
        try Command(
            ["skopeo", "copy", "-q"] + push + ["oci:\(scratch["image"]):a", "docker://\(host)/team/app:1"]
        )
        .with(home.0, home.1).with("XDG_RUNTIME_DIR", home.1).succeed()
        try Command(
            ["skopeo", "copy", "-q"] + pull + ["docker://\(host)/team/app:1", "oci:\(scratch["back"]):a"]
        )
        .with(home.0, home.1).with("XDG_RUNTIME_DIR", home.1).succeed()
        let index = { (name: String) in
            try text(of: scratch["\(name)/index.json"]).firstMatch(of: /sha256:[0-9a-f]{64}/)?.output
        }
        #expect(try index("image") == index("back"))
    }

    @Test func `skopeo pushes to a registry in memory and pulls from it`() throws {
        let registry = try FaultyRegistry()
        try roundTrip(registry.host, ["--x-tls-verify=false"])
        #expect(registry.content.tags["team/app"]?["1"] != nil)
        #expect(registry.content.incompleteTags == [])
    }

    @Test func `skopeo shows user and password, or asks for a token`() throws {
        let login = "--x-creds=user:secret"
        let basic = try FaultyRegistry(access: .basic(user: "user", password: "secret"))
        try roundTrip(basic.host, ["--x-tls-verify=false", login])
        let token = try FaultyRegistry(access: .token(user: "user", password: "secret"))
        try roundTrip(token.host, ["--x-tls-verify=false", login])
        #expect(token.count("GET", "/token") >= 2)
        let anonymous = try FaultyRegistry(access: .token())
        try roundTrip(anonymous.host, ["--x-tls-verify=false"])
    }

    @Test func `a fault comes when it was ordered, and once`() throws {
        let registry = try FaultyRegistry([
            RegistryFault("GET", "/v2/$", 1...1, .answer(429, [("Retry-After", "1")], "later"))
        ])
        let curl = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://\(registry.host)/v2/"]
        #expect(try Command(curl).succeed().line == "429")
        #expect(try Command(curl).succeed().line == "200")
        #expect(registry.log == ["GET /v2/ 429", "GET /v2/ 200"])
    }

    @Test(
        "a body goes wrong as it was ordered",
        arguments: [
            (RegistryFault.Action.cut(3), Int32(18), "con"), (.corrupt(0), 0, "\u{9c}ontent"),
            (.close, 52, ""),
            (.length(20), 18, "content"), (.body(Array("other".utf8)), 0, "other"), (.reset, 56, ""),
            (.spaces(5), 0, "     "), (.silence, 52, ""), (.status(500), 0, "content"),
        ])
    func bodies(action: RegistryFault.Action, status: Int32, output: String) throws {
        var digest = ""
        let registry = try FaultyRegistry([.always("GET", "/blobs/", action)]) {
            digest = try $0.add(Array("content".utf8), to: "a")
        }
        let outcome = try Command(["curl", "-s", "http://\(registry.host)/v2/a/blobs/\(digest)"]).run()
        #expect(outcome.status == status)
        #expect(
            String(decoding: outcome.output, as: UTF8.self)
                == String(decoding: output.unicodeScalars.map { UInt8($0.value) }, as: UTF8.self))
    }

    @Test func `skopeo pushes to Debian's registry, with TLS and a password too`() throws {
        let plain = try RealRegistry()
        try roundTrip(plain.host, ["--x-tls-verify=false"])
        let locked = try RealRegistry(wantsUser: true, hasTLS: true)
        #expect(throws: Command.Failure.self) { try roundTrip(locked.host, ["--x-tls-verify=false"]) }
        try roundTrip(locked.host, ["--x-tls-verify=false", "--x-creds=user:secret"])
        let certificate = try #require(locked.certificate)
        let curl = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", certificate.string]
        #expect(
            try Command(curl + ["-u", "user:secret", "https://localhost:\(locked.port)/v2/"]).succeed().line
                == "200")
    }
}
