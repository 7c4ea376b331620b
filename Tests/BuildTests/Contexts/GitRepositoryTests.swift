import Cryptography
import Layers
import Linux
import Provenance
import Registry
import SystemPackage
import TestSupport
import Testing

@testable import Build

/// With the real git.
struct GitRepositoryTests {
    /// A repository with two commits on `main`, a branch, a tag and a link.
    private struct Origin {
        let scratch: Scratch
        let first: String
        let second: String

        init() throws {
            try Requirement.program("git")
            let scratch = try Scratch()
            func git(_ arguments: String...) throws -> String {
                try GitRepositoryTests.git(scratch["r"], arguments)
            }
            try scratch.write("r/a.txt", "one\n")
            try scratch.write("r/sub/deep/b.txt", "b\n")
            try scratch.write("r/run.sh", "#!/bin/sh\n")
            _ = try git("init", "-q", "-b", "main", ".")
            try Command(["ln", "-s", "/etc", scratch["r/out"].string]).succeed()
            try Command(["chmod", "755", scratch["r/run.sh"].string]).succeed()
            _ = try git("add", ".")
            _ = try git("commit", "-q", "-m", "first")
            _ = try git("tag", "-a", "-m", "v1", "v1")
            first = try git("rev-parse", "HEAD")
            try scratch.write("r/a.txt", "two\n")
            _ = try git("commit", "-q", "-a", "-m", "second")
            second = try git("rev-parse", "HEAD")
            _ = try git("branch", "feature/x", "v1")
            self.scratch = scratch
        }

        @discardableResult
        func git(_ arguments: String..., at place: String = "r") throws -> String {
            try GitRepositoryTests.git(scratch[place], arguments)
        }

        func url(_ fragment: String = "") -> String { "git+file://\(scratch["r"])\(fragment)" }
    }

    @discardableResult
    private static func git(_ place: FilePath, _ arguments: [String]) throws -> String {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgSign=false"]
        return try Command(
            ["git", "-C", place.string, "-c", "protocol.file.allow=always"] + identity + arguments
        )
        .with("GIT_CONFIG_GLOBAL", "/dev/null").succeed().line
    }

    private func fetch(
        _ url: String, login: Credential? = nil, expecting: String? = nil, keeps: Bool = false,
        seconds: Int = 60
    ) throws -> BuildContext {
        let location = try #require(try GitLocation(parsing: Array(url.utf8), "context", mayBeLocal: true))
        var settings = try ContextSettings()
        settings.gitSeconds = seconds
        return try GitRepository.fetch(
            location, login: login, expecting: expecting, keepsGitDirectory: keeps, settings
        ) { _ in }
    }

    private func text(_ path: String, in context: BuildContext) throws -> String {
        try TestSupport.text(of: context.directory.path.pushing(FilePath(path)))
    }

    @Test func `what HEAD is comes without history, and goes with its owner`() throws {
        let origin = try Origin()
        let place = try {
            let context = try fetch(origin.url())
            #expect(try text("a.txt", in: context) == "two\n")
            #expect(try Set(context.directory.names()) == ["a.txt", "sub", "run.sh", "out"])
            #expect(try context.directory.status(of: "run.sh").permissions == 0o755)
            #expect(try context.directory.status(of: "a.txt").permissions == 0o644)
            #expect(context.material?.digest["gitCommit"] == origin.second)
            #expect(context.material?.uri == "git+file://\(origin.scratch["r"])")
            return context.directory.path
        }()
        #expect(!Machine.exists(place))
    }

    @Test(arguments: [
        "main", "feature/x", "v1", "refs/tags/v1", "refs/heads/feature/x", "FIRST", "main#FIRST",
    ])
    func `a branch, a tag, a full ref and a commit are checked out`(ref: String) throws {
        let origin = try Origin()
        let wanted = ref == "main" ? origin.second : origin.first
        let name = ref.split(separator: "FIRST", omittingEmptySubsequences: false).joined(
            separator: origin.first)
        let context = try fetch(origin.url("#\(name)"))
        #expect(context.material?.digest["gitCommit"] == wanted)
        #expect(try text("a.txt", in: context) == (ref == "main" ? "two\n" : "one\n"))
    }

    @Test func `a directory of the repository is the context`() throws {
        let origin = try Origin()
        let context = try fetch(origin.url("#main:sub/deep"))
        #expect(try context.directory.names() == ["b.txt"])
    }

    @Test(arguments: [
        ("out", "no directory of its own"), ("a.txt", "no directory"), ("none", "there is none"),
        ("out/ssl", "no directory"),
    ])
    func `a directory that leads out of the repository is none`(path: String, reason: String) throws {
        let origin = try Origin()
        let error = #expect(throws: ContextError.self) { try fetch(origin.url("#:\(path)")) }
        #expect("\(try #require(error))".contains(reason))
    }

    @Test func `the repository itself stays where it is wanted`() throws {
        let origin = try Origin()
        let context = try fetch(origin.url("#v1"), keeps: true)
        let path = context.directory.path
        #expect(try Self.git(path, ["rev-parse", "HEAD"]) == origin.first)
        #expect(try Self.git(path, ["status", "--porcelain"]) == "")
        #expect(try Self.git(path, ["rev-list", "--count", "HEAD"]) == "1")
        #expect(try context.directory.openDirectory(".git").names().contains("hooks") == false)
    }

    @Test func `a commit is compared with what was demanded`() throws {
        let origin = try Origin()
        _ = try fetch(origin.url(), expecting: String(origin.second.prefix(7)).uppercased())
        let error = #expect(throws: ContextError.self) { try fetch(origin.url(), expecting: origin.first) }
        #expect(error?.isMismatch == true)
        #expect(throws: BuildError.self) { try fetch(origin.url(), expecting: "abc") }
        #expect(throws: BuildError.self) { try fetch(origin.url(), expecting: "sha256:0123456") }
    }

    @Test(arguments: ["none", "refs/heads/none", String(repeating: "0a", count: 20)])
    func `what is not there is told in git's words`(ref: String) throws {
        let origin = try Origin()
        let error = #expect(throws: ContextError.self) { try fetch(origin.url("#\(ref)")) }
        guard case .git(_, _, let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains(ref))
    }

    @Test func `submodules come along, and leave no trace of git`() throws {
        let origin = try Origin()
        let inner = try Origin()
        try origin.git("submodule", "-q", "add", "file://\(inner.scratch["r"])", "in ner")
        try origin.git("commit", "-q", "-m", "submodule")
        let context = try fetch(origin.url())
        #expect(try text("in ner/a.txt", in: context) == "two\n")
        #expect(
            try Set(context.directory.openDirectory("in ner").names()) == ["a.txt", "sub", "run.sh", "out"])
    }

    @Test func `hooks, filters and line ends of the user's change nothing`() throws {
        let origin = try Origin()
        try origin.scratch.write("r/.gitattributes", "*.bin filter=lfs\n*.txt text=auto\n")
        try origin.scratch.write("r/x.bin", "pointer\n")
        try origin.git("add", ".")
        try origin.git("commit", "-q", "-m", "attributes")
        let home = try Scratch()
        let mark = home["mark"]
        try home.write("hooks/post-checkout", "#!/bin/sh\n: > \(mark)\n")
        try Command(["chmod", "755", home["hooks/post-checkout"].string]).succeed()
        try home.write(
            ".gitconfig",
            """
            [core]
              hooksPath = \(home["hooks"])
              autocrlf = true
              eol = crlf
            [filter "lfs"]
              smudge = tr a-z A-Z
              required = true
            """)
        // A process of its own: the environment is all tests'.
        let location = try #require(
            try GitLocation(parsing: Array(origin.url().utf8), "context", mayBeLocal: true))
        let scratch = try Scratch()
        let git = try GitProgram(
            in: scratch.path, for: location, login: nil, seconds: 60,
            with: [("HOME", home.path.bytes), ("XDG_CONFIG_HOME", home.path.bytes)])
        try git.run("a", "init", "-q", ".")
        #expect(try git.run("b", "config", "--global", "core.eol") == "crlf")
        try git.run("c", "fetch", "-q", location.remote)
        try git.run("d", "checkout", "-q", "FETCH_HEAD")
        #expect(try TestSupport.text(of: scratch["x.bin"]) == "pointer\n")
        #expect(try TestSupport.text(of: scratch["a.txt"]) == "two\n")
        #expect(!Machine.exists(mark))
    }

    /// What `git http-backend` needs is more than a test's server has; files alone speak the older protocol, which
    /// gives no commit by its name and no part of a history.
    private func server(for folder: FilePath, authorization: String?) throws -> LoopbackServer {
        try LoopbackServer { connection in
            while let request = try connection.receive() {
                if let authorization, request.header("Authorization") != authorization {
                    try connection.send(
                        "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n")
                    continue
                }
                let path = request.target.split(separator: "?").first.map(String.init) ?? ""
                guard
                    let bytes = try? TestSupport.content(
                        of: folder.pushing(FilePath(String(path.dropFirst()))))
                else {
                    try connection.send("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")
                    continue
                }
                try connection.send(
                    Array("HTTP/1.1 200 OK\r\nContent-Length: \(bytes.count)\r\n\r\n".utf8) + bytes)
            }
        }
    }

    @Test func `a server that gives no commit by its name gives its history`() throws {
        let origin = try Origin()
        try Self.git(origin.scratch.path, ["clone", "-q", "--bare", origin.scratch["r"].string, "b.git"])
        try origin.git("update-server-info", at: "b.git")
        let server = try server(for: origin.scratch.path, authorization: nil)
        let context = try fetch("http://127.0.0.1:\(server.port)/b.git#\(origin.first)")
        #expect(try text("a.txt", in: context) == "one\n")
    }

    @Test func `the login goes to the origin, and into no message`() throws {
        let origin = try Origin()
        try Self.git(origin.scratch.path, ["clone", "-q", "--bare", origin.scratch["r"].string, "b.git"])
        try origin.git("update-server-info", at: "b.git")
        // user:sec'r$et
        let server = try server(for: origin.scratch.path, authorization: "Basic dXNlcjpzZWMnciRldA==")
        let place = "127.0.0.1:\(server.port)/b.git#\(origin.first)"
        #expect(try text("a.txt", in: fetch("http://user:sec'r$et@\(place)")) == "one\n")
        let login = Credential.basic(user: "user", password: try SecretBytes(Array("sec'r$et".utf8).span))
        let context = try fetch("http://\(place)", login: login, keeps: true)
        #expect(try text("a.txt", in: context) == "one\n")
        #expect(try text(".git/config", in: context).contains("sec'r") == false)
        #expect(context.material?.uri?.contains("sec'r") == false)
        #expect(context.name.contains("sec'r") == false)
        let error = #expect(throws: ContextError.self) { try fetch("http://user:wr0ng@\(place)") }
        guard case .git("fetch", let repository, let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!repository.contains("wr0ng") && !reason.contains("wr0ng"))
        #expect(reason.contains("uthentication failed"))
        #expect(throws: ContextError.self) { try fetch("http://\(place)") }
    }

    @Test func `a server that says nothing is not waited for`() throws {
        try Requirement.program("git")
        let server = try LoopbackServer { connection in while connection.skip() {} }
        let start = Machine.ticks
        let error = #expect(throws: ContextError.self) {
            try fetch("http://127.0.0.1:\(server.port)/b.git", seconds: 1)
        }
        #expect("\(try #require(error))".contains("it took more than 1 seconds"))
        #expect(Machine.ticks - start < 15_000_000_000)
    }

    @Test func `who serves no git protocol is told of another one`() throws {
        try Requirement.program("git")
        let port = try LoopbackServer { $0.reset() }.port
        let error = #expect(throws: ContextError.self) { try fetch("git://127.0.0.1:\(port)/b") }
        #expect("\(try #require(error))".hasSuffix("most serve git+https://"))
    }

    @Test func `a submodule on this machine is fetched for a repository on this machine alone`() throws {
        let origin = try Origin()
        let inner = try Origin()
        try origin.git("submodule", "-q", "add", "file://\(inner.scratch["r"])", "inner")
        try origin.git("commit", "-q", "-m", "submodule")
        try Self.git(origin.scratch.path, ["clone", "-q", "--bare", origin.scratch["r"].string, "b.git"])
        try origin.git("update-server-info", at: "b.git")
        let server = try server(for: origin.scratch.path, authorization: nil)
        let commit = try origin.git("rev-parse", "HEAD")
        let error = #expect(throws: ContextError.self) {
            try fetch("http://127.0.0.1:\(server.port)/b.git#\(commit)")
        }
        #expect("\(try #require(error))".contains("transport 'file' not allowed"))
    }
}
