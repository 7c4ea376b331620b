import Cryptography
import Linux

/// A secret that somebody hands over at standard input, or types.
enum SecretInput {
    /// The most bytes of one: 64 KiB.
    static let limit = 64 << 10

    /// All of standard input, but for newlines at its end.
    ///
    /// - Parameter newlines: How many newlines at most do not belong to the secret.
    /// - Throws: ``BuildError/password(_:)`` for one that is too long, `FileError`, `Interruption`, `CryptographyError`.
    /// - Returns: The secret; `nil` where there was nothing at all.
    static func all(droppingNewlines newlines: Int) throws -> SecretBytes? {
        let file = try File.standardInput()
        var isEmpty = false
        // One byte more for a newline, and one that shows that there are too many.
        let secret = try SecretBytes(capacity: limit + 2) { memory in
            var count = try file.fill(&memory)
            isEmpty = count == 0
            var left = newlines
            while count > 0, left > 0, memory[count - 1] == 10 || newlines > 1 && memory[count - 1] == 13 {
                count -= 1
                left -= 1
            }
            return count
        }
        guard secret.count <= limit else { throw tooLong }
        return isEmpty ? nil : secret
    }

    /// What a person types at the terminal.
    ///
    /// - Throws: ``BuildError/password(_:)`` for one that is too long, `FileError`, `Interruption`.
    static func typed(_ prompt: String) throws -> SecretBytes {
        let terminal = try Terminal()
        let typed = try SecretBytes(capacity: limit + 1) {
            try terminal.readSecret(prompt: prompt, into: &$0)
        }
        guard typed.count <= limit else { throw tooLong }
        return typed
    }

    static let tooLong = BuildError.password("it is longer than 64 KiB")
}
