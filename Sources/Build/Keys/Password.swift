import Cryptography
import Linux

/// Where the password of a private key comes from: `COSIGN_PASSWORD`, a person at the terminal, or standard input.
///
/// The variable counts where it is set, also to nothing; it is taken out of the environment when it is read. A person
/// is asked where standard input is a terminal. Else all of standard input is the password, but for one
/// newline at its end. The first and the last say one password, whatever it is asked for.
public final class Password {
    /// The variable that cosign reads.
    public static let variable = "COSIGN_PASSWORD"
    private static let limit = 64 << 10

    private var known: SecretBytes?

    /// Nothing is read before it is needed.
    public init() {}

    /// The password that a key has.
    ///
    /// - Throws: ``BuildError/password(_:)``, `FileError`, `Interruption`.
    func existing(of key: String) throws -> SecretBytes {
        try given() ?? Self.prompt("password of \(key): ")
    }

    /// The password that a new key shall have; a person types it twice.
    ///
    /// - Throws: ``BuildError/password(_:)``, `FileError`, `Interruption`.
    func new(of key: String) throws -> SecretBytes {
        if let given = try given() { return given }
        let first = try Self.prompt("new password of \(key): ")
        guard try Self.prompt("the same again: ") == first else {
            throw BuildError.password("the passwords are not the same")
        }
        return first
    }

    private func given() throws -> SecretBytes? {
        if let known { return known }
        known = try SecretVariable.take(Self.variable) { try Self.kept($0) }
        if known == nil, !Terminal.isStandardInput { known = try Self.standardInput() }
        return known
    }

    private static func kept(_ bytes: Span<UInt8>) throws -> SecretBytes {
        guard bytes.count <= limit else { throw tooLong }
        return try SecretBytes(bytes)
    }

    private static func prompt(_ text: String) throws -> SecretBytes {
        let terminal = try Terminal()
        let typed = try SecretBytes(capacity: limit + 1) { try terminal.readSecret(prompt: text, into: &$0) }
        guard typed.count <= limit else { throw tooLong }
        return typed
    }

    private static func standardInput() throws -> SecretBytes {
        let file = try File.standardInput()
        var isEmpty = false
        // One byte more for the newline, and one that shows that there are too many.
        let password = try SecretBytes(capacity: limit + 2) { memory in
            var count = 0
            while count < memory.count {
                file.awaitInput()
                try Interruption.check()
                let taken = try file.read(into: &memory, from: count)
                guard taken > 0 else { break }
                count += taken
            }
            isEmpty = count == 0
            return count > 0 && memory[count - 1] == UInt8(ascii: "\n") ? count - 1 : count
        }
        guard !isEmpty else {
            // What is started without an input shall not get a key that everybody opens.
            throw BuildError.password("standard input is empty; set \(variable), to nothing for no password")
        }
        guard password.count <= limit else { throw tooLong }
        return password
    }

    private static let tooLong = BuildError.password("it is longer than 64 KiB")
}
