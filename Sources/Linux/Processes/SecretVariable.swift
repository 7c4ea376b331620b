import CLinux
import Glibc

/// An environment variable that one reader has, and nobody after him.
public enum SecretVariable {
    /// Whether there is a variable of that name.
    public static func exists(_ name: String) -> Bool { getenv(name) != nil }

    /// Hands out a variable's bytes; then the variable is gone, for child programs too, and its memory overwritten,
    /// which is what `/proc/PID/environ` shows.
    ///
    /// To be called while the process has one thread: environ(7) has no lock.
    ///
    /// - Parameters:
    ///   - name: The variable's name.
    ///   - body: Takes the bytes; they are valid during the call only.
    /// - Returns: What `body` made of it, or `nil` where there is no such variable.
    public static func take<Value>(
        _ name: String, _ body: (Span<UInt8>) throws -> Value
    ) rethrows -> Value? {
        guard let value = getenv(name) else { return nil }
        defer { forget(name) }
        let bytes = UnsafeRawPointer(value).assumingMemoryBound(to: UInt8.self)
        return try body(Span(_unsafeStart: bytes, count: strlen(value)))
    }

    /// A variable's bytes, which the caller wipes; it stays.
    ///
    /// - Parameters:
    ///   - name: The variable's name.
    ///   - limit: The most bytes that are read.
    /// - Returns: `nil` where there is no such variable.
    public static func read(_ name: String, limit: Int) -> [UInt8]? {
        guard let value = getenv(name) else { return nil }
        return Array(UnsafeRawBufferPointer(start: value, count: strnlen(value, limit)))
    }

    /// Takes a variable out of the environment, for child programs too, and overwrites its memory.
    ///
    /// All of that name: getenv(3) gives the first, a child program could take the last.
    public static func forget(_ name: String) {
        let start = name + "="
        var next: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> = environ
        while let entry = next.pointee {
            if strncmp(entry, start, start.utf8.count) == 0 {
                let value = entry + start.utf8.count
                explicit_bzero(value, strlen(value))
            }
            next += 1
        }
        unsetenv(name)
    }
}
