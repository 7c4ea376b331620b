/// How far a stage has come.
public struct InstructionProgress: Sendable {
    /// What became of an instruction.
    public enum Outcome: Sendable {
        /// Its layer is made now, and why it is not one that was kept.
        case begun(CacheMiss)
        /// Its layer was made before.
        case kept
        /// Its layer is made: the bytes of its tar.
        case made(bytes: Int64)
    }

    /// The stage's name, else `stage-` and its number.
    public let stage: String
    /// Which of the stage's instructions, from 1.
    public let number: Int
    /// How many there are.
    public let count: Int
    /// The instruction as it stands in the Dockerfile.
    public let text: String
    /// What became of it.
    public let outcome: Outcome
}
