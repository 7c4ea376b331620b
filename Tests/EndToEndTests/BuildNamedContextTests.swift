import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

/// `--build-context`, and what ADD fetches.
@Suite(.timeLimit(.minutes(30)))
struct BuildNamedContextTests {
    private let site: BuildSite
    private var scratch: Scratch { site.scratch }

    init() throws { site = try BuildSite() }

    @Test func `a directory, an archive and a repository have names that --from uses`() throws {
        let repository = try SampleRepository(in: scratch)
        try scratch.write("lib/x", "lib\n")
        try scratch.write("arc/y", "arc\n")
        try Command(shell: "tar -C arc -czf arc.tgz y").at(scratch.path).succeed()
        try site.write(
            "Dockerfile",
            """
            FROM scratch
            COPY --from=lib x /1
            COPY --from=arc y /2
            COPY --from=repo deep.txt /3
            """)
        let built = try site.build(
            "--build-context", "lib=lib", "--build-context", "arc=arc.tgz", "--build-context",
            "repo=git+file://\(repository.path)#main:sub")
        #expect(try built.texts() == ["1": "lib\n", "2": "arc\n", "3": "deep\n"])
        #expect(try Directory.open(scratch["tmp"]).names() == [])
        try Command(["rm", "-r", scratch["out"].string]).succeed()
        try site.expectRefusal("--build-context", "lib", status: 2, saying: "write NAME=PLACE")
        try site.write("Dockerfile", "FROM scratch\nCOPY --from=lib x /1\n")
        try site.expectRefusal("--build-context", "lib=none", saying: "line 2", "none")
    }

    @Test func `an image at rest or in a registry takes the place of a base`() throws {
        let registry = try RealRegistry()
        let place = try site.image("base", "echo base > motd; mkdir etc; echo x > etc/x", "--env", "A=1")
        try site.varve(["push", place, "\(registry.host)/team/base:1", "-q"]).succeed()
        try site.write("Dockerfile", "FROM debian AS one\nFROM debian\nCOPY --from=debian etc/x /copy\n")
        var digests: Set<String> = []
        for place in [
            place, "oci-layout://base:app", "docker-image://\(registry.host)/team/base:1",
            "docker://\(registry.host)/team/base:1",
        ] {
            let built = try site.build("--build-context", "debian=\(place)")
            #expect(try built.texts() == ["motd": "base\n", "etc/x": "x\n", "copy": "x\n"])
            #expect(
                built.configuration["config"]?["Env"]?.array?.compactMap(\.string).contains("A=1") == true)
            digests.insert(built.layers.joined(separator: " "))
        }
        #expect(digests.count == 1)
        let built = try site.build("--build-context", "one=\(place)", "--target", "one")
        #expect(built.layers.count == 1, "a context may stand for a stage")
        try Command(["rm", "-r", scratch["out"].string]).succeed()
        try site.expectRefusal("--build-context", "debian=ctx", status: 2, saying: "needs an image")
        try site.expectRefusal(
            "--build-context", "debian=docker-image://\(registry.host)/none:1", saying: "there is no image")
    }

    @Test func `ADD takes a URL's file, which its owner alone may read, and its checksum must be right`()
        throws
    {
        let server = try FileServer(
            [
                "/dir/file.bin": Array("content\n".utf8), "/moved": Array("→ /dir/file.bin".utf8),
            ], fields: "Last-Modified: Wed, 21 Oct 2015 07:28:00 GMT\r\n")
        let sum = try Command(shell: "printf 'content\\n' | sha256sum").succeed().text.prefix(64)
        let right = "sha256:\(sum)"
        func add(_ words: String) throws { try site.write("Dockerfile", "FROM scratch\nADD \(words)\n") }
        try add("--checksum=\(right) \(server.url)/dir/file.bin?x=1 /")
        let member = try #require(try site.build().members().first { $0.name == "file.bin" })
        #expect(member.content == Array("content\n".utf8) && member.mode == 0o600)
        #expect(member.modified == 1_445_412_480)
        try add("\(server.url)/moved /to/name")
        #expect(try site.build().text("to/name") == "content\n")
        try Command(["rm", "-r", scratch["out"].string]).succeed()
        let wrong = "sha256:" + String(repeating: "0", count: 64)
        try add("--checksum=\(wrong) \(server.url)/dir/file.bin /")
        try site.expectRefusal(status: 3, saying: "line 2", "\(wrong) expected", "\(right) found")
        try add("--checksum=md5:1 \(server.url)/dir/file.bin /")
        try site.expectRefusal(saying: "line 2", "--checksum")
        try add("\(server.url)/none /")
        try site.expectRefusal(saying: "line 2", "404")
        try add("\(server.url)/dir/ /")
        try site.expectRefusal(saying: "line 2")
    }

    @Test func `ADD takes a repository`() throws {
        let repository = try SampleRepository(in: scratch)
        try Command(["cp", "-r", repository.path.appending(".git").string, scratch["bare.git"].string])
            .succeed()
        let bare = try FileServer(of: scratch.path)
        try site.write(
            "Dockerfile",
            "FROM scratch\nADD git+\(bare.url)/bare.git#main:sub /a/\n"
                + "ADD --checksum=\(repository.commit) \(bare.url)/bare.git /b/\n")
        let built = try site.build()
        #expect(try built.text("a/deep.txt") == "deep\n")
        #expect(try built.text("b/top.txt") == "top\n")
        #expect(try built.texts().keys.contains { $0.hasPrefix("b/.git/") } == false)
        try Command(["rm", "-r", scratch["out"].string]).succeed()
        let other = String(repeating: "1", count: 40)
        try site.write("Dockerfile", "FROM scratch\nADD --checksum=\(other) \(bare.url)/bare.git /b/\n")
        try site.expectRefusal(status: 3, saying: "line 2")
    }

    @Test(
        "a file name that a server or a URL gives leaves no directory",
        arguments: ["..%2F..%2Fetc%2Fpasswd", "%2e%2e", "a%00b", "%2Fetc%2Fx", "..", "%0Ax"])
    func hostileName(name: String) throws {
        let server = try LoopbackServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx\n")
        try site.write(
            "Dockerfile", "FROM scratch\nADD http://127.0.0.1:\(server.port)/d/\(name) /dir/\n")
        let outcome = try site.building().run()
        guard outcome.status == 0 else {
            #expect(outcome.status == 1 && outcome.errors.contains("line 2"), "\(outcome.errors)")
            return
        }
        let names = try Built(outcome, layout: scratch["out"]).members().map(\.name)
        #expect(names.allSatisfy { $0.hasPrefix("dir/") && $0.split(separator: "/").count <= 2 }, "\(names)")
        #expect(names.allSatisfy { !$0.contains("..") && !$0.contains("\n") }, "\(names)")
    }
}
