/// A program that did not do what it was started for.
public enum ChildError: Error, Equatable, CustomStringConvertible {
    /// There is no such program, or it may not be run.
    case notStarted(String, reason: String)
    /// It took too long, and was killed.
    case timedOut(String, seconds: Int)
    /// It wrote more than anybody wants to read, and was killed.
    case tooMuchOutput(String, limit: Int)
    /// It ended with a status other than 0.
    case failed(String, status: Int32)
    /// A signal ended it.
    case killed(String, signal: Int32)

    /// One line, as the user reads it.
    public var description: String {
        switch self {
        case .notStarted(let name, let reason): "cannot run \(name): \(reason)"
        case .timedOut(let name, let seconds): "\(name) was killed: it took more than \(seconds) seconds"
        case .tooMuchOutput(let name, let limit): "\(name) was killed: it wrote more than \(limit) bytes"
        case .failed(let name, let status): "\(name) failed with status \(status)"
        case .killed(let name, let signal): "\(name) was ended by signal \(signal)"
        }
    }
}
