import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

/// A build context, and a home, a cache and a temporary directory that are nobody else's.
struct BuildSite {
    let scratch: Scratch
    /// The cache of its builds.
    var cache: FilePath { scratch["cache"] }

    /// Makes the context `ctx`, with a Dockerfile if there is one.
    init(_ dockerfile: String? = nil) throws {
        scratch = try Scratch()
        for name in ["home", "tmp", "ctx"] { try scratch.directory(name) }
        if let dockerfile { try write("Dockerfile", dockerfile) }
    }

    /// Writes a file of the context.
    func write(_ name: String, _ content: String = "") throws { try scratch.write("ctx/\(name)", content) }

    /// Varve in the scratch directory, with nothing of the tests' own environment; killed after five minutes.
    func varve(_ words: [String], _ variables: [String] = []) -> Command {
        let own = [
            "PATH=/usr/bin:/bin", "HOME=\(scratch["home"])", "TMPDIR=\(scratch["tmp"])", "COSIGN_PASSWORD=",
            "SWIFT_BACKTRACE=enable=no",
            // Else the executor could take the root directory of a container that tests are run in.
            "VARVE_ISOLATION=namespaces",
        ]
        return Command(
            ["env", "-i"] + own + variables + ["timeout", "-s", "KILL", "300", Command.varvePath.string]
                + words
        ).at(scratch.path)
    }

    /// A build of a context as `app` in a layout, not run yet.
    func building(
        _ flags: [String] = [], context: String = "ctx", cache: String = "cache", layout: String = "out",
        variables: [String] = []
    ) -> Command {
        varve(
            ["build", context, "-o", "oci:\(layout):app", "--cache-dir", cache]
                + (flags.contains("--provenance") ? [] : ["--no-provenance"]) + flags, variables)
    }

    /// Builds, which must succeed.
    @discardableResult
    func build(
        _ flags: String..., context: String = "ctx", cache: String = "cache", layout: String = "out",
        variables: [String] = []
    ) throws -> Built {
        let outcome = try building(
            flags, context: context, cache: cache, layout: layout, variables: variables
        ).succeed()
        return try Built(outcome, layout: scratch[layout])
    }

    /// Builds, which must fail with one line of error; whatever was noted before it does not count.
    func expectRefusal(
        _ flags: String..., context: String = "ctx", cache: String = "cache", status: Int32 = 1,
        saying words: String..., at place: SourceLocation = #_sourceLocation
    ) throws {
        try expectRefusal(
            of: building(flags, context: context, cache: cache), status: status, saying: words, at: place)
    }

    /// Runs a build that must fail so, and must leave no image and no temporary file.
    func expectRefusal(
        of command: Command, status: Int32 = 1, saying words: [String],
        at place: SourceLocation = #_sourceLocation
    ) throws {
        let outcome = try command.run()
        #expect(outcome.status == status, "\(outcome.errors)", sourceLocation: place)
        let lines = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("varve: ") }
        #expect(lines.count == 1, "\(outcome.errors)", sourceLocation: place)
        for text in words {
            #expect(lines.last?.contains(text) == true, "\(outcome.errors)", sourceLocation: place)
        }
        #expect(outcome.output == [], sourceLocation: place)
        #expect(!Machine.exists(scratch["out/index.json"]), sourceLocation: place)
        #expect(try Directory.open(scratch["tmp"]).names() == [], sourceLocation: place)
    }

    /// Packs a tree that a line of bash makes as an image: `oci:…:app`.
    ///
    /// - Returns: What a build names it by.
    @discardableResult
    func image(_ name: String, _ line: String, _ flags: String...) throws -> String {
        let tree = try scratch.directory("tree-\(name)")
        try Command(shell: line).at(tree).succeed()
        try varve(
            [
                "pack", tree.string, "-q", "--no-provenance", "--source-date-epoch", "1000000000", "-o",
                "oci:\(name):app",
            ] + flags
        ).succeed()
        return "oci:\(name):app"
    }
}

/// What a build said, and the image that it made, read by nothing of varve's.
struct Built {
    /// `sha256:…` of the manifest.
    let digest: String
    /// What was said beside.
    let errors: String
    let manifest: JSONValue
    let configuration: JSONValue
    private let layout: FilePath

    init(_ outcome: Command.Outcome, layout: FilePath) throws {
        (digest, errors, self.layout) = (outcome.line, outcome.errors, layout)
        manifest = try JSONValue(parsing: content(of: PackedTree.blob(digest, in: layout)))
        let name = manifest["config"]?["digest"]?.string ?? ""
        configuration = try JSONValue(parsing: content(of: PackedTree.blob(name, in: layout)))
    }

    /// The digests of the layers.
    var layers: [String] { (manifest["layers"]?.array ?? []).compactMap { $0["digest"]?.string } }

    /// The members of a layer, from the last one if the number is negative.
    func members(_ number: Int = -1) throws -> [TarMember] {
        let digest = number < 0 ? layers[layers.count + number] : layers[number]
        let blob = PackedTree.blob(digest, in: layout)
        return try TarMember.all(of: Command(["gzip", "-dc"]).reading(blob).succeed().output)
    }

    /// A file's content as the last layer that has it gives it; `nil` without one.
    func text(_ path: String) throws -> String? {
        for number in layers.indices.reversed() {
            if let member = try members(number).first(where: { $0.name == path && $0.type == "0" }) {
                return String(decoding: member.content, as: UTF8.self)
            }
        }
        return nil
    }

    /// What every file of the image holds, by path.
    func texts() throws -> [String: String] {
        var found: [String: String] = [:]
        for number in layers.indices {
            for member in try members(number) where member.type == "0" {
                found[member.name] = String(decoding: member.content, as: UTF8.self)
            }
        }
        return found
    }

    /// How many instructions came from the cache.
    var hits: Int { errors.split(separator: "\n").count { $0.hasSuffix("  cached") } }

    /// How many were carried out, and why.
    var misses: [String] {
        errors.split(separator: "\n").filter { $0.hasPrefix("[") && $0.hasSuffix(")") }.map(String.init)
    }
}

/// A web server that has some files.
final class FileServer: Sendable {
    private let server: LoopbackServer

    /// Answers with the files by their paths, such as `/app.tar`; what stands for a path with `→ ` before it leads there.
    init(_ files: [String: [UInt8]], fields: String = "") throws {
        server = try LoopbackServer { connection in
            while let request = try connection.receive() {
                let path = String(request.target.prefix { $0 != "?" })
                guard let body = files[path] else {
                    try connection.send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                    continue
                }
                let text = String(decoding: body.prefix(300), as: UTF8.self)
                if text.hasPrefix("→ ") {
                    try connection.send(
                        "HTTP/1.1 302 Found\r\nLocation: \(text.dropFirst(2))\r\nContent-Length: 0\r\n\r\n")
                } else {
                    try connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\(fields)\r\n")
                    try connection.send(body)
                }
            }
        }
    }

    /// Serves everything below a directory.
    convenience init(of root: FilePath) throws {
        var files: [String: [UInt8]] = [:]
        var walk = try TreeWalk(of: Directory.open(root))
        while let entry = try walk.next() {
            guard try entry.status?.kind ?? walk.directory.status(of: entry.name).kind == .regular else {
                continue
            }
            let path = "/" + String(decoding: entry.path, as: UTF8.self)
            files[path] = try walk.directory.openFile(entry.name).readAll(limit: 1 << 28)
        }
        try self.init(files)
    }

    /// `http://127.0.0.1:PORT`.
    var url: String { "http://127.0.0.1:\(server.port)" }
    /// The requests, as `GET /path`.
    var requests: [ReceivedRequest] { server.requests }
}

/// A repository with a Dockerfile at its top and one in `sub`, on the branch `main`.
struct SampleRepository {
    let path: FilePath
    let commit: String

    init(in scratch: Scratch, _ name: String = "repo") throws {
        try Requirement.program("git")
        path = scratch[name]
        try scratch.write("\(name)/Dockerfile", "FROM scratch\nCOPY top.txt /\n")
        try scratch.write("\(name)/top.txt", "top\n")
        try scratch.write("\(name)/sub/Dockerfile", "FROM scratch\nCOPY . /sub/\n")
        try scratch.write("\(name)/sub/deep.txt", "deep\n")
        let line = """
            git init -q -b main . && git add . && git -c user.name=t -c user.email=t@example.com \
            -c commit.gpgSign=false commit -q -m one && git update-server-info && git rev-parse HEAD
            """
        commit = try Command(shell: line).at(path).with("GIT_CONFIG_GLOBAL", "/dev/null").succeed().line
    }
}
