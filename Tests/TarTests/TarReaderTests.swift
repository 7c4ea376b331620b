import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Tar

/// A member as it was read: the header and all its content, holes as zeros.
private struct Read: Equatable {
    let entry: TarEntry
    var content: [UInt8] = []
}

private func read(_ tar: [UInt8], chunk: Int = 1 << 20) throws -> [Read] {
    var rest = tar[...]
    var reader = try TarReader {
        guard !rest.isEmpty else { return nil }
        defer { rest = rest.dropFirst(chunk) }
        return Array(rest.prefix(chunk))
    }
    var members: [Read] = []
    while let entry = try reader.next() {
        var member = Read(entry: entry)
        try reader.content { offset, bytes in
            while member.content.count < Int(offset) { member.content.append(0) }
            for place in 0..<bytes.count { member.content.append(bytes[place]) }
        }
        members.append(member)
    }
    return members
}

private func tar(_ entry: TarEntry, _ content: String = "") throws -> [UInt8] {
    var writer = try TarWriter()
    try writer.begin(entry)
    try writer.write(Array(content.utf8).span)
    try writer.finish()
    return writer.take(reserving: 0)
}

struct TarReaderTests {
    @Test("a device has numbers of 32 bits", arguments: ["SCHILY.devmajor", "SCHILY.devminor"], ["3", "4"])
    func device(key: String, type: Character) throws {
        let tar = TarBytes.archive([TarBytes.pax([(key, "-4294967296")]), .other("null", type)])
        var rest = [tar][...]
        var reader = try TarReader { rest.popFirst() }
        let error = #expect(throws: TarError.self) { try reader.next() }
        #expect(error?.reason.contains("device numbers") == true)
    }

    @Test("what stands behind the end is seen however the source divides it", arguments: [64, 511, 4096])
    func behindTheEnd(size: Int) throws {
        // Libarchive looks at the second of the two blocks that end an archive, and does not mind what it holds.
        var tar = TarBytes.archive([.file("a", Array("b".utf8))])
        tar[tar.count - 500] = 1
        var rest = tar[...]
        var reader = try TarReader {
            defer { rest = rest.dropFirst(size) }
            return rest.isEmpty ? nil : Array(rest.prefix(size))
        }
        while try reader.next() != nil {}
        #expect(throws: TarError.self) { try reader.finish() }
    }

    @Test(
        arguments: [
            .regular(size: 3), .directory, .symbolicLink(target: Array("../ü".utf8)),
            .hardLink(target: [0x61, 0xff]), .fifo, .characterDevice(major: 5, minor: 1),
            .blockDevice(major: 259, minor: 70_000),
        ] as [TarEntry.Kind],
        [
            Array("plain".utf8), Array("ü e\u{301}".utf8), [0x62, 0xff, 0xfe], Array("new\nline".utf8),
            Array(String(repeating: "d/", count: 400).utf8) + [0x66],
        ] as [[UInt8]])
    func `what varve writes comes back, names byte for byte`(kind: TarEntry.Kind, path: [UInt8]) throws {
        let entry = TarEntry(
            path: path, kind: kind, permissions: 0o6751, user: 4_000_000_000, group: 3, modified: -5,
            attributes: [(Array("user.a".utf8), [0, 1, 255]), (Array("user.b".utf8), [])])
        let isFile = if case .regular = kind { true } else { false }
        let members = try read(tar(entry, isFile ? "abc" : ""))
        var expected = entry
        if kind == .directory { expected.path += [47] }
        // Libarchive's own writer leaves an empty value out.
        expected.attributes = [entry.attributes[0]]
        try #require(members.count == 1)
        var found = members[0].entry
        found.attributes = found.attributes.filter { !$0.value.isEmpty }
        #expect(found == expected)
        #expect(members[0].content == Array((isFile ? "abc" : "").utf8))
    }

    @Test(arguments: [1, 7, 511, 512, 513, 100_000])
    func `the size of the chunks changes nothing`(chunk: Int) throws {
        let entry = TarEntry(path: Array("f".utf8), kind: .regular(size: 1300), permissions: 0o644)
        let members = try read(tar(entry, String(repeating: "x", count: 1300)), chunk: chunk)
        #expect(members.map(\.content) == [[UInt8](repeating: 120, count: 1300)])
    }

    @Test(arguments: ["gnu", "pax", "ustar", "v7", "oldgnu"])
    func `GNU tar's formats are read`(format: String) throws {
        let scratch = try Scratch()
        try scratch.write("tree/dir/file", "content")
        try Command(shell: "cd '\(scratch["tree"])' && ln -s file dir/link && ln dir/file dir/name").succeed()
        try Command([
            "tar", "--sort=name", "-C", scratch["tree"].string, "--format=\(format)", "-cf",
            scratch["t"].string, "dir",
        ]).succeed()
        let members = try read(content(of: scratch["t"]))
        #expect(
            members.map { String(decoding: $0.entry.path, as: UTF8.self) } == [
                "dir/", "dir/file", "dir/link", "dir/name",
            ])
        #expect(members[1].content == Array("content".utf8))
        #expect(members[2].entry.kind == .symbolicLink(target: Array("file".utf8)))
        #expect(members[3].entry.kind == .hardLink(target: Array("dir/file".utf8)))
    }

    @Test(arguments: ["gnu", "posix"])
    func `a sparse file comes with its holes`(format: String) throws {
        let scratch = try Scratch()
        try Command(
            shell: """
                cd '\(scratch.path)' && truncate -s 1M f && printf abc | dd of=f bs=1 seek=500000 conv=notrunc status=none \
                && tar --format=\(format) -S -cf t f
                """
        ).succeed()
        let members = try read(content(of: scratch["t"]))
        #expect(members.first?.entry.kind == .regular(size: 1 << 20))
        let bytes = try #require(members.first?.content)
        #expect(bytes[500_000..<500_003].elementsEqual("abc".utf8))
        #expect(bytes[..<500_000].allSatisfy { $0 == 0 })
    }

    @Test func `an empty archive and no bytes at all have no members`() throws {
        #expect(try read([UInt8](repeating: 0, count: 1024)).isEmpty)
        #expect(try read([]).isEmpty)
    }

    @Test(
        arguments: [
            ("C5 a record's length", [(99, "path=abc")], "malformed"),
            ("C5 no equal sign", [(nil, "comment")], "pax"),
            ("C7 a size beyond 2^63", [(nil, "size=9223372036854775808")], "size"),
            ("C9 owner 2^33", [(nil, "uid=8589934592")], "owner"),
            ("C9 owner -2", [(nil, "gid=-2")], "owner"),
            ("C9 owner 2^32-1", [(nil, "uid=4294967295")], "owner"),
        ] as [(String, [(Int?, String)], String)])
    func `what libarchive lets pass is refused`(title: String, records: [(Int?, String)], word: String) throws
    {
        let text = records.map { length, record in
            let rest = " \(record)\n"
            var found = rest.utf8.count + 1
            while "\(found)".utf8.count + rest.utf8.count != found { found += 1 }
            return "\(length ?? found)\(rest)"
        }.joined()
        let bytes = TarBytes.archive([.other("pax", "x", Array(text.utf8)), .file("f", [])])
        #expect("\(title)") { () throws in
            _ = try read(bytes)
        } throws: { "\($0)".lowercased().contains(word) }
    }

    @Test(
        arguments: [
            ("C10 cpio", "070701" + String(repeating: "0", count: 600)),
            ("C10 text", String(repeating: "hello world ", count: 100)),
            ("C10 zip", "PK\u{3}\u{4}" + String(repeating: "x", count: 600)),
            ("C10 mtree", "#mtree\n./f contents=/etc/passwd\n" + String(repeating: "#\n", count: 400)),
        ])
    func `what is no tar is refused`(title: String, text: String) throws {
        #expect(throws: TarError.self, "\(title)") { _ = try read(Array(text.utf8)) }
    }

    @Test(arguments: [0, 1, 511], [true, false])
    func `an archive may end with its last member's content`(padding: Int, isRead: Bool) throws {
        let entry = TarEntry(path: Array("f".utf8), kind: .regular(size: 600), permissions: 0o644)
        let whole = try tar(entry, String(repeating: "x", count: 600))
        var rest = [Array(whole.prefix(512 + 600 + min(padding, 424)))][...]
        var reader = try TarReader { rest.popFirst() }
        #expect(try reader.next()?.path == entry.path)
        var count = 0
        if isRead { try reader.content { _, bytes in count += bytes.count } }
        #expect(count == (isRead ? 600 : 0))
        #expect(try reader.next() == nil)
        try reader.finish()
    }

    @Test func `a truncated archive never reads as a whole one`() throws {
        let entry = TarEntry(path: Array("f".utf8), kind: .regular(size: 3000), permissions: 0o644)
        let whole = try tar(entry, String(repeating: "x", count: 3000))
        for count in stride(from: 1, to: 512 + 3000, by: 97) {
            #expect(throws: TarError.self, "\(count) bytes") { _ = try read(Array(whole.prefix(count))) }
        }
    }

    @Test("a kind that nobody knows is none", arguments: ["Z", "A", "\u{1}", " "], [1, 100, 512, 4096])
    func strangeType(type: Character, chunk: Int) {
        #expect(throws: TarError.self) {
            try read(TarBytes.archive([.file("a", [1]), .other("b", type, [1])]), chunk: chunk)
        }
    }

    @Test(
        arguments: [
            ("-1.25", -2, 750_000_000), ("-2", -2, 0), ("1.5", 1, 500_000_000),
            ("-9223372036854775807.5", Int64.min, 500_000_000),
        ] as [(String, Int64, UInt32)])
    func `a time before 1970 has a fraction that goes onwards`(
        text: String, seconds: Int64, nanoseconds: UInt32
    ) throws {
        let entry = try #require(
            read(TarBytes.archive([TarBytes.pax([("mtime", text)]), .file("f", [])])).first?.entry)
        #expect((entry.modified, entry.nanoseconds) == (seconds, nanoseconds))
    }

    @Test func `an error of the source is the error`() throws {
        struct Lost: Error {}
        var reader = try TarReader { throw Lost() }
        #expect(throws: Lost.self) { _ = try reader.next() }
    }
}
