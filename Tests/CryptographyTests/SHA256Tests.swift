import Cryptography
import SystemPackage
import TestSupport
import Testing

private func hash(_ pieces: [[UInt8]]) throws -> String {
    var sha256 = try SHA256()
    for piece in pieces { sha256.update(piece.span) }
    return sha256.finish().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

struct SHA256Tests {
    /// NIST, "SHA-256 example" and "SHA Test Vectors"; FIPS 180-4.
    @Test(arguments: [
        ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            1, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
        ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ])
    func `the standard's examples come out`(text: String, times: Int, hash expected: String) throws {
        let message = [[UInt8]](repeating: Array(text.utf8), count: times).flatMap { $0 }
        #expect(try hash([message]) == expected)
    }

    @Test(arguments: [1, 3, 63, 64, 65, 1000, 4096])
    func `pieces of any size give the hash of the whole`(size: Int) throws {
        let message = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
        let pieces = stride(from: 0, to: message.count, by: size).map {
            Array(message[$0..<min($0 + size, message.count)])
        }
        #expect(try hash(pieces) == hash([message]))
    }

    @Test func `empty pieces change nothing`() throws {
        #expect(try hash([[], [1], [], [2], []]) == hash([[1, 2]]))
    }

    @Test func `sha256sum comes to the same`() throws {
        let scratch = try Scratch()
        let path = try scratch.write("file", String(repeating: "0123456789", count: 30_000))
        let line = try Command(["sha256sum", path.string]).succeed().line
        #expect(try line.hasPrefix(hash([content(of: path)])))
    }

    @Test func `the version is the library's own`() throws {
        #expect(SHA256.libraryVersion.hasPrefix("3."))
    }
}
