import Cryptography
import Testing

struct SecretBoxTests {
    /// The box K2 of go-securesystemslib's tests, with the key that scrypt makes of its password.
    private static let key = "988b9234f3fbd13fa49c66df3f0087ea0c54c5af2fe77fedbff84974764cc881"
    private static let nonce = "2h8HxMmgRfuYdpswZBQaU3xJ1nkA/5Ik"
    private static let box = "SEW6sUh0jf2wfdjJGPNS9+bkk2uB+Cxamf32zR8XkQ=="

    @Test func `a box of other programs opens, and closes to the same`() throws {
        let (key, nonce, box) = try (secret(hex(Self.key)), base64(Self.nonce), base64(Self.box))
        let content = try #require(try SecretBox.open(box, nonce: nonce, key: key))
        #expect(plain(content) == Array("reallyimportant".utf8))
        #expect(SecretBox.seal(content, nonce: nonce, key: key) == box)
    }

    @Test func `a box that was changed in any byte, or is too short, stays closed`() throws {
        let (key, nonce, box) = try (secret(hex(Self.key)), base64(Self.nonce), base64(Self.box))
        for place in box.indices {
            var changed = box
            changed[place] ^= 1
            #expect(try SecretBox.open(changed, nonce: nonce, key: key) == nil)
            #expect(try SecretBox.open(Array(box.prefix(place)), nonce: nonce, key: key) == nil)
        }
    }

    @Test func `another key or nonce does not open it`() throws {
        let (key, nonce, box) = try (secret(hex(Self.key)), base64(Self.nonce), base64(Self.box))
        let zeros = [UInt8](repeating: 0, count: 24)
        #expect(try SecretBox.open(box, nonce: zeros, key: key) == nil)
        #expect(try SecretBox.open(box, nonce: nonce, key: secret([UInt8](repeating: 0, count: 32))) == nil)
    }

    @Test func `the version is the library's own`() { #expect(SecretBox.libraryVersion.hasPrefix("1.")) }

    @Test func `random bytes are as many as were asked for, and others every time`() throws {
        let (first, second) = try (RandomBytes.make(32), RandomBytes.make(32))
        #expect(first.count == 32 && second.count == 32)
        #expect(first != second)
        #expect(try RandomBytes.make(0) == [])
    }
}
