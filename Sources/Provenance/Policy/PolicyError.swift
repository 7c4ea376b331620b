import YAML

/// The place where a text stops being a verification policy, why, and what to write instead.
public struct PolicyError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The line, counted from 1.
    public let line: Int
    /// The character in that line, counted from 1.
    public let column: Int
    /// What is wrong there, and what to write instead.
    public let reason: String

    init(_ node: YAMLValue.Node, _ reason: String) {
        (line, column, self.reason) = (node.line, node.column, reason)
    }

    init(_ error: YAMLError) {
        (line, column) = (error.line, error.column)
        let isAlias = error.reason.hasPrefix("alias") || error.reason.contains("scanning an alias")
        reason = error.reason + (isAlias ? "; a * for any value needs quotation marks" : "")
    }

    /// One line, as the user reads it.
    public var description: String { "policy, line \(line), column \(column): \(reason)" }
}
