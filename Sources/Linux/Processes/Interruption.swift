import CLinux
import Glibc

/// A signal that asked the process to stop, and is obeyed once nothing is left half-written.
public struct Interruption: Error, Equatable, CustomStringConvertible {
    /// SIGINT, SIGTERM or SIGHUP.
    public let signal: Int32

    /// Begins to remember signals instead of dying of them; one that comes 300 ms later or more kills at once.
    public static func watch() { linux_watch_signals() }

    /// Throws once a signal has come: called between two steps of long work.
    public static func check() throws(Interruption) {
        let signal = linux_pending_signal()
        if signal != 0 { throw Interruption(signal: signal) }
    }

    /// Ends the process by the signal, so that its parent sees what happened.
    public func die() { linux_die_of(signal) }

    /// One line, as the user reads it.
    public var description: String { "interrupted by \(String(cString: strsignal(signal)))" }
}
