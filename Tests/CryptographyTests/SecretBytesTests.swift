import Cryptography
import Testing

struct SecretBytesTests {
    @Test(arguments: [0, 1, 4096, 65_536])
    func `bytes come out as they went in`(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let kept = try secret(bytes)
        #expect(kept.count == count)
        #expect(plain(kept) == bytes)
    }

    @Test func `a closure fills as many as it says`() throws {
        let kept = try SecretBytes(capacity: 8) { memory in
            for place in 0..<3 { memory[place] = UInt8(place + 1) }
            return 3
        }
        #expect(plain(kept) == [1, 2, 3])
        #expect(plain(try kept.prefix(2)) == [1, 2])
    }

    @Test func `an error of the closure comes through`() {
        #expect(throws: KeyError.wrongPassword) {
            try SecretBytes(capacity: 8) { _ in throw KeyError.wrongPassword }
        }
    }

    @Test func `equal is what has the same bytes and number`() throws {
        #expect(try secret("a") == secret("a"))
        #expect(try secret("a") != secret("b"))
        #expect(try secret("a") != secret("ab"))
        #expect(try secret("") == secret(""))
    }

    @Test func `printing and dumping show no byte`() throws {
        let kept = try secret("hush")
        var dumped = ""
        dump(kept, to: &dumped)
        for text in ["\(kept)", String(reflecting: kept), dumped] {
            #expect(!text.contains("hush"))
            #expect(!text.contains("104"))
            #expect(text.contains("4 secret bytes"))
        }
    }

    @Test func `an array is wiped`() {
        var bytes: [UInt8] = [1, 2, 3]
        bytes.wipe()
        #expect(bytes == [])
    }
}
