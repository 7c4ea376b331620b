import Glibc
import Linux
public import SystemPackage
import Testing

/// What a test needs of the machine; without it the test is cancelled and says why.
public enum Requirement {
    /// A program on PATH.
    public static func program(_ name: String) throws {
        if !isThere(name) { try Test.cancel("\(name) is not installed") }
    }

    /// That a program is not on PATH.
    public static func missingProgram(_ name: String) throws {
        if isThere(name) { try Test.cancel("\(name) is installed") }
    }

    private static func isThere(_ name: String) -> Bool {
        let path = ProcessArguments.environment["PATH"] ?? ""
        return path.split(separator: ":").contains { access("\($0)/\(name)", X_OK) == 0 }
    }

    /// A file that a package brings.
    public static func file(_ path: FilePath) throws {
        if !Machine.exists(path) { try Test.cancel("\(path) is not installed") }
    }

    /// The superuser.
    public static func root() throws {
        if Machine.user.id != 0 { try Test.cancel("only root can do this") }
    }

    /// A process whose memory is its own: a sanitizer's shadow takes terabytes of address space, and what was freed
    /// is kept for a while.
    public static func unsanitizedMemory() throws {
        let isSanitized = dlsym(nil, "__tsan_init") != nil || dlsym(nil, "__asan_init") != nil
        if isSanitized { try Test.cancel("a sanitizer needs memory of its own") }
    }

    /// Whether this is the full run of `make test-long`.
    public static var isLongRun: Bool { ProcessArguments.environment["VARVE_TEST_LONG"] != nil }
}
