import Testing

import OCI

struct Base64Tests {
    /// RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func `the standard's examples`(text: String, expected: String) {
        #expect(Base64.text(of: Array(text.utf8)) == expected)
        #expect(Base64.bytes(of: expected) == Array(text.utf8))
    }

    @Test func `every digit is used`() {
        #expect(Base64.text(of: [0xFB, 0xFF, 0xBF]) == "+/+/")
    }

    @Test func `the other alphabet is read, and not mixed with the first`() {
        #expect(Base64.bytes(of: "-_-_") == [0xFB, 0xFF, 0xBF])
        #expect(Base64.bytes(of: "-_+/") == nil)
    }

    @Test(
        "what is not written so is refused",
        arguments: [
            "Zg", "Zg=", "Zg===", "=", "====", "Zm9v\n", "Zm9v\r\n", "Zm\n9v", " Zm9v", "Zm9v====", "Zh==", "Zm9=",
            "Z===", "Zm9v!AAA", "Zg==Zg==", "Zm9ü",
        ])
    func refusal(text: String) {
        #expect(Base64.bytes(of: text) == nil)
    }

    @Test func `any bytes come back`() {
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ count) }
            #expect(Base64.bytes(of: Base64.text(of: bytes)) == bytes)
        }
    }
}
