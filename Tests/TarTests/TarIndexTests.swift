import TestSupport
import Testing

@testable import Tar

struct TarIndexTests {
    private func index(_ bytes: [UInt8], limit: Int = 100) throws -> [TarIndex.Member] {
        try TarIndex(size: Int64(bytes.count), limit: limit) { offset, count, buffer in
            let start = Int(offset)
            let piece = bytes[start..<min(start + count, bytes.count)]
            buffer += piece
            return piece.count
        }.members
    }

    @Test(arguments: [0, 1, 511, 512, 513, 20_000, 100_000])
    func `a member's place is where its content is`(size: Int) throws {
        let content = (0..<size).map { UInt8($0 & 0xff) }
        let bytes = TarBytes.archive([
            .file("first", [1, 2, 3]), .file("wanted", content), .file("last", [4]),
        ])
        let members = try index(bytes)
        #expect(members.map(\.path) == ["first", "wanted", "last"].map { Array($0.utf8) })
        let place = members[1].content
        #expect(Array(bytes[Int(place.lowerBound)..<Int(place.upperBound)]) == content)
    }

    @Test func `content is skipped, not read`() throws {
        let bytes = TarBytes.archive([
            .file("a", [UInt8](repeating: 1, count: 10_000_000)), .file("b", [2]),
        ])
        var count = 0
        _ = try TarIndex(size: Int64(bytes.count), limit: 10) { offset, wanted, buffer in
            let piece = bytes[Int(offset)..<min(Int(offset) + wanted, bytes.count)]
            buffer += piece
            count += piece.count
            return piece.count
        }
        #expect(count < 100_000)
    }

    @Test func `a pax header counts, and does not stand among the members`() throws {
        let long = String(repeating: "n", count: 300)
        let bytes = TarBytes.archive([TarBytes.pax([("path", long)]), .file("short", [7, 8])])
        let members = try index(bytes)
        #expect(members.map(\.path) == [Array(long.utf8)])
        #expect(bytes[Int(members[0].content.lowerBound)] == 7)
    }

    @Test(arguments: [
        ("1", "x", TarIndex.Member.Kind.hardLink(target: [0x78])), ("2", "y", .symbolicLink(target: [0x79])),
        ("5", "", .directory), ("6", "", .special), ("3", "", .special),
    ])
    func `what is no file has its kind and no content`(
        type: Character, link: String, kind: TarIndex.Member.Kind
    ) throws {
        let members = try index(TarBytes.archive([.other("a", type, link: link)]))
        #expect(members == [TarIndex.Member(path: [0x61], kind: kind, content: 0..<0)])
    }

    @Test func `a file stored without its holes is special`() throws {
        let records = [
            ("GNU.sparse.size", "10000"), ("GNU.sparse.numblocks", "1"), ("GNU.sparse.map", "0,3"),
        ]
        let members = try index(TarBytes.archive([TarBytes.pax(records), .file("a", [1, 2, 3])]))
        #expect(members.map(\.kind) == [.special])
    }

    @Test("what libarchive would take for something else is an error", arguments: ["Z", "A"])
    func strangeType(type: Character) {
        #expect(throws: TarError.self) { try index(TarBytes.archive([.other("a", type, [1])])) }
    }

    @Test(arguments: ["77777777777\0", "00000002001\0", "-1         \0"])
    func `a size beyond the archive is an error`(size: String) {
        #expect(throws: TarError.self) { try index(TarBytes.archive([.other("a", "0", size: size)])) }
    }

    @Test(arguments: [0, 1, 511, 513, 1023])
    func `an archive that was cut is an error`(length: Int) {
        let bytes = TarBytes.archive([.file("a", [UInt8](repeating: 1, count: 600))])
        #expect(throws: TarError.self) { try index(Array(bytes.prefix(length))) }
    }

    @Test func `a damaged header is an error, also behind good ones`() {
        var bytes = TarBytes.archive([.file("a", [1]), .file("b", [2])])
        bytes[1024 + 5] ^= 1
        #expect(throws: TarError.self) { try index(bytes) }
    }

    @Test func `malformed pax records are an error`() {
        let pax = TarBytes.Member.other("pax", "x", Array("99 path=x\n".utf8))
        #expect(throws: TarError.self) { try index(TarBytes.archive([pax, .file("a", [1])])) }
    }

    @Test func `a name in UTF-8 is no error`() throws {
        let name = "e\u{301}ü"
        let members = try index(TarBytes.archive([TarBytes.pax([("path", name)]), .file("a", [1])]))
        #expect(members.map(\.path) == [Array(name.utf8)])
    }

    @Test func `behind the end only zeros may lie`() throws {
        let bytes = TarBytes.archive([.file("a", [1])])
        #expect(try index(bytes + [UInt8](repeating: 0, count: 9000)).count == 1)
        #expect(throws: TarError.self) { try index(bytes + [UInt8](repeating: 0, count: 9000) + [1]) }
        #expect(throws: TarError.self) { try index(bytes + bytes) }
    }

    @Test func `too many members are an error`() {
        let bytes = TarBytes.archive((0..<5).map { .file("\($0)", []) })
        #expect(throws: TarError(.readHeader, reason: "there are more than 4 members")) {
            try index(bytes, limit: 4)
        }
    }

    @Test func `what reading throws comes out as it is`() {
        struct Mistake: Error {}
        #expect(throws: Mistake.self) { try TarIndex(size: 512, limit: 1) { _, _, _ in throw Mistake() } }
    }
}
