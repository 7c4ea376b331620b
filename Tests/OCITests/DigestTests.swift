import OCI
import Testing

private let a = String(repeating: "a", count: 64)

struct DigestTests {
    @Test(
        "A text that is no sha256 digest is refused and given back",
        arguments: [
            "", "sha256:", "sha256", a, "sha256-\(a)", "sha512:\(a)\(a)", "sha512:\(a)", "SHA256:\(a)",
            "sha256:\(a.uppercased())", "sha256:\(a)a", "sha256:\(a.dropLast())", "sha256:\(a.dropLast())g",
            "sha256:../../\(a.dropLast(6))", " sha256:\(a)", "sha256:\(a) ", "sha256:\(a)\n", "sha256::\(a)",
            "sha256:\(a.dropLast())\0", "sha256:\(a.dropLast(2))é", "sha256:\(a)@sha256:\(a)",
            "sha256:\(a.dropLast())\u{FF41}", "sha256:\u{301}\(a.dropLast(2))", "sha384:\(a)",
            "sha256+b64:\(a)",
        ])
    func refuses(text: String) {
        #expect(throws: OCIError.malformedDigest(text)) { try Digest(parsing: text) }
    }

    @Test func `parsing and describing a digest gives the same text`() throws {
        let text = "sha256:" + String(repeating: "0f", count: 32)
        #expect(try Digest(parsing: text).description == text)
        #expect(try Digest(parsing: text).hex == String(repeating: "0f", count: 32))
    }

    @Test func `32 bytes are written in small hexadecimal digits`() {
        let digest = Digest(sha256: [0x00, 0x01, 0xAB, 0xFF] + Array(repeating: 0x9C, count: 28))
        #expect(digest.hex == "0001abff" + String(repeating: "9c", count: 28))
    }

    @Test func `another number of bytes is a programmer's mistake`() async {
        await #expect(processExitsWith: .failure) { _ = Digest(sha256: [1, 2, 3]) }
    }

    @Test func `digests are ordered by their digits`() throws {
        let digests = try ["f", "0", "a"].map { try Digest(parsing: digestText($0)) }
        #expect(digests.sorted().map(\.hex.first) == ["0", "a", "f"])
    }

    @Test func `the empty object's digest is the one that the specification names`() {
        #expect(
            Descriptor.empty.digest.description
                == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")
        #expect(Descriptor.empty.size == 2)
    }
}
