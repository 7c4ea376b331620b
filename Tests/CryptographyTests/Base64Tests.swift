import Cryptography
import Testing

struct Base64Tests {
    /// RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func `the standard's examples`(text: String, expected: String) {
        #expect(Base64.text(of: Array(text.utf8)) == expected)
    }

    @Test func `every digit is used`() {
        #expect(Base64.text(of: [0xFB, 0xFF, 0xBF]) == "+/+/")
    }

    @Test func `the other alphabet is read, and not mixed with the first`() {
        #expect(Base64.bytes("-_-_".utf8) == [0xFB, 0xFF, 0xBF])
    }

    @Test(arguments: [0, 1, 2, 3, 49_151, 49_152, 49_153, 100_000])
    func `bytes of any number come back`(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 9) }
        let text = Base64.text(of: bytes)
        #expect(Base64.bytes(text.utf8) == bytes)
        let secret = try #require(try Base64.secretBytes(Array(text.utf8)))
        #expect(secret.withSpan { span in span.indices.allSatisfy { span[$0] == bytes[$0] } })
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9v=", "Zm9vZg", "Zm 9", "Zm9v\n", "-_+/", "=Zg=",
        "Zg==Zg==",
    ])
    func `what is not exactly base64 is refused`(text: String) throws {
        #expect(Base64.bytes(text.utf8) == nil)
        #expect(try Base64.secretBytes(Array(text.utf8)) == nil)
    }
}
