/// A line that a program of a Dockerfile wrote.
public struct ProgramOutput: Sendable {
    /// The stage's name, else `stage-` and its number.
    public let stage: String
    /// Which of the stage's instructions runs it, from 1.
    public let number: Int
    /// How many there are.
    public let count: Int
    /// Its bytes, without its end.
    public let line: [UInt8]

    /// The line for a terminal: no byte of it is an order to it.
    public var text: String { RunOutput.shown(line[...]) }
}
