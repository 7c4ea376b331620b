import DockerfileSyntax
import Linux
import Provenance

/// What went wrong, and in which instruction.
public struct InstructionError: Error, CustomStringConvertible {
    /// The instruction's first line in the Dockerfile.
    let line: Int
    /// The instruction as it stands there.
    let text: String
    /// What the room said in which it went wrong.
    let cause: any Error
    /// The Dockerfile's name.
    fileprivate var file = "Dockerfile"

    private init(_ instruction: Instruction, at line: Int? = nil, _ cause: any Error) {
        self.line = line ?? instruction.position.line
        (text, self.cause) = (Redaction.withoutUserInformation(instruction.text), cause)
    }

    init(_ instruction: Instruction, _ reason: String) {
        self.init(instruction, BuildError.instruction(reason))
    }

    /// Runs a part of an instruction's work; what goes wrong is said to be there.
    ///
    /// - Throws: ``InstructionError``; `Interruption`, which is nobody's mistake, and `SyntaxError`, which knows its place.
    static func within<Value>(
        _ instruction: Instruction, at line: Int? = nil, _ body: () throws -> Value
    ) throws -> Value {
        do {
            return try body()
        } catch let error as InstructionError {
            throw error
        } catch let error as Interruption {
            throw error
        } catch let error as SyntaxError {
            throw DockerfileError(error)
        } catch {
            throw InstructionError(instruction, at: line, error)
        }
    }

    /// One line, as the user reads it.
    public var description: String {
        "\(file): line \(line), \(InstructionText(text)): \(cause)"
    }
}

/// A mistake in the text of a Dockerfile or an ignore file.
public struct DockerfileError: Error, CustomStringConvertible {
    /// The file's name; `nil` for the Dockerfile where nobody said yet what that is called.
    fileprivate var file: String?
    private let error: SyntaxError

    init(_ error: SyntaxError, in file: String? = nil) { (self.error, self.file) = (error, file) }

    /// One line, and then the line of the file with a mark below the place.
    public var description: String {
        let excerpt = error.excerpt
        return "\(file ?? "Dockerfile"): \(error)" + (excerpt.isEmpty ? "" : "\n\(excerpt)")
    }
}

/// Names the Dockerfile in what goes wrong with it.
///
/// - Throws: What `body` throws, with the name.
func naming<Value>(_ file: String, _ body: () throws -> Value) throws -> Value {
    do {
        return try body()
    } catch var error as InstructionError {
        error.file = file
        throw error
    } catch var error as DockerfileError {
        error.file = error.file ?? file
        throw error
    }
}
