import Linux
import Testing

struct FileNameTests {
    @Test func `names are ordered by their bytes, and a prefix comes first`() {
        let ordered: [[UInt8]] = [
            [], [0x01], Array("A".utf8), Array("a".utf8), Array("a.b".utf8), Array("a0".utf8),
            Array("aa".utf8), Array("b".utf8), [0x7F], [0x80], Array("é".utf8), [0xFF],
        ]
        let names = ordered.map { FileName($0) }
        #expect(names.shuffled().sorted() == names)
    }

    @Test func `a name keeps its bytes up to the first NUL`() {
        #expect(Array(FileName([0xFF, 0x0A, 0x2E]).bytes) == [0xFF, 0x0A, 0x2E])
        #expect(Array(FileName([0x61, 0x00, 0x62]).bytes) == [0x61])
    }

    @Test func `names that only look equal are two names`() {
        let names: Set<FileName> = [FileName("\u{E9}".utf8), FileName("e\u{301}".utf8)]
        #expect(names.count == 2)
    }
}
