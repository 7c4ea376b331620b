import Linux
import OCI
import Tar
import TestSupport
import Testing

@testable import Layers

struct LayerComparisonTests {
    private func compare(
        _ first: StoredLayer, _ second: StoredLayer
    ) throws -> (lines: [String], verdict: LayerVerdict) {
        var lines: [String] = []
        let verdict = try LayerComparison(first.listing, second.listing) { _ in }.finish {
            lines.append($0.line)
        }
        return (lines, verdict)
    }

    private static func changed(_ change: (inout TarEntry) -> Void) -> Member {
        var member = Member.file("f", "content")
        member.entry.attributes = [(Array("user.a".utf8), [1])]
        change(&member.entry)
        return member
    }

    private static let changes: [(String, Member)] = [
        ("kind", .directory("f")), ("link", .link("f", to: "g")), ("fifo", .fifo("f")),
        ("mode", changed { $0.permissions = 0o4644 }), ("uid", changed { $0.user = 7 }),
        ("gid", changed { $0.group = 7 }), ("time", changed { $0.modified = 1001 }),
        ("xattr's value", changed { $0.attributes[0].value = [2] }),
        ("xattr's name", changed { $0.attributes[0].name = Array("user.b".utf8) }),
        ("no xattr", changed { $0.attributes = [] }),
        ("size", .file("f", "content and more")), ("content", .file("f", "CONTENT")),
    ]

    @Test("a changed field is seen", arguments: changes.indices)
    func field(number: Int) throws {
        let (title, member) = Self.changes[number]
        let first = try StoredLayer([.directory("d"), Self.changed { _ in }, .link("z", to: "f")])
        let second = try StoredLayer([.directory("d"), member, .link("z", to: "f")])
        let found = try compare(first, second)
        #expect(found.lines.map { $0.hasPrefix("~ f") } == [true], "\(title)")
        #expect(found.verdict.changed == 1)
        #expect(found.verdict.outOfPlace.first == [])
    }

    @Test(
        arguments: [
            (Member.link("l", to: "a"), Member.link("l", to: "b")),
            (Member.hardLink("l", to: "a"), Member.hardLink("l", to: "b")),
            (
                Member(
                    entry: TarEntry(
                        path: [108], kind: .characterDevice(major: 1, minor: 3), permissions: 0o666)),
                Member(
                    entry: TarEntry(
                        path: [108], kind: .characterDevice(major: 1, minor: 5), permissions: 0o666))
            ),
        ])
    func `targets and devices come back as they were`(old: Member, new: Member) throws {
        let (first, second) = (try StoredLayer([old]), try StoredLayer([new]))
        var pairs: [(TarEntry, TarEntry)] = []
        _ = try LayerComparison(first.listing, second.listing) { _ in }.finish {
            if case .changed(let first, let second) = $0 { pairs.append((first.entry, second.entry)) }
        }
        #expect(pairs.count == 1)
        #expect(pairs.first?.0 == old.entry)
        #expect(pairs.first?.1 == new.entry)
    }

    @Test func `entries that only one layer has are told, in each layer's order`() throws {
        let first = try StoredLayer([.file("a"), .file("gone"), .file("m"), .file("also gone")])
        let second = try StoredLayer([.file("new"), .file("a"), .file("m", "x"), .file("newer")])
        let found = try compare(first, second)
        #expect(found.lines == ["- gone", "- also gone", "+ new", "~ m", "+ newer"])
        #expect((found.verdict.removed, found.verdict.added, found.verdict.changed) == (2, 2, 1))
        #expect(found.verdict.outOfPlace.first == [])
    }

    @Test func `another order names what is first out of place`() throws {
        let first = try StoredLayer([.file("a"), .file("b"), .file("c"), .file("only"), .file("d")])
        let second = try StoredLayer([.file("a"), .file("c"), .file("b"), .file("d")])
        let found = try compare(first, second)
        #expect(found.lines == ["- only"])
        #expect(found.verdict.outOfPlace.first == Array("b".utf8))
        #expect(found.verdict.outOfPlace.second == Array("c".utf8))
    }

    @Test func `a path that stands twice is compared in turn`() throws {
        let first = try StoredLayer([.file("a", "1"), .file("a", "2"), .file("b")])
        let second = try StoredLayer([.file("a", "1"), .file("a", "3"), .file("a", "4"), .file("b")])
        #expect(try compare(first, second).lines == ["~ a", "+ a"])
    }

    @Test func `other spellings of a path are header bytes`() throws {
        let first = try StoredLayer([.directory("d"), .file("d/.hidden"), .file("e")])
        let second = try StoredLayer([.directory("./d/"), .file(".//d/./.hidden"), .file("e")])
        let found = try compare(first, second)
        #expect(found.lines == [])
        #expect(found.verdict.otherHeaders == 2)
        #expect(found.verdict.headerFields == ["name"])
    }

    @Test func `padding at the end is told`() throws {
        let tar = try Member.tar([.file("a", "x")])
        let padded = try StoredLayer(tar + [UInt8](repeating: 0, count: 9000))
        let verdict = try compare(StoredLayer(tar), padded).verdict
        #expect((verdict.ends.first, verdict.ends.second) == (1024, 10_024))
        #expect(verdict.otherHeaders == 0)
    }

    @Test func `another byte between the members is told to be no reader's business`() throws {
        let tar = try Member.tar([.file("a", "x")])
        var other = tar
        other[1000] = 7
        #expect(try compare(StoredLayer(tar), StoredLayer(other)).verdict.isEmpty)
    }

    @Test func `GNU tar's headers of the same entries are told apart`() throws {
        let scratch = try Scratch()
        try scratch.write("tree/a", "1")
        try scratch.write("tree/" + String(repeating: "long", count: 50), "2")
        func tar(_ format: String) throws -> StoredLayer {
            try StoredLayer(
                Command([
                    "tar", "--format=\(format)", "--mtime=@7", "--owner=0", "--group=0", "-cf", "-", ".",
                ])
                .at(scratch["tree"]).succeed().output)
        }
        let verdict = try compare(tar("gnu"), tar("pax")).verdict
        #expect(verdict.dialects.first == ["GNU"])
        #expect(verdict.dialects.second.contains("pax"))
        #expect(verdict.otherHeaders == 3)
        #expect(verdict.headerFields.contains("magic number"))
    }

    @Test func `a sparse file is equal to one that holds its zeros`() throws {
        let scratch = try Scratch()
        try Command(shell: "truncate -s 300000 f; printf end >> f; touch -d @7 f").at(scratch.path).succeed()
        func tar(_ flag: String) throws -> StoredLayer {
            try StoredLayer(
                Command(shell: "tar \(flag) --format=gnu -cf - f").at(scratch.path).succeed().output)
        }
        let found = try compare(tar("-S"), tar("--no-recursion"))
        #expect(found.lines == [])
        #expect(found.verdict.otherHeaders == 1)
    }

    @Test func `holes have a limit`() throws {
        let scratch = try Scratch()
        try Command(shell: "truncate -s 400G f").at(scratch.path).succeed()
        let tar = try Command(shell: "tar -S -cf - f").at(scratch.path).succeed().output
        let layer = try StoredLayer(tar)
        #expect(throws: LayerError.tooManyBytes(limit: UnpackLimits().bytes)) { try compare(layer, layer) }
    }

    @Test(arguments: [
        ("gzip -n", MediaType.layerTarGzip, "gzip members", "1"),
        (
            "(head -c 600 | gzip -n -9; gzip -n -9)", .layerTarGzip, "XFL of the first header",
            "2 (most effort)"
        ),
        ("(head -c 600 | gzip -n; gzip -n)", .layerTarGzip, "gzip members", "2"),
        ("zstd -c --check", .layerTarZstd, "checksum of the first frame", "yes"),
        ("(head -c 600 | zstd -c; zstd -c)", .layerTarZstd, "zstd frames", "2"),
        ("cat", .layerTar, "form", "tar"),
    ])
    func `how a tar is stored is read`(
        command: String, mediaType: MediaType, name: String, text: String
    ) throws {
        let layer = try StoredLayer(Member.tar([.file("a", "content")]), by: command, mediaType)
        let traits = try StoredTraits(reading: layer.listing) { _ in }
        #expect(traits.facts.first { $0.name == name }?.text == text)
    }

    @Test func `members that threads opened are counted`() throws {
        let content = String(repeating: "varve and more\n", count: 200_000)
        let tar = try Member.tar([.file("a", content)])
        let command = "split -b 100000 --filter='gzip -n'"
        let layer = try StoredLayer(tar, by: "\(command) -", .layerTarGzip)
        let facts = try StoredTraits(reading: layer.listing) { _ in }.facts
        #expect(facts.first { $0.name == "gzip members" }?.text == "\((tar.count + 99_999) / 100_000)")
    }
}
