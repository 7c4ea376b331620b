import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

/// A Python script of `Tests/Fixtures/checks`, run where its packages are.
enum Check {
    /// Runs it; the test is cancelled where there is no Python with the packages.
    static func run(_ script: String, _ arguments: [String]) throws -> Command.Outcome {
        guard let python = ProcessArguments.environment["VARVE_PYTHON"] else {
            try Test.cancel("VARVE_PYTHON names no Python with jsonschema and in-toto-attestation")
        }
        let tests = FilePath(#filePath).removingLastComponent().removingLastComponent()
        let path = tests.pushing(FilePath("Fixtures/checks/\(script)"))
        guard access(python, X_OK) == 0, access(path.string, R_OK) == 0 else {
            try Test.cancel("this user may not run \(python) or read \(path)")
        }
        return try Command([python, path.string] + arguments).run()
    }
}
