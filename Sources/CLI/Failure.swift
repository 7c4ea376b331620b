import ArgumentParser
import Build
import Glibc
import Linux
import OCI

/// How a command ends that did not come to its end.
struct Failure {
    /// 0 done, 1 failed, 2 usage, 3 verification failed.
    private let code: Int32
    private let kind: ErrorClass
    private let message: String
    private let interruption: Interruption?

    /// Sorts an error.
    ///
    /// For one of the command line's parser, `answer` is what the user asked it for, `reason` what is wrong, and
    /// `parserCode` what it would end with.
    init(_ error: any Error, answer: String, reason: String, parserCode: Int32) {
        interruption = error as? Interruption
        switch parserCode {
        case 0: (code, kind, message) = (0, .usage, answer)
        case ExitCode.validationFailure.rawValue:
            (code, kind, message) = (2, .usage, "\(Self.line(reason)); see --help")
        default:
            kind = (error as? ReportedFailure)?.kind ?? ErrorClass(of: error)
            code =
                switch kind {
                case .usage: 2
                case .integrity: 3
                default: 1
                }
            let advice = ErrorAdvice.text(for: error).map { "; \($0)" } ?? ""
            message = error is ReportedFailure ? "" : "\(error)" + advice
        }
    }

    /// The parser's words in one line, and the bytes of an argument as they came.
    private static func line(_ reason: String) -> String {
        let line = reason.split(separator: "\n").joined(separator: " ")
        let words = line.last == "." ? line.dropLast() : line[...]
        return escaped(ArgumentBytes.bytes(String(words)))
    }

    /// Says what happened and ends the process.
    func end(_ format: LogFormat) -> Never {
        if code == 0 {
            // Help or the version, which the user asked for.
            let isWritten = (try? StandardStreams.writeOutput(Array((message + "\n").utf8))) != nil
            exit(isWritten ? 0 : 1)
        }
        if !message.isEmpty {
            switch format {
            case .text: StandardStreams.writeError("varve: \(message)\n")
            case .json:
                let line: JSONValue = [
                    "level": "error", "class": .string(kind.rawValue), "message": .string(message),
                ]
                StandardStreams.writeError(String(decoding: line.serialized(), as: UTF8.self) + "\n")
            }
        }
        interruption?.die()
        exit(code)
    }
}

/// A failure whose parts were said when they happened.
struct ReportedFailure: Error {
    var kind = ErrorClass.input
}
