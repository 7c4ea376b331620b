import CLinux
import Glibc

/// What the process was started with, as bytes.
public enum ProcessArguments {
    /// The arguments behind the program's name.
    ///
    /// `CommandLine.arguments` repairs what is no UTF-8, and a path would then name another file.
    public static var all: [[UInt8]] {
        var all: [[UInt8]] = []
        while let argument = linux_argument(Int32(all.count + 1)) { all.append(bytes(at: argument)) }
        return all
    }

    /// The name that the program was called by; empty where nobody said one.
    public static var programName: [UInt8] { linux_argument(0).map { bytes(at: $0) } ?? [] }

    /// The environment; of two variables with one name the first counts, as for getenv(3).
    public static var environment: [String: String] { environment(without: []) }

    /// The environment but for some variables, of whose values nothing is copied.
    public static func environment(without withheld: Set<String>) -> [String: String] {
        var variables: [String: String] = [:]
        var next: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> = environ
        while let entry = next.pointee {
            let parts = bytes(at: entry).split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 {
                let name = String(decoding: parts[0], as: UTF8.self)
                if variables[name] == nil, !withheld.contains(name) {
                    variables[name] = String(decoding: parts[1], as: UTF8.self)
                }
            }
            next += 1
        }
        return variables
    }

    /// The names of the environment's variables, in its order; of their values nothing is copied.
    public static var variableNames: [String] {
        var names: [String] = []
        var next: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> = environ
        while let entry = next.pointee {
            if let equals = strchr(entry, Int32(UInt8(ascii: "="))) {
                let name = UnsafeRawBufferPointer(start: entry, count: equals - entry)
                names.append(String(decoding: name, as: UTF8.self))
            }
            next += 1
        }
        return names
    }

    /// Adds a variable that is not there yet; one that is stays as it is.
    ///
    /// To be called while the process has one thread: environ(7) has no lock.
    ///
    /// - Parameters:
    ///   - name: Not empty, without `=` and NUL.
    ///   - value: Bytes up to the first NUL.
    public static func add(_ name: String, _ value: [UInt8]) {
        let text = value.map { CChar(bitPattern: $0) } + [0]
        _ = text.withUnsafeBufferPointer { text in text.baseAddress.map { setenv(name, $0, 0) } }
    }

    private static func bytes(at start: UnsafePointer<CChar>) -> [UInt8] {
        UnsafeRawBufferPointer(start: start, count: strlen(start)).map { $0 }
    }
}
