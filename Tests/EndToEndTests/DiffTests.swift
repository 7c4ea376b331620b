import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

/// What `varve diff` says of two images of which one thing is different.
struct DiffTests {
    /// A tree that was packed, changed, and packed again.
    private struct Pair {
        let scratch: Scratch
        let first: String
        let second: String
        let isPlain: Bool

        init(
            _ change: String = ":", _ firstFlags: [String] = [], _ secondFlags: [String] = [],
            isPlain: Bool = false
        ) throws {
            scratch = try Scratch()
            self.isPlain = isPlain
            let make = """
                mkdir d; printf content > f; printf other > d/g; ln -s f l; ln f h; printf z > z; seq 1 20000 > n
                find . -exec touch -h -d @1000 {} +
                """
            let tree = try scratch.directory("tree")
            if isPlain, Machine.user.id == 0 {
                try Command(["chown", "65534:65534", tree.string]).succeed()
            }
            first = "oci:\(scratch["out"]):first"
            second = "oci:\(scratch["out"]):second"
            func run(_ command: Command) throws { try (isPlain ? command.asPlainUser() : command).succeed() }
            func pack(_ image: String, _ flags: [String]) throws {
                try run(
                    Command(
                        [Command.varvePath.string, "pack", tree.string, "-o", image, "--no-provenance", "-q"]
                            + ["--created", "0"] + flags))
            }
            try run(Command(shell: make).at(tree))
            try pack(first, firstFlags)
            // A directory's time changes with its entries, and is no part of what is tested here.
            try run(Command(shell: "set -e; \(change)\nfind . -type d -exec touch -d @1000 {} +").at(tree))
            try pack(second, secondFlags)
        }

        /// The lines behind the two that name the images.
        func lines(_ flags: String...) throws -> [String] {
            let command = Command([Command.varvePath.string, "diff", first, second] + flags)
            let outcome = try (isPlain ? command.asPlainUser() : command).run()
            #expect(outcome.status == 1, "\(outcome.errors)")
            #expect(outcome.errors == "")
            return outcome.text.split(separator: "\n").map(String.init)
        }
    }

    private static let changes: [(change: String, lines: [String])] = [
        ("chmod 4600 z", ["  ~ z", "      mode: 0644 → 4600"]),
        (
            "touch -h -d @1001 z",
            ["  ~ z", "      mtime: 1970-01-01T00:16:40Z → 1970-01-01T00:16:41Z"]
        ),
        (
            "printf y > z; touch -d @1000 z",
            [
                "  ~ z",
                "      content: sha256:594e519ae499312b29433b7dd8a97ff068defcba9755b6d5d00e84c524d67b06 → "
                    + "sha256:a1fce4363854ff888cff4b8e7875d600c2682390412a8cf79b37d0b11148b0fa",
            ]
        ),
        ("ln -sfn z l; touch -h -d @1000 l", ["  ~ l", #"      target: "f" → "z""#]),
        ("setfattr -n user.q -v 1 z", ["  ~ z", #"      xattr user.q: (none) → "1""#]),
        ("rm z", ["  - z"]),
        ("cp -p z new", ["  + new"]),
        (
            "rm z; mkdir z",
            ["  ~ z/", "      kind: file → directory", "      mode: 0644 → 0755"]
        ),
        ("rm h; ln d/g h", ["  ~ h", #"      target: "f" → "d/g""#]),
    ]

    @Test("a change is told by entry and field", arguments: changes.indices, [false, true])
    func entry(number: Int, isPlain: Bool) throws {
        try Requirement.program("setfattr")
        let (change, expected) = Self.changes[number]
        let lines = try Pair(change, isPlain: isPlain).lines()
        #expect(expected.filter { !lines.contains($0) } == [], "\(lines)")
        let signs = lines.dropFirst(5).filter {
            $0.hasPrefix("  - ") || $0.hasPrefix("  + ") || $0.hasPrefix("  ~ ")
        }
        #expect(signs == [expected[0]], "\(lines)")
    }

    @Test func `owners are told`() throws {
        let lines = try Pair(":", ["--owner", "1:2"], ["--owner", "1:3"]).lines()
        #expect(lines.filter { $0 == "      gid: 2 → 3" }.count == 7)
        #expect(lines.last == "different: 1 layer, 7 entries changed")
    }

    @Test func `the same image is identical, wherever it lies`() throws {
        try Requirement.program("skopeo")
        let pair = try Pair()
        let archive = "oci-archive:\(pair.scratch["a.tar"])"
        try Command(["skopeo", "copy", pair.first, "\(archive):x"]).succeed()
        for other in [pair.first, pair.second, archive] {
            let outcome = try Command.varve("diff", pair.first, other).run()
            #expect(outcome.status == 0)
            #expect(outcome.text == "identical\n")
        }
        let json = try Command.varve("diff", "--json", pair.first, archive).succeed().output
        #expect(try JSONValue(parsing: json)["identical"]?.bool == true)
    }

    @Test(arguments: [
        ("9", "  XFL of the first header: 0 → 2 (most effort)"),
        ("4", "  the first header says the same: another level, or another version of the compressor"),
    ])
    func `another level of the compressor is told`(level: String, text: String) throws {
        let lines = try Pair(":", [], ["--compression-level", level]).lines()
        #expect(lines.contains("layer 1: the same tar, stored otherwise"))
        #expect(lines.contains(text), "\(lines)")
    }

    @Test func `another compression of the same tar is told`() throws {
        let lines = try Pair(":", [], ["--compression", "zstd"]).lines()
        #expect(lines.contains("layer 1: the same tar, stored otherwise"))
        #expect(lines.contains("  form: gzip → zstd"))
        #expect(lines.contains { $0.hasPrefix("  ~ layers[0].mediaType: ") })
    }

    @Test func `configuration and annotations are told by their place`() throws {
        let lines = try Pair(
            ":", ["--env", "A=1", "--env", "B=1"],
            ["--env", "A=2", "--env", "B=1", "--label", "a.b=c", "--annotation", "d.e=f"]
        ).lines()
        #expect(
            Array(lines.dropFirst(2)) == [
                "manifest", #"  + annotations: {"d.e":"f"}"#, "config", #"  ~ config.Env[0]: "A=1" → "A=2""#,
                #"  + config.Labels: {"a.b":"c"}"#,
                "different: 1 member of the manifest, 2 members of the config",
            ])
    }

    @Test func `hostile names and texts are escaped`() throws {
        let lines = try Pair(
            #"touch $'\e[31m\n'; ln -s $'\xe2\x80\xae' x"#, [], ["--label", "q=\u{202E}\u{1B}[1m"]
        ).lines()
        #expect(lines.contains(#"  + \x1b[31m\n"#))
        #expect(lines.contains(#"  + config: {"Labels":{"q":"\xe2\x80\xae\u001b[1m"}}"#))
        #expect(!lines.joined().unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" })
    }

    @Test func `the JSON object has the same findings`() throws {
        let pair = try Pair(
            #"chmod 600 z; rm l; touch $'caf\xe9' new"#, ["--env", "A=1"], ["--env", "A=2"])
        let outcome = try Command.varve("diff", "--json", pair.first, pair.second).run()
        #expect(outcome.status == 1)
        let json = try JSONValue(parsing: outcome.output)
        #expect(json["identical"]?.bool == false)
        #expect(json["config"]?.array?.first?["path"]?.string == "config.Env[0]")
        let layer = try #require(json["layers"]?.array?.first)
        let entries = try #require(layer["entries"]?.array)
        #expect(entries.map { $0["change"]?.string } == ["removed", "added", "added", "changed"])
        #expect(entries[1]["entry"]?["pathHex"]?.string == "636166e9")
        #expect(entries[3]["fields"] == [["field": "mode", "first": "0644", "second": "0600"]])
        #expect(layer["added"]?.int64 == 2)
    }

    @Test func `another tar tool's order and headers are told`() throws {
        try Requirement.program("umoci")
        let scratch = try Scratch()
        for name in ["a", "b", "c"] { try scratch.write("tree/\(name)", name) }
        func image(_ name: String, _ flags: String) throws -> String {
            let layout = scratch[name]
            let make = """
                tar --mtime=@7 --owner=0 --group=0 -cf ../\(name).tar \(flags)
                umoci init --layout \(layout); umoci new --image \(layout):x
                umoci raw add-layer --image \(layout):x ../\(name).tar
                """
            try Command(shell: make).at(scratch["tree"]).with("HOME", scratch.path.string).succeed()
            return "oci:\(layout):x"
        }
        let first = try image("one", "--format=gnu a b c")
        let other = try Command.varve("diff", first, image("two", "--format=gnu a c b")).run().text
        #expect(other.contains("  order: c stands where the first has b\n"))
        let pax = try Command.varve("diff", first, image("three", "--format=ustar a b c")).run().text
        #expect(pax.contains("  dialect: GNU → ustar\n"))
        #expect(pax.contains("  header bytes of 3 equal entries, the first a: magic number"))
        let padded = try Command.varve("diff", first, image("four", "--format=gnu -b 60 a b c")).run().text
        #expect(padded.contains("  zeros at the end: "))
    }

    @Test func `a layer that only one image has is told`() throws {
        try Requirement.program("umoci")
        let pair = try Pair()
        let layout = pair.scratch["out"]
        try pair.scratch.write("more/f", "x")
        try Command(
            shell: "tar -cf ../l.tar f; umoci raw add-layer --image \(layout):second --tag third ../l.tar"
        )
        .at(pair.scratch["more"]).with("HOME", pair.scratch.path.string).succeed()
        let text = try Command.varve("diff", pair.first, "oci:\(layout):third").run().text
        #expect(text.contains("\nlayer 2 only in the second: sha256:"))
    }

    @Test func `large layers are compared within 96 MiB`() throws {
        let work = try Workplace()
        let count = Requirement.isLongRun ? 200_000 : 20_000
        let make = "mkdir many; cd many; seq -f 'a-name-of-some-length-%06.0f' 1 \(count) | xargs touch"
        try Command(shell: make).at(work.tree).succeed()
        try work.pack("--compression", "none", "--source-date-epoch", "1").succeed()
        try Command(
            [Command.varvePath.string, "pack", work.tree.string, "-o", "oci:\(work.layout):other", "-q"]
                + ["--no-provenance", "--compression", "none", "--source-date-epoch", "2"]
        ).succeed()
        let script = "\"$0\" diff oci:\(work.layout):new oci:\(work.layout):other; test $? = 1"
        let command = Command(["bash", "-c", script, Command.varvePath.string])
        #expect(try work.peakMemory(of: command) < 96 << 10)
    }
}
