/// How much of a Dockerfile is read before it is refused.
public struct Limits: Sendable, Hashable {
    /// The bytes of the file.
    public var bytes = 4 << 20
    /// The bytes of one line; BuildKit's limit.
    public var lineBytes = 65_535
    /// The bytes of one instruction, its lines joined, without here-documents.
    public var instructionBytes = 1 << 20
    /// The number of instructions.
    public var instructions = 10_000

    /// The limits that builds use.
    public init() {}
}
