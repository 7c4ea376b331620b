import Cryptography
import Testing

struct PEMTests {
    private static let key = "-----BEGIN PUBLIC KEY-----\nAQID\n-----END PUBLIC KEY-----\n"

    @Test(arguments: [
        key, "\n \n" + key, key + "\n\n", String(key.dropLast()),
        "-----BEGIN PUBLIC KEY-----\r\nAQ\r\nID\r\n-----END PUBLIC KEY-----\r\n",
        "-----BEGIN PUBLIC KEY-----\nA\n Q \nID\n\n-----END PUBLIC KEY-----",
    ])
    func `white space does not matter`(text: String) throws {
        let pem = try PEM(parsing: Array(text.utf8))
        #expect(pem.label == "PUBLIC KEY")
        #expect(try pem.bytes() == [1, 2, 3])
        #expect(try plain(pem.secretBytes()) == [1, 2, 3])
    }

    @Test(arguments: [
        ("", "the file is empty"), ("\n \n", "the file is empty"), ("AQID", "does not begin"),
        ("hello\n" + key, "does not begin"), (String(key.dropLast(2)), "cut off"),
        (String(key.prefix(30)), "cut off"), (key + "x", "something follows"),
        (key + key, "something follows"),
        ("-----BEGIN A-----\nAQID\n-----END B-----\n", "does not end"),
        ("-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\n\nAQID\n-----END A-----\n", "headers"),
        ("-----BEGIN A-----\n-----BEGIN A-----\nAQID\n-----END A-----\n", "does not end"),
        ("-----BEGIN -----\nAQID\n-----END -----\n", "does not begin"),
        ("-----BEGIN \u{1B}[2J-----\nAQID\n-----END \u{1B}[2J-----\n", "does not begin"),
        ("-----BEGIN \(String(repeating: "A", count: 65))-----\n", "does not begin"),
    ])
    func `what is not exactly one block is refused`(text: String, reason: String) throws {
        let error = #expect(throws: KeyError.self) { try PEM(parsing: Array(text.utf8)) }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    }

    @Test(arguments: ["AQI", "AQ=D", "A*ID", ""])
    func `damaged base64 is refused`(body: String) throws {
        let pem = try PEM(parsing: Array("-----BEGIN A-----\n\(body)\n-----END A-----\n".utf8))
        let error = KeyError.malformedPEM("the A's base64 is damaged")
        #expect(throws: error) { try pem.bytes() }
        #expect(throws: error) { try pem.secretBytes() }
    }

    @Test func `a file of more than 64 KiB is refused`() {
        let text = Self.key + String(repeating: "\n", count: 65_536)
        #expect(throws: KeyError.tooLarge) { try PEM(parsing: Array(text.utf8)) }
    }

    @Test func `lines have 64 columns`() {
        let text = String(decoding: PEM.text("A B", [UInt8](repeating: 0, count: 49)), as: UTF8.self)
        #expect(
            text == "-----BEGIN A B-----\n\(String(repeating: "A", count: 64))\nAA==\n-----END A B-----\n")
        let full = String(decoding: PEM.text("A", [UInt8](repeating: 0, count: 48)), as: UTF8.self)
        #expect(full == "-----BEGIN A-----\n\(String(repeating: "A", count: 64))\n-----END A-----\n")
    }
}
