import Cryptography
import Testing

struct ScryptTests {
    /// RFC 7914, section 12.
    @Test(arguments: [
        (
            "", "", Scrypt(cost: 16, blockSize: 1, parallelism: 1),
            """
            77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442\
            fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906
            """
        ),
        (
            "password", "NaCl", Scrypt(cost: 1024, blockSize: 8, parallelism: 16),
            """
            fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162\
            2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640
            """
        ),
    ])
    func `the RFC's examples come out`(
        password: String, salt: String, scrypt: Scrypt, expected: String
    ) throws {
        let key = try scrypt.key(of: secret(password), salt: Array(salt.utf8), count: 64)
        #expect(plain(key) == hex(expected))
    }

    @Test func `parameters that are none are an error`() throws {
        let scrypt = Scrypt(cost: 3, blockSize: 8, parallelism: 1)
        #expect(throws: CryptographyError.self) { try scrypt.key(of: secret("p"), salt: [], count: 32) }
    }
}
