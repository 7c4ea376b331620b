import Glibc
import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

/// The context is a root, and so is the image: whatever links and names say, nothing outside is read or written.
@Suite(.timeLimit(.minutes(30)))
struct BuildIsolationTests {
    private let site: BuildSite
    private var scratch: Scratch { site.scratch }
    private static let sentinel = "s3nt1nel-of-the-outside"

    init() throws {
        site = try BuildSite("FROM scratch\nCOPY . /all/\n")
        try scratch.write("outside/secret", Self.sentinel)
        try scratch.write("ctx-evil/secret", Self.sentinel)
    }

    /// Whether an image's blobs hold a text; without an image they do not.
    private func holds(_ text: String) throws -> Bool {
        let line = """
            for f in out/blobs/sha256/*; do gzip -dcq $f 2>/dev/null || cat $f 2>/dev/null; done | grep -caF '\(text)'
            """
        return try Command(shell: line).at(scratch.path).run().line != "0"
    }

    /// Everything that is not the build's to change.
    private func rest() throws -> [String] {
        try Workplace.snapshot(of: scratch.path).filter { !$0.hasPrefix("out") && !$0.hasPrefix("cache") }
            + Workplace.snapshot(of: scratch["outside"])
    }

    // MARK: The context

    @Test(
        "a link in the context is followed below the context alone",
        arguments: [
            ("ln -s /etc/shadow x", "x"), ("ln -s ../outside/secret x", "x"),
            ("ln -s ../outside x", "x/secret"),
            ("ln -s OUTSIDE x", "x/secret"), ("ln -s OUTSIDE/secret x", "x"),
            ("ln -s ../ctx-evil x", "x/secret"),
            ("mkdir d; ln -s ../../outside d/x", "d/x/secret"), ("ln -s y x; ln -s ../outside y", "x/secret"),
            ("ln -s x x", "x"), ("true", "../outside/secret"), ("true", "/../outside/secret"),
            ("true", "OUTSIDE/secret"), ("ln -s ../outside x", "x/*"), ("ln -s ../outside x", "*/secret"),
            ("ln -s /proc/self/root x", "xOUTSIDE/secret"),
        ])
    func contextLink(line: String, path: String) throws {
        let outside = scratch["outside"].string
        try Command(shell: line.replacing("OUTSIDE", with: outside)).at(scratch["ctx"]).succeed()
        for flags in ["", "--parents "] {
            let source = path.replacing("OUTSIDE", with: outside)
            try site.write("Dockerfile", "FROM scratch\nCOPY \(flags)\(source) /dir/\n")
            let outcome = try site.building().run()
            #expect(outcome.status <= 1, "\(outcome.errors)")
            if outcome.status == 1 {
                #expect(outcome.errors.contains("varve: Dockerfile: line 2"), "\(outcome.errors)")
            }
            #expect(try !holds(Self.sentinel))
            #expect(try !holds("root:"))
        }
    }

    @Test func `links that are copied with their directory stay links`() throws {
        try Command(shell: "mkdir d; ln -s /etc/shadow d/a; ln -s ../../outside d/b").at(scratch["ctx"])
            .succeed()
        let members = try site.build().members()
        #expect(members.first { $0.name == "all/d/a" }?.target == Array("/etc/shadow".utf8))
        #expect(members.first { $0.name == "all/d/b" }?.type == "2")
    }

    @Test(arguments: ["Dockerfile", ".dockerignore"])
    func `a Dockerfile or ignore file that leads out of the context is not read`(name: String) throws {
        try scratch.write("outside/\(name)", "FROM \(Self.sentinel)\n!\(Self.sentinel)\n")
        try Command(shell: "rm -f \(name); ln -s ../outside/\(name) \(name)").at(scratch["ctx"]).succeed()
        let outcome = try site.building().run()
        #expect(!outcome.errors.contains(Self.sentinel), "\(outcome.errors)")
    }

    @Test(
        "a hostile archive as a context writes nothing outside, and is refused or kept inside",
        arguments: [
            "../escaped", "/tmp/varve-escaped", "a/../../escaped", "link/escaped", "abs/escaped",
            "d2/escaped",
        ], ["-", "ctx.tar"])
    func contextArchive(name: String, place: String) throws {
        let outside = scratch["outside"].string
        let archive = TarBytes.archive([
            .file("Dockerfile", Array("FROM scratch\nCOPY . /\n".utf8)),
            .other("link", "2", link: "../../outside"), .other("abs", "2", link: outside),
            .other("d", "5"), .other("d2", "2", link: "d/../../../../../../../../../..\(outside)"),
            .file(name, Array("escaped\n".utf8)), .other("hard", "1", link: "../../outside/secret"),
            .other("hard2", "1", link: "abs/secret"),
        ])
        try scratch.write("ctx.tar")
        try Directory.open(scratch.path).createFile("hostile").write(archive.span)
        try Command(["mv", scratch["hostile"].string, scratch["ctx.tar"].string]).succeed()
        let before = try rest()
        let outcome = try site.building(context: place).reading(scratch["ctx.tar"]).run()
        #expect(outcome.status <= 1, "\(outcome.errors)")
        #expect(try rest() == before)
        #expect(!Machine.exists("/tmp/varve-escaped"))
        #expect(try Directory.open(scratch["tmp"]).names() == [])
        #expect(try !holds(Self.sentinel))
    }

    @Test func `a directory that becomes a link while builds run leads nowhere`() throws {
        try site.write("d/secret", "inside")
        try Command(["ln", "-s", scratch["outside"].string, scratch["swap"].string]).succeed()
        let isDone = Monitor(false)
        let flipper = Worker { [scratch] in
            var turns = 0
            while turns < 200 || !isDone.wait(for: { $0 }) {
                for (from, to) in [
                    ("ctx/d", "aside"), ("swap", "ctx/d"), ("ctx/d", "swap"), ("aside", "ctx/d"),
                ] {
                    _ = rename(scratch[from].string, scratch[to].string)
                    Machine.sleep(milliseconds: 1)
                }
                turns += 1
            }
        }
        try site.write("Dockerfile", "FROM scratch\nCOPY d/secret /x\nCOPY d/ /d/\nCOPY . /all/\n")
        var built = 0
        for _ in 0..<25 {
            let outcome = try site.building(["-q", "--no-cache"]).run()
            #expect(outcome.status <= 1, "\(outcome.errors)")
            if outcome.status == 0 { built += 1 }
            #expect(!outcome.errors.contains(Self.sentinel))
        }
        isDone.update { $0 = true }
        try flipper.join()
        if built > 0 { #expect(try holds("inside"), "the search finds what is there") }
        #expect(try !holds(Self.sentinel))
        let cached = try Command(["grep", "-rqF", Self.sentinel, site.cache.string]).run()
        #expect(cached.status == 1)
    }

    // MARK: The image

    @Test(
        "a destination stays within the image",
        arguments: [
            ("../../etc", "etc"), ("/../../etc/x/../y", "etc/y"), ("..", ""), ("/a/../../b", "b"),
        ])
    func destination(text: String, prefix: String) throws {
        try site.write("Dockerfile", "FROM scratch\nCOPY f \(text)/\nWORKDIR /../../w\n")
        try site.write("f", "f\n")
        let built = try site.build()
        let names = try built.members(0).map(\.name)
        #expect(names.contains(prefix.isEmpty ? "f" : "\(prefix)/f"), "\(names)")
        #expect(names.allSatisfy { !$0.hasPrefix("/") && !$0.split(separator: "/").contains("..") })
        #expect(built.configuration[path: "config.WorkingDir"]?.string == "/w")
    }

    @Test(
        "a base's links lead below its own root, wherever COPY goes",
        arguments: ["../../../../outside", "OUTSIDE", "/", "loop", "../..", "/proc/self/root/tmp"])
    func baseLink(target: String) throws {
        let target = target.replacing("OUTSIDE", with: scratch["outside"].string)
        try handMadeBase([
            .other("d", "5"), .other("d/link", "2", link: target), .other("loop", "2", link: "loop"),
            .other("file", "0"),
        ])
        try site.write("f", "f\n")
        try site.write("Dockerfile", "FROM base\nCOPY f /d/link/x\nCOPY --from=base /d/link /taken\n")
        let before = try rest()
        let outcome = try site.building(["--build-context", "base=oci:base:app"]).run()
        #expect(outcome.status <= 1, "\(outcome.errors)")
        #expect(try rest() == before)
        #expect(try !holds(Self.sentinel))
        guard outcome.status == 0 else { return }
        let names = try Built(outcome, layout: scratch["out"]).members(1).map(\.name)
        #expect(
            names.allSatisfy { !$0.hasPrefix("/") && !$0.split(separator: "/").contains("..") }, "\(names)")
    }

    @Test(
        "hostile layers of a base harm nobody",
        arguments: [
            [TarBytes.Member.file("../../escaped", [1])], [.file("/escaped", [1])],
            [.other(".", "2", link: "/")],
            [.file(".wh.", [])], [.file(".wh...", [])], [.file("../.wh.outside", [])], [.file("d/.wh..", [])],
            [.other("h", "1", link: "../../outside/secret")], [.other("h", "1", link: "/etc/passwd")],
            [.other("l", "2", link: "/etc"), .file("l/passwd", [1])],
            [.file("a", [1]), .file("a/b", [2])], [.other("neg", "0", size: "-0000000001\0")],
            [TarBytes.pax([("path", "a\0b")]), .file("x", [1])],
            [TarBytes.pax([("size", "99")]), .file("x", [1])],
        ])
    func hostileLayer(members: [TarBytes.Member]) throws {
        try handMadeBase(members)
        try site.write("f", "f\n")
        try site.write("Dockerfile", "FROM base\nCOPY f /l/x\nCOPY --from=base / /taken/\n")
        let before = try rest()
        let outcome = try site.building(["--build-context", "base=oci:base:app"]).run()
        #expect([0, 1, 3].contains(outcome.status), "\(outcome.errors)")
        #expect(try rest() == before)
        #expect(try !holds(Self.sentinel))
    }

    /// An image whose only layer is made byte by byte, as `oci:base:app`.
    private func handMadeBase(_ members: [TarBytes.Member]) throws {
        try scratch.directory("base/blobs/sha256")
        func blob(_ bytes: [UInt8]) throws -> String {
            let digest = try RegistryContent.digest(bytes)
            let home = try Directory.open(scratch["base/blobs/sha256"])
            try home.createFile(FileName(digest.dropFirst(7).utf8)).write(bytes.span)
            return #""digest":"\#(digest)","size":\#(bytes.count)"#
        }
        let tar = TarBytes.archive(members)
        let diffID = try RegistryContent.digest(tar)
        let layer = try blob(tar)
        let configuration = try blob(
            Array(
                #"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["\#(diffID)"]}}"#
                    .utf8))
        let type = "application/vnd.oci.image"
        let manifest = try blob(
            Array(
                #"{"schemaVersion":2,"mediaType":"\#(type).manifest.v1+json","config":{"mediaType":"\#(type).config.v1+json",\#(configuration)},"layers":[{"mediaType":"\#(type).layer.v1.tar",\#(layer)}]}"#
                    .utf8))
        try scratch.write(
            "base/index.json",
            #"{"schemaVersion":2,"manifests":[{"mediaType":"\#(type).manifest.v1+json",\#(manifest),"annotations":{"org.opencontainers.image.ref.name":"app"}}]}"#
        )
        try scratch.write("base/oci-layout", #"{"imageLayoutVersion":"1.0.0"}"#)
    }

    // MARK: Bombs

    @Test func `bombs are refused at the limits, in one line, and leave nothing`() throws {
        try Command(
            shell: """
                head -c 30000000 /dev/zero > zeros; tar -czf bomb.tgz zeros; mkdir many; touch many/{1..300}
                tar -czf many.tgz many; cp bomb.tgz many.tgz ctx/; rm -r zeros many
                """
        ).at(scratch.path).succeed()
        try site.expectRefusal("--max-bytes", "1000000", context: "bomb.tgz", saying: "--max-bytes")
        try site.expectRefusal("--max-entries", "100", context: "many.tgz", saying: "--max-entries")
        try site.write("Dockerfile", "FROM scratch\nADD bomb.tgz /\n")
        try site.expectRefusal("--max-bytes", "1000000", saying: "line 2", "--max-bytes")
        try site.write("Dockerfile", "FROM scratch\nADD many.tgz /\n")
        try site.expectRefusal("--max-entries", "100", saying: "line 2", "--max-entries")
        let server = try FileServer(["/bomb": content(of: scratch["bomb.tgz"])])
        try site.write("Dockerfile", "FROM scratch\nADD \(server.url)/bomb /\n")
        try site.expectRefusal("--max-bytes", "1000", saying: "line 2", "--max-bytes")
        try site.image("base", "head -c 30000000 /dev/zero > zeros; touch {1..300}")
        try site.write("Dockerfile", "FROM base\nCOPY many.tgz /\n")
        let base = ["--build-context", "base=oci:base:app"]
        for (flag, value) in [("--max-bytes", "1000000"), ("--max-entries", "100")] {
            try site.expectRefusal(
                of: site.building(base + [flag, value]), saying: ["line 2", flag])
        }
    }
}
