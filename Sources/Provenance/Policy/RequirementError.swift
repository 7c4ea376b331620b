/// A text that is no requirement on a component's version.
public struct RequirementError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The text as it stood.
    public let text: String
    /// What is wrong with it, and what to write instead.
    public let reason: String

    init(_ text: String, reason: String) { (self.text, self.reason) = (text, reason) }

    /// One line, as the user reads it.
    public var description: String { "version requirement \(text.shown): \(reason)" }
}
