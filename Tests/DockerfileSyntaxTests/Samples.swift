import DockerfileSyntax
import Testing

/// The instruction is not the one that the test looks at.
struct OtherInstruction: Error {}

/// The instructions after `FROM scratch`, which stands in line 1.
func instructions(_ text: String) throws -> [Instruction] {
    try Dockerfile(parsing: [UInt8]("FROM scratch\n" + text)).stages[0].instructions
}

/// The one instruction after `FROM scratch`.
func instruction(_ text: String) throws -> Instruction {
    let found = try instructions(text)
    try #require(found.count == 1)
    return found[0]
}

/// Why a file is refused; `nil` where it is not.
func refusal(_ text: String) -> SyntaxError? { refusal(bytes: [UInt8](text)) }

/// Why a file is refused; `nil` where it is not.
func refusal(bytes: [UInt8]) -> SyntaxError? {
    do {
        _ = try Dockerfile(parsing: bytes)
        return nil
    } catch {
        return error
    }
}
