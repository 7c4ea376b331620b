import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

struct ProcessArgumentsTests {
    @Test func `arguments are the bytes that the kernel keeps`() throws {
        let kernel = try content(of: "/proc/self/cmdline")
            .split(separator: 0, omittingEmptySubsequences: false).dropFirst().dropLast().map(Array.init)
        #expect(ProcessArguments.all == kernel)
    }

    @Test func `the environment is the one that getenv reads`() {
        let environment = ProcessArguments.environment
        #expect(environment["PATH"] == getenv("PATH").map { String(cString: $0) })
        #expect(environment["VARVE_NO_SUCH_VARIABLE"] == nil)
        #expect(Set(ProcessArguments.variableNames) == Set(environment.keys))
    }

    @Test func `a value keeps its equal signs, and the first of two variables counts`() async {
        await #expect(processExitsWith: .success) {
            let texts = ["NAME=a=b=", "EMPTY=", "TWICE=1", "TWICE=2", "NOTHING", "=ODD"]
            // In place of the first variables: putenv(3) would take neither the second nor the odd ones.
            for (index, text) in texts.enumerated() { environ[index] = strdup(text) }
            let environment = ProcessArguments.environment
            precondition(environment["NAME"] == "a=b=")
            precondition(environment["EMPTY"] == "")
            precondition(environment["TWICE"] == "1")
            precondition(environment["NOTHING"] == nil)
        }
    }

    @Test func `a variable is added where there is none of that name`() async {
        await #expect(processExitsWith: .success) {
            ProcessArguments.add("VARVE_TEST", Array("a\u{e9}=".utf8) + [0xFF])
            ProcessArguments.add("VARVE_TEST", Array("b".utf8))
            ProcessArguments.add("VARVE_EMPTY", [])
            precondition(SecretVariable.read("VARVE_TEST", limit: 9) == Array("a\u{e9}=".utf8) + [0xFF])
            precondition(SecretVariable.read("VARVE_EMPTY", limit: 9) == [])
        }
    }
}
