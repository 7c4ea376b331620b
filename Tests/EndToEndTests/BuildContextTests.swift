import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

/// Where `varve build` takes its context from.
@Suite(.timeLimit(.minutes(30)))
struct BuildContextTests {
    private let site: BuildSite
    private var scratch: Scratch { site.scratch }

    init() throws {
        site = try BuildSite("FROM scratch\nCOPY a.txt dir /app/\n")
        try site.write("a.txt", "a\n")
        try site.write("dir/b.txt", "b\n")
        try Command(shell: "find ctx -exec touch -h -d @1500000000 {} +").at(scratch.path).succeed()
    }

    private let whole = ["app/a.txt": "a\n", "app/b.txt": "b\n"]

    @Test(arguments: ["ctx", "dir://ctx", "./ctx/", "ctx/../ctx"])
    func `a directory is the context, however it is written`(place: String) throws {
        #expect(try site.build(context: place).texts() == whole)
    }

    @Test
    func `without a word the current directory is the context, and --context is the same as the argument`()
        throws
    {
        let words = ["build", "-q", "--no-provenance", "--no-cache", "--cache-read-only"]
        let here = try site.varve(words + ["-o", "oci:../one:app"]).at(scratch["ctx"]).succeed()
        let named = try site.varve(words + ["--context", "ctx", "-o", "oci:two:app"]).succeed()
        #expect(try here.line == named.line && here.line == site.build().digest)
        let twice = try site.varve(words + ["ctx", "--context", "ctx", "-o", "oci:x:app"]).run()
        #expect(twice.status == 2 && twice.errors.contains("the context stands twice"))
    }

    @Test(
        "a tar archive is the context, compressed or not",
        arguments: [("", ""), ("gzip", ""), ("bzip2", "bzip2"), ("xz", "xz"), ("zstd", "zstd")])
    func archive(program: String, needed: String) throws {
        if !needed.isEmpty { try Requirement.program(needed) }
        let filter = program.isEmpty ? "" : "| \(program) -c"
        try Command(shell: "tar -C ctx -c . \(filter) > ctx.tar").at(scratch.path).succeed()
        let expected = try site.build(layout: "plain").digest
        for place in ["ctx.tar", "tar://ctx.tar", "tar://\(scratch["ctx.tar"])"] {
            let built = try site.build(context: place)
            #expect(try built.texts() == whole)
            #expect(built.digest == expected, "\(place): the same files give the same image")
        }
        for place in ["-", "tar://stdin"] {
            let outcome = try site.building(context: place).reading(scratch["ctx.tar"]).succeed()
            #expect(outcome.line == expected)
        }
        let piped = try Command(
            shell: """
                cat ctx.tar | '\(Command.varvePath)' build - -q -o oci:out:app --no-provenance --cache-dir cache
                """
        ).at(scratch.path).with("TMPDIR", scratch["tmp"].string).succeed()
        #expect(piped.line == expected)
        #expect(try Directory.open(scratch["tmp"]).names() == [])
    }

    @Test func `a Dockerfile alone on standard input has an empty context`() throws {
        try scratch.write("D", "FROM scratch\nCOPY <<EOF /hello\nhello\nEOF\n")
        let outcome = try site.building(context: "-").reading(scratch["D"]).succeed()
        #expect(try Built(outcome, layout: scratch["out"]).texts() == ["hello": "hello\n"])
        try scratch.write("D", "FROM scratch\nCOPY a.txt /\n")
        let refused = try site.building(context: "-").reading(scratch["D"]).run()
        #expect(refused.status == 1 && refused.errors.contains("a.txt"), "\(refused.errors)")
    }

    @Test func `a Dockerfile on standard input goes with a context elsewhere`() throws {
        try scratch.write("D", "FROM scratch\nCOPY dir/b.txt /x\n")
        for flag in ["--file=-", "-f-"] {
            let outcome = try site.building([flag]).reading(scratch["D"]).succeed()
            #expect(try Built(outcome, layout: scratch["out"]).texts() == ["x": "b\n"])
        }
        let both = try site.building(["-f", "-"], context: "-").reading(scratch["D"]).run()
        #expect(both.status == 2 && both.errors.contains("standard input is the context"), "\(both.errors)")
    }

    @Test(
        "what is no context is refused in one line",
        arguments: [
            ("", "it is empty"), ("\0\u{1}\u{2}", "neither a tar archive nor the text of a Dockerfile"),
        ])
    func nothing(input: String, reason: String) throws {
        try scratch.write("input", input)
        let command = site.building(context: "-").reading(scratch["input"])
        try site.expectRefusal(of: command, saying: ["standard input", reason])
        try site.expectRefusal(context: "input", saying: "input")
        try site.expectRefusal(context: "none", saying: "none")
    }

    @Test(arguments: ["", "#main", "#COMMIT", "#main#COMMIT"])
    func `a repository over file is the context`(fragment: String) throws {
        let repository = try SampleRepository(in: scratch)
        let ref = fragment.split(separator: "COMMIT", omittingEmptySubsequences: false).joined(
            separator: repository.commit)
        let built = try site.build(context: "git+file://\(repository.path)\(ref)")
        #expect(try built.texts() == ["top.txt": "top\n"])
        let sub = try site.build(context: "git+file://\(repository.path)\(ref.isEmpty ? "#" : ref):sub")
        #expect(
            try sub.texts() == ["sub/Dockerfile": "FROM scratch\nCOPY . /sub/\n", "sub/deep.txt": "deep\n"])
        #expect(try Directory.open(scratch["tmp"]).names() == [])
    }

    @Test func `a repository that a plain web server has is the context`() throws {
        let repository = try SampleRepository(in: scratch)
        try scratch.directory("web")
        let home = repository.path.appending(".git").string
        try Command(["cp", "-r", home, scratch["web/app.git"].string]).succeed()
        let server = try FileServer(of: scratch["web"])
        let built = try site.build(context: "git+\(server.url)/app.git#main:sub")
        #expect(try built.text("sub/deep.txt") == "deep\n")
        let none = try site.building(context: "git+\(server.url)/app.git#none").run()
        #expect(none.status == 1 && none.errors.contains("none"), "\(none.errors)")
    }

    @Test(arguments: [":../..", ":none", "#0000000000000000000000000000000000000000"])
    func `a commit or directory that is not there is refused`(what: String) throws {
        let repository = try SampleRepository(in: scratch)
        let outcome = try site.building(context: "git+file://\(repository.path)#main\(what)").run()
        #expect(outcome.status != 0 && outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
        #expect(!Machine.exists(scratch["out"]))
    }

    @Test func `an archive that a server has is the context, also behind redirects`() throws {
        try Command(shell: "tar -C ctx -cz . > ctx.tgz").at(scratch.path).succeed()
        let server = try FileServer([
            "/ctx.tar.gz": content(of: scratch["ctx.tgz"]), "/moved": Array("→ /again".utf8),
            "/again": Array("→ /ctx.tar.gz".utf8), "/loop": Array("→ /loop".utf8),
            "/file": Array("→ file:///etc/passwd".utf8), "/D": Array("FROM scratch\nLABEL a=b\n".utf8),
        ])
        #expect(try site.build(context: "\(server.url)/ctx.tar.gz").texts() == whole)
        #expect(try site.build(context: "\(server.url)/moved").texts() == whole)
        let alone = try site.build(context: "\(server.url)/D")
        #expect(alone.layers == [] && alone.configuration["config"]?["Labels"]?["a"]?.string == "b")
        try Command(["rm", "-r", scratch["out"].string]).succeed()
        try site.expectRefusal(context: "\(server.url)/loop", saying: "more than 10 redirects")
        try site.expectRefusal(context: "\(server.url)/file", saying: "a place that is not gone to")
        try site.expectRefusal(context: "\(server.url)/none", saying: "the server answers 404")
    }

    @Test func `the ignore file of an archive counts, and one beside a named Dockerfile goes before`() throws
    {
        try site.write("Dockerfile", "FROM scratch\nCOPY . /\n")
        try site.write(".dockerignore", "dir\n*ockerfile*\n.dockerignore\n")
        try site.write("other.Dockerfile", "FROM scratch\nCOPY . /\n")
        try site.write("other.Dockerfile.dockerignore", "a.txt\n*ockerfile*\n.dockerignore\n")
        try Command(shell: "tar -C ctx -cf ctx.tar .").at(scratch.path).succeed()
        for place in ["ctx", "ctx.tar"] {
            #expect(try site.build(context: place).texts() == ["a.txt": "a\n"])
            let file = place == "ctx" ? "ctx/other.Dockerfile" : "other.Dockerfile"
            #expect(try site.build("-f", file, context: place).texts() == ["dir/b.txt": "b\n"])
        }
    }
}
