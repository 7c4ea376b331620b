import Glibc

/// How a program ended.
public enum Termination: Equatable, Sendable, CustomStringConvertible {
    /// By itself, with a status; 0 is success.
    case exited(Int32)
    /// By a signal.
    case killed(signal: Int32)

    /// Reads what waitpid(2) gives.
    init(_ status: Int32) {
        let signal = status & 0x7f
        self = signal == 0 ? .exited(status >> 8 & 0xff) : .killed(signal: signal)
    }

    /// As a shell counts: 128 and the signal's number where one ended it.
    public var code: Int32 {
        switch self {
        case .exited(let status): status
        case .killed(let signal): 128 + signal
        }
    }

    /// The end of a sentence about the program.
    public var description: String {
        switch self {
        case .exited(let status): "exit status \(status)"
        case .killed(let signal): "signal \(signal) (\(String(cString: strsignal(signal))))"
        }
    }
}
