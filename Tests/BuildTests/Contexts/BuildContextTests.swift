import Cryptography
import Layers
import Linux
import OCI
import Provenance
import SystemPackage
import TestSupport
import Testing

@testable import Build

struct BuildContextTests {
    private func open(
        _ text: String, _ change: (inout ContextSettings) -> Void = { _ in }
    ) throws -> BuildContext {
        var settings = try ContextSettings()
        change(&settings)
        return try ContextPlace(parsing: Array(text.utf8)).open(settings) { _ in }
    }

    private func text(_ path: String, in context: BuildContext) throws -> String {
        try TestSupport.text(of: context.directory.path.pushing(FilePath(path)))
    }

    @Test(arguments: ["", "dir://"])
    func `a directory is used in place`(scheme: String) throws {
        let scratch = try Scratch()
        try scratch.write("d/a", "content")
        let context = try open("\(scheme)\(scratch["d"])")
        #expect(try text("a", in: context) == "content")
        #expect(context.material == nil && context.dockerfile == nil)
    }

    @Test func `what is missing, or of another kind, is an error with its path`() throws {
        let scratch = try Scratch()
        try scratch.write("file", "FROM scratch\n")
        #expect(throws: FileError("open", scratch["none"], .noSuchFileOrDirectory)) {
            try open("\(scratch["none"])")
        }
        #expect(throws: FileError("open", scratch["file"], .notDirectory)) {
            try open("dir://\(scratch["file"])")
        }
        #expect(throws: ContextError.self) { try open("tar://\(scratch.path)") }
        #expect(throws: ContextError.self) { try open("\(scratch["file"])") }
        #expect(throws: BuildError.self) { try open("oci:\(scratch.path):x") }
    }

    @Test(arguments: [("", ""), ("-z", "gzip"), ("-j", "bzip2"), ("-J", "xz"), ("--zstd", "zstd")])
    func `an archive is unpacked, however it is compressed and called`(flag: String, program: String) throws {
        try Requirement.program("bsdtar")
        let scratch = try Scratch()
        try scratch.write("d/sub/a", "content")
        try scratch.write("d/.wh.b", "no whiteout")
        let words = ["bsdtar", "-c", "-f", scratch["x.dat"].string, "-C", scratch["d"].string]
        try Command(words + (flag.isEmpty ? [] : [flag]) + ["."]).succeed()
        let place = try {
            for form in ["", "tar://"] {
                let context = try open("\(form)\(scratch["x.dat"])")
                #expect(try text("sub/a", in: context) == "content")
                #expect(try text(".wh.b", in: context) == "no whiteout")
                #expect(context.material?.name == "x.dat")
                let sum = try Command(["sha256sum", scratch["x.dat"].string]).succeed().line.prefix(64)
                #expect(context.material?.digest["sha256"] == String(sum))
            }
            return try open("\(scratch["x.dat"])").directory.path
        }()
        #expect(!Machine.exists(place))
    }

    @Test(arguments: ["", "tar://"])
    func `an archive may come through a named pipe, which is opened once`(scheme: String) throws {
        let scratch = try Scratch()
        try scratch.write("d/a", "content")
        try Command(["mkfifo", scratch["fifo"].string]).succeed()
        let tar = Command(shell: "tar -c -C \(scratch["d"]) . > \(scratch["fifo"])")
        let writer = Worker { _ = try tar.succeed() }
        let context = Result { try open("\(scheme)\(scratch["fifo"])") }
        try writer.join()
        #expect(try text("a", in: context.get()) == "content")
    }

    /// Opens what a pipe gives, as standard input may be one.
    private func open(piped command: String, mayBeDockerfile: Bool) throws -> BuildContext {
        let scratch = try Scratch()
        try Command(["mkfifo", scratch["pipe"].string]).succeed()
        let writer = Worker { try Command(shell: "(\(command)) > \(scratch["pipe"])").run() }
        defer { _ = try? writer.join() }
        return try ContextArchive(ContextSettings(), mayBeDockerfile: mayBeDockerfile).open(
            name: "standard input", File.reading(scratch["pipe"]))
    }

    @Test func `a pipe gives an archive, or a Dockerfile in its place`() throws {
        let archive = try open(piped: "cd /etc && tar -cz hostname", mayBeDockerfile: true)
        #expect(try archive.directory.names() == ["hostname"])
        let text = try open(piped: "printf 'FROM scratch\\n'", mayBeDockerfile: true)
        #expect(text.dockerfile == Array("FROM scratch\n".utf8))
        #expect(try text.directory.names().isEmpty)
        #expect(throws: ContextError.self) {
            try open(piped: "printf 'FROM scratch\\n'", mayBeDockerfile: false)
        }
    }

    @Test(arguments: [
        (":", "it is empty"), ("head -c 5000000 /dev/zero | tr '\\0' x", "larger than"),
        ("printf 'a\\0b'", "neither"), ("printf '\\377\\376F\\0'", "neither"),
    ])
    func `what is neither archive nor Dockerfile is refused`(command: String, reason: String) throws {
        let error = #expect(throws: ContextError.self) { try open(piped: command, mayBeDockerfile: true) }
        #expect("\(try #require(error))".contains(reason))
    }

    @Test(
        arguments: [
            [.file("../out", [1])], [.other("l", "2", link: "/"), .file("l/varve-hostile", [1])],
            [.other("l", "2", link: ".."), .file("l/varve-hostile", [1])],
            [.other("h", "1", link: "../../../../etc/passwd")],
        ] as [[TarBytes.Member]])
    func `hostile names stay within`(members: [TarBytes.Member]) throws {
        let scratch = try Scratch()
        let file = try Directory.open(scratch.path).createFile("x.tar")
        try file.write(TarBytes.archive(members).span)
        do {
            let context = try open("\(scratch["x.tar"])")
            // What was contained lies in it.
            #expect(try !context.directory.names().isEmpty)
        } catch {
            #expect(error is LayerError || error is FileError || error is ContextError)
        }
        #expect(!Machine.exists("/varve-hostile"))
        #expect(!Machine.exists(Machine.temporaryDirectory.appending("varve-hostile")))
        #expect(!Machine.exists(Machine.temporaryDirectory.appending("out")))
    }

    @Test func `an archive holds no more than the limits`() throws {
        let scratch = try Scratch()
        let file = try Directory.open(scratch.path).createFile("x.tar")
        try file.write(TarBytes.archive((0..<10).map { .file("f\($0)", [1]) }).span)
        #expect(throws: LayerError.self) { try open("\(scratch["x.tar"])") { $0.limits.entries = 5 } }
        #expect(throws: (any Error).self) { try open("\(scratch["x.tar"])") { $0.limits.bytes = 5000 } }
        try scratch.write("zeros", "")
        try Command(["truncate", "-s", "64M", scratch["zeros"].string]).succeed()
        try Command(shell: "cd \(scratch.path) && tar -cz zeros > z.tar.gz").succeed()
        #expect(throws: LayerError.self) {
            try open("\(scratch["z.tar.gz"])") { $0.limits.bytes = 1 << 20 }
        }
    }

    @Test func `an archive that ends early is no context`() throws {
        let scratch = try Scratch()
        try Command(
            shell:
                "cd \(scratch.path) && head -c 300000 /dev/urandom > r && tar -cz r > x && truncate -s -9 x"
        )
        .succeed()
        let error = #expect(throws: ContextError.self) { try open("\(scratch["x"])") }
        #expect(ErrorClass(of: try #require(error)) == .input)
        #expect("\(try #require(error))".hasPrefix("\(scratch["x"]) is no build context: "))
    }

    @Test func `a server gives an archive, or a Dockerfile`() throws {
        let tar = TarBytes.archive([.file("a", Array("content".utf8))])
        let server = try LoopbackServer { connection in
            while let request = try connection.receive() {
                let body = request.target.hasPrefix("/ctx") ? tar : Array("FROM scratch\n".utf8)
                try connection.send(
                    Array("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body)
            }
        }
        let archive = try open("http://u:secret@127.0.0.1:\(server.port)/ctx.tar?token=secret")
        #expect(try text("a", in: archive) == "content")
        #expect(archive.material?.uri?.contains("secret") == false)
        #expect(archive.material?.digest["sha256"]?.isEmpty == false)
        #expect(archive.name.contains("secret") == false)
        #expect(
            try open("http://127.0.0.1:\(server.port)/Dockerfile").dockerfile == Array("FROM scratch\n".utf8))
    }
}
