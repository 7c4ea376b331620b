/// The place where a text stops being JSON, and why.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The line, counted from 1.
    public let line: Int
    /// The byte in that line, counted from 1.
    public let column: Int
    /// What is wrong there.
    public let reason: String

    /// - Parameters:
    ///   - line: The line, counted from 1.
    ///   - column: The byte in that line, counted from 1.
    ///   - reason: What is wrong there.
    public init(line: Int, column: Int, reason: String) {
        (self.line, self.column, self.reason) = (line, column, reason)
    }

    /// One line, as the user reads it.
    public var description: String { "JSON, line \(line), byte \(column): \(reason)" }
}
