import CCrypto

/// A step of libcrypto that failed, with its own words.
public struct CryptographyError: Error, Equatable, CustomStringConvertible {
    /// What was being done, as a verb.
    public let operation: String
    /// Libcrypto's message.
    public let reason: String

    init(_ operation: String) {
        self.operation = operation
        let code = ERR_get_error()
        reason = ERR_reason_error_string(code).map { String(cString: $0) } ?? "libcrypto gave no reason"
    }

    /// One line, as the user reads it.
    public var description: String { "cannot \(operation): \(reason)" }
}
