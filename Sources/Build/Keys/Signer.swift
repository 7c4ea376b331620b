public import Cryptography
import Linux

/// Who signs: a key that varve holds, or a program that reaches one it does not.
public enum Signer: Sendable {
    /// A key.
    case key(SigningKey)
    /// A program with its arguments, and the key that its signatures are checked with.
    case command([[UInt8]], VerificationKey)

    private static let outputLimit = 16 << 10
    private static let seconds = 60

    /// A program's command line, split at spaces: there is no shell, no quoting and no variable.
    ///
    /// - Parameters:
    ///   - command: Such as `openssl dgst -sha256 -sign key.pem`.
    ///   - publicKey: A P-256 key.
    /// - Throws: ``BuildError/usage(_:_:)``.
    public init(command: [UInt8], publicKey: VerificationKey) throws(BuildError) {
        let flag = "--sign-command"
        guard !command.contains(where: { $0 == UInt8(ascii: "'") || $0 == UInt8(ascii: "\"") }) else {
            throw .usage(
                flag, "quotes mean nothing here: words are split at spaces; put what needs more into a script"
            )
        }
        guard !command.contains(0) else { throw .usage(flag, "a NUL byte is in it") }
        let words = command.split(separator: UInt8(ascii: " ")).map(Array.init)
        guard !words.isEmpty else { throw .usage(flag, "it names no program") }
        guard publicKey.kind == .p256 else {
            throw .usage(flag, "its public key is \(publicKey.kind): varve signs with P-256 alone")
        }
        self = .command(words, publicKey)
    }

    /// The key that verifies what is signed.
    public var verificationKey: VerificationKey {
        switch self {
        case .key(let key): key.verificationKey
        case .command(_, let key): key
        }
    }

    /// Signs a message.
    ///
    /// A program reads the message at its standard input and writes the signature to standard output: DER, or raw, or
    /// either of them in base64. It has a minute and 16 KiB, and does not see varve's own secrets.
    ///
    /// - Returns: An ECDSA signature of the message's SHA-256, in DER, that was verified.
    /// - Throws: ``BuildError/wrongSignature(_:)``, `ChildError`, `CryptographyError`, `Interruption`.
    public func sign(_ message: [UInt8]) throws -> [UInt8] {
        switch self {
        case .key(let key):
            let signature = try key.sign(message)
            guard key.verificationKey.verifies(signature, of: message) else {
                throw BuildError.wrongSignature("the key")
            }
            return signature
        case .command(let words, let key):
            let program = ChildProgram(words, without: KeySettings.secretVariables.sorted())
            let output = try program.run(input: message, limit: Self.outputLimit, seconds: Self.seconds)
            guard let signature = Self.signature(in: output, of: message, key) else {
                throw BuildError.wrongSignature(program.name)
            }
            return signature
        }
    }

    private static func signature(in output: [UInt8], of message: [UInt8], _ key: VerificationKey) -> [UInt8]?
    {
        let text = output.filter { ![9, 10, 13, 32].contains($0) }
        for bytes in [output, Base64.bytes(text)].compactMap({ $0 }) {
            // Raw first: the key takes both forms, and only one of them shall go out.
            for form in [ECDSASignature(raw: bytes, numberSize: 32)?.der, bytes].compactMap({ $0 })
            where key.verifies(form, of: message) { return form }
        }
        return nil
    }
}
