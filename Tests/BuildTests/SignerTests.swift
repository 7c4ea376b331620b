import Build
import Cryptography
import Linux
import SystemPackage
import TestSupport
import Testing

struct SignerTests {
    private let message = Array("a layer of sediment".utf8)
    private let key: SigningKey
    private let scratch: Scratch

    init() throws {
        key = try .generate()
        scratch = try Scratch()
    }

    /// A program that reads the message and writes what the test wants.
    private func signer(_ script: String) throws -> Signer {
        let path = try scratch.write("sign", script)
        return try Signer(command: Array("sh  \(path) ".utf8), publicKey: key.verificationKey)
    }

    /// The signature's two numbers, 32 bytes each, out of its DER.
    private func raw(_ der: [UInt8]) -> [UInt8] {
        let first = der[4..<(4 + Int(der[3]))]
        let second = der.dropFirst(first.endIndex + 2)
        return [first, second].flatMap { digits in
            [UInt8](repeating: 0, count: max(0, 32 - digits.count)) + digits.suffix(32)
        }
    }

    @Test func `a key's signature is in DER and verifies`() throws {
        let signer = Signer.key(key)
        let signature = try signer.sign(message)
        #expect(signature.first == 0x30)
        #expect(signer.verificationKey.verifies(signature, of: message))
    }

    @Test(arguments: ["der", "raw", "der base64", "raw base64", "raw base64 in lines"])
    func `a program's signature comes out in DER, whatever its form`(form: String) throws {
        let der = try key.sign(message)
        var answer = form.hasPrefix("raw") ? raw(der) : der
        if form.contains("base64") { answer = Array(Base64.text(of: answer).utf8) }
        if form.hasSuffix("lines") { answer = answer.prefix(40) + [13, 10] + answer.dropFirst(40) + [10] }
        let home = try Directory.open(scratch.path)
        try home.createFile("answer").write(answer.span)
        #expect(try signer("cat >/dev/null; cat '\(scratch["answer"])'").sign(message) == der)
    }

    @Test func `a program reads the message and has no password in its environment`() throws {
        let signer = try signer("cat >'\(scratch["message"])'; env >'\(scratch["environment"])'")
        #expect(throws: BuildError.wrongSignature("sh")) { try signer.sign(message) }
        #expect(try content(of: scratch["message"]) == message)
        #expect(try !text(of: scratch["environment"]).contains("COSIGN_PASSWORD="))
    }

    @Test(arguments: ["", "echo no", "head -c 64 /dev/zero", "printf 0"])
    func `an answer that is no signature of the message is refused`(script: String) throws {
        let signer = try signer("cat >/dev/null; \(script)")
        #expect(throws: BuildError.wrongSignature("sh")) { try signer.sign(message) }
        #expect(ErrorClass(of: BuildError.wrongSignature("sh")) == .integrity)
    }

    @Test func `another message's signature is refused`() throws {
        let other = Base64.text(of: try key.sign(message + [0]))
        #expect(throws: BuildError.wrongSignature("sh")) { try signer("echo \(other)").sign(message) }
    }

    @Test func `a program that fails, or says too much, is told`() throws {
        #expect(throws: ChildError.failed("sh", status: 3)) { try signer("exit 3").sign(message) }
        #expect(throws: ChildError.tooMuchOutput("sh", limit: 16_384)) {
            try signer("head -c 16385 /dev/zero").sign(message)
        }
    }

    @Test(arguments: [
        ("", "no program"), ("   ", "no program"), ("sh -c 'a b'", "quotes"), ("sh \"a\"", "quotes"),
        ("sh\0", "NUL"),
    ])
    func `a command line that is none is refused`(command: String, reason: String) {
        let error = #expect(throws: BuildError.self) {
            try Signer(command: Array(command.utf8), publicKey: key.verificationKey)
        }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    }

    @Test func `a public key of another kind is refused`() throws {
        let spki: [UInt8] =
            [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]
            + [UInt8](repeating: 1, count: 32)
        let error = #expect(throws: BuildError.self) {
            try Signer(command: [97], publicKey: VerificationKey(spki: spki))
        }
        #expect(error?.description.contains("Ed25519: varve signs with P-256 alone") == true)
    }
}
