import CCrypto

/// A step of libcrypto or libsodium that failed, with its own words.
public struct CryptographyError: Error, Equatable, CustomStringConvertible {
    /// What was being done, as a verb.
    public let operation: String
    /// The library's message.
    public let reason: String

    /// A failure of libcrypto, which keeps its reasons; they are taken away, so that the next failure finds its own.
    init(_ operation: String) {
        self.operation = operation
        let code = ERR_get_error()
        reason = ERR_reason_error_string(code).map { String(cString: $0) } ?? "libcrypto gave no reason"
        ERR_clear_error()
    }

    init(_ operation: String, reason: String) { (self.operation, self.reason) = (operation, reason) }

    /// One line, as the user reads it.
    public var description: String { "cannot \(operation): \(reason)" }
}
