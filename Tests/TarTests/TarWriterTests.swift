import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Tar

/// The tar of these entries, each regular file's content being as many `x` as it announces.
private func tar(_ entries: [TarEntry]) throws -> [UInt8] {
    var writer = try TarWriter()
    for entry in entries {
        try writer.begin(entry)
        if case .regular(let size) = entry.kind {
            try writer.write([UInt8](repeating: UInt8(ascii: "x"), count: Int(size)).span)
            try writer.endMember()
        }
    }
    try writer.finish()
    return writer.take(reserving: 0)
}

private func entry(_ path: String, _ kind: TarEntry.Kind = .regular(size: 1)) -> TarEntry {
    TarEntry(path: Array(path.utf8), kind: kind, permissions: 0o644)
}

private func only(_ entry: TarEntry) throws -> TarMember {
    let members = try TarMember.all(of: tar([entry]))
    return try #require(members.count == 1 ? members.first : nil)
}

struct TarWriterTests {
    @Test func `an empty archive is two blocks of zeros`() throws {
        #expect(try tar([]) == [UInt8](repeating: 0, count: 1024))
    }

    @Test func `every field of a header comes back`() throws {
        let member = try only(
            TarEntry(
                path: Array("etc/motd".utf8), kind: .regular(size: 5), permissions: 0o6751, user: 1000,
                group: 100, modified: 1_700_000_000))
        #expect(member.path == Array("etc/motd".utf8))
        #expect(member.type == "0")
        #expect(member.mode == 0o6751)
        #expect(member.user == 1000 && member.group == 100)
        #expect(member.modified == 1_700_000_000)
        #expect(member.content == Array("xxxxx".utf8))
        #expect(member.names.user.isEmpty && member.names.group.isEmpty)
    }

    @Test(
        arguments: [
            (.directory, "5"), (.symbolicLink(target: Array("../t".utf8)), "2"),
            (.hardLink(target: Array("a/b".utf8)), "1"), (.fifo, "6"),
            (.characterDevice(major: 5, minor: 1), "3"),
            (.blockDevice(major: 8, minor: 255), "4"), (.regular(size: 0), "0"),
        ] as [(TarEntry.Kind, Character)])
    func `each kind has its flag`(kind: TarEntry.Kind, flag: Character) throws {
        let member = try only(entry("name", kind))
        #expect(member.type == flag)
        #expect(member.size == 0)
        #expect(member.path == Array((flag == "5" ? "name/" : "name").utf8))
    }

    @Test func `a device has its numbers, also large ones`() throws {
        #expect(try only(entry("n", .characterDevice(major: 5, minor: 1))).device == (5, 1))
        let large = try tar([entry("n", .blockDevice(major: 4095, minor: 1_048_575))])
        #expect(try #require(TarMember.all(of: large).first).device == (4095, 1_048_575))
    }

    @Test(arguments: [
        "a", "dir/file", String(repeating: "x", count: 99), String(repeating: "d/", count: 40) + "file",
    ])
    func `a short name in ASCII has no extended header`(path: String) throws {
        #expect(try only(entry(path)).extendedSize == 0)
        #expect(try only(entry(path)).name == path)
    }

    @Test(arguments: [
        String(repeating: "x", count: 100), String(repeating: "x", count: 101),
        String(repeating: "x", count: 255), String(repeating: "d/", count: 130) + "file",
        String(repeating: "y", count: 154) + "/" + String(repeating: "x", count: 100),
        String(repeating: "component/", count: 1000) + "end",
    ])
    func `a long name is whole`(path: String) throws {
        #expect(try only(entry(path)).name == path)
        #expect(try only(entry(path, .directory)).name == path + "/")
        let target = Array(path.utf8)
        #expect(try only(entry("l", .symbolicLink(target: target))).target == target)
        #expect(try only(entry("l", .hardLink(target: target))).target == target)
    }

    @Test(
        arguments: [
            Array("é".utf8), [0xFF, 0xFE], Array("文/🐙".utf8), [0xC3, 0x28], [0x0A, 0xE9], [0x80],
            Array(repeating: 0xFF, count: 255),
        ] as [[UInt8]])
    func `a name in any encoding keeps its bytes and says that it has none`(path: [UInt8]) throws {
        let member = try only(TarEntry(path: path, kind: .regular(size: 0), permissions: 0o644))
        #expect(member.path == path)
        #expect(member.record("hdrcharset") == Array("BINARY".utf8))
        let link = try only(entry("plain", .symbolicLink(target: path)))
        #expect(link.target == path)
        #expect(link.record("hdrcharset") == Array("BINARY".utf8))
    }

    @Test func `only the names that need it pay for it`() throws {
        let members = try TarMember.all(of: tar(["a", "é", "b", "ü/x", "c"].map { entry($0) }))
        #expect(members.map { $0.record("hdrcharset") != nil } == [false, true, false, true, false])
        #expect(members.map(\.name) == ["a", "é", "b", "ü/x", "c"])
        #expect(members.allSatisfy { $0.content == Array("x".utf8) })
    }

    @Test(arguments: ["new\nline", "tab\t", "\u{1B}[m", "=", "a=b\nc", "\\", " ", "*"])
    func `odd characters of ASCII are nothing special`(path: String) throws {
        #expect(try only(entry(path)).name == path)
    }

    @Test(arguments: [0, 2_097_151, 2_097_152, 65_534, 4_294_967_294] as [UInt32])
    func `owners beyond 2^21 are whole`(number: UInt32) throws {
        var file = entry("a")
        (file.user, file.group) = (number, number)
        let member = try only(file)
        #expect(member.user == Int64(number) && member.group == Int64(number))
        #expect(member.record("uid") != nil || number <= 2_097_151)
    }

    @Test(
        arguments: [-1, -86_400, -62_135_596_800, 0, 8_589_934_591, 8_589_934_592, 253_402_300_799] as [Int64]
    )
    func `times before 1970 and beyond 2242 are whole`(time: Int64) throws {
        var file = entry("a")
        file.modified = time
        let member = try only(file)
        #expect(member.modified == time)
    }

    @Test(arguments: [0, 1, 511, 512, 513, 1_000_000])
    func `content is padded to whole blocks`(size: Int) throws {
        let bytes = try tar([entry("a", .regular(size: Int64(size))), entry("b")])
        let members = try TarMember.all(of: bytes)
        #expect(members.map(\.content.count) == [size, 1])
        #expect(bytes.count == 512 + (size + 511) / 512 * 512 + 1024 + 1024)
    }

    @Test func `a file beyond 8 GiB has its size`() throws {
        var writer = try TarWriter()
        try writer.begin(entry("large", .regular(size: 9 << 30)))
        let header = writer.take(reserving: 0)
        #expect(String(decoding: header, as: UTF8.self).contains("size=9663676416\n"))
    }
}

struct TarWriterAttributesTests {
    private func attributes(_ list: [(String, [UInt8])]) throws -> TarMember {
        var file = entry("file")
        file.attributes = list.map { (Array($0.0.utf8), $0.1) }
        return try only(file)
    }

    @Test func `attributes are written once each, in their order, as SCHILY's`() throws {
        let member = try attributes([
            ("security.capability", [1, 0, 0, 2]), ("user.a", []), ("user.b", [0x0A, 0x3D]),
        ])
        let found = member.records.filter { $0.key.contains("xattr") }
        #expect(
            found.map(\.key) == [
                "SCHILY.xattr.security.capability", "SCHILY.xattr.user.a", "SCHILY.xattr.user.b",
            ])
        #expect(found.map(\.value) == [[1, 0, 0, 2], [], [0x0A, 0x3D]])
    }

    @Test func `a value of 64 KiB is whole`() throws {
        let value = (0..<65536).map { UInt8(truncatingIfNeeded: $0) }
        #expect(try attributes([("user.long", value)]).record("SCHILY.xattr.user.long") == value)
    }

    @Test(arguments: [
        ("user.a=b", "user.a=b"), ("user.50%", "user.50%"), ("user.é", "user.??"), ("user.a b", "user.a?b"),
        ("user.\u{1B}[m", "user.?[m"),
    ])
    func `a name that no reader gives back is refused`(name: String, shown: String) {
        let reason = "no tar reader gives the extended attribute \(shown) back under its name"
        #expect(throws: TarError(.writeHeader, reason: reason)) {
            try attributes([("user.a", []), (name, [1])])
        }
    }

    @Test func `every other character of ASCII is a name's own`() throws {
        let name = String(
            (33...126).map { Character(Unicode.Scalar($0)) }.filter { $0 != "%" && $0 != "=" })
        #expect(try attributes([("user.\(name)", [1])]).record("SCHILY.xattr.user.\(name)") == [1])
    }
}

struct TarWriterStreamTests {
    @Test func `more content than announced is an error`() throws {
        var writer = try TarWriter()
        try writer.begin(entry("a", .regular(size: 3)))
        try writer.write(Array("ab".utf8).span)
        #expect(throws: TarError(.writeContent, reason: "2 bytes, and the header left room for 1")) {
            try writer.write(Array("cd".utf8).span)
        }
    }

    @Test(arguments: [.directory, .fifo, .symbolicLink(target: [0x61])] as [TarEntry.Kind])
    func `content for what has none is an error`(kind: TarEntry.Kind) throws {
        var writer = try TarWriter()
        try writer.begin(entry("a", kind))
        #expect(throws: TarError(.writeContent, reason: "1 bytes, and the header left room for 0")) {
            try writer.write([1].span)
        }
    }

    @Test func `content read into the stream is the content that was read`() throws {
        var writer = try TarWriter()
        try writer.begin(entry("é", .regular(size: 1000)))
        for size in [0, 1, 600, 399] {
            let count = try writer.write { bytes in
                bytes += [UInt8](repeating: UInt8(ascii: "x"), count: size)
                return size
            }
            #expect(count == size)
        }
        try writer.endMember()
        try writer.begin(entry("next"))
        try writer.write(Array("x".utf8).span)
        try writer.endMember()
        try writer.finish()
        let taken = writer.take(reserving: 0)
        #expect(try taken == tar([entry("é", .regular(size: 1000)), entry("next")]))
    }

    @Test func `more content read than announced is an error`() throws {
        var writer = try TarWriter()
        try writer.begin(entry("a", .regular(size: 3)))
        #expect(throws: TarError(.writeContent, reason: "4 bytes, and the header left room for 3")) {
            try writer.write { bytes in
                bytes += [1, 2, 3, 4]
                return 4
            }
        }
    }

    @Test func `a member that nobody ended ends before the next one`() throws {
        var writer = try TarWriter()
        for path in ["é", "a", "ü", "b"] {
            try writer.begin(entry(path, .regular(size: 3)))
            try writer.write(Array("abc".utf8).span)
        }
        try writer.finish()
        let members = try TarMember.all(of: writer.take(reserving: 0))
        #expect(members.map(\.name) == ["é", "a", "ü", "b"])
        #expect(members.allSatisfy { $0.content == Array("abc".utf8) })
    }

    @Test func `bytes are taken at any time, and all of them once`() throws {
        let entries = (0..<50).map { entry("file\($0)", .regular(size: Int64($0 * 37))) }
        var writer = try TarWriter()
        var taken: [UInt8] = []
        for entry in entries {
            try writer.begin(entry)
            taken += writer.take(reserving: 10)
            guard case .regular(let size) = entry.kind else { continue }
            try writer.write([UInt8](repeating: UInt8(ascii: "x"), count: Int(size)).span)
            let pending = writer.pendingCount
            let bytes = writer.take(reserving: 10)
            #expect(bytes.count == pending)
            taken += bytes
            try writer.endMember()
        }
        try writer.finish()
        taken += writer.take(reserving: 0)
        #expect(try taken == tar(entries))
        #expect(writer.pendingCount == 0)
    }

    @Test func `the same entries give the same bytes`() throws {
        let entries = [entry("a"), entry("é"), entry("d", .directory)]
        #expect(try tar(entries) == tar(entries))
    }

    @Test func `a writer that is let go writes no end`() throws {
        var writer = try TarWriter()
        try writer.begin(entry("a", .regular(size: 600)))
        #expect(writer.pendingCount == 512)
    }

    @Test func `bsdtar and GNU tar list every entry`() throws {
        try Requirement.program("bsdtar")
        let scratch = try Scratch()
        let long = String(repeating: "long/", count: 50) + "name"
        let entries = [
            entry("d", .directory), entry("d/file", .regular(size: 700)), entry(long), entry("é/文"),
            entry("link", .symbolicLink(target: Array("d/file".utf8))),
            entry("hard", .hardLink(target: Array("d/file".utf8))), entry("pipe", .fifo),
            entry("null", .characterDevice(major: 1, minor: 3)),
        ]
        try Directory.writeFile(at: scratch["t.tar"], tar(entries))
        let expected = ["d/", "d/file", long, "é/文", "link", "hard", "pipe", "null"]
        for program in ["bsdtar", "tar"] {
            let listing = Command([program, "-tf", scratch["t.tar"].string]).with("LC_ALL", "C.UTF-8")
            let lines = try (program == "tar" ? listing.adding("--quoting-style=literal") : listing).succeed()
            #expect(lines.text.split(separator: "\n").map(String.init) == expected)
        }
    }
}
