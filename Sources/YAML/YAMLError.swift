/// The place where a text stops being YAML that this package reads, and why.
public struct YAMLError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The line, counted from 1.
    public let line: Int
    /// The character (Unicode scalar) in that line, counted from 1.
    public let column: Int
    /// What is wrong there: libyaml's own words where libyaml found it.
    public let reason: String

    /// - Parameters:
    ///   - line: The line, counted from 1.
    ///   - column: The character in that line, counted from 1.
    ///   - reason: What is wrong there.
    public init(line: Int, column: Int, reason: String) {
        (self.line, self.column, self.reason) = (line, column, reason)
    }

    /// One line, as the user reads it.
    public var description: String { "YAML, line \(line), column \(column): \(reason)" }
}
