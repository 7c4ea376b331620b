import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

struct ChildProgramTests {
    private func run(
        _ script: String, input: [UInt8] = [], limit: Int = 1 << 20, seconds: Int = 30
    ) throws -> [UInt8] {
        try ChildProgram(["sh", "-c", script].map { Array($0.utf8) }).run(
            input: input, limit: limit, seconds: seconds)
    }

    @Test(arguments: [0, 1, 65_536, 1_000_000])
    func `a program that copies gives back what it was given`(count: Int) throws {
        let input = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 9) }
        #expect(try run("cat", input: input) == input)
    }

    @Test func `a program need not read what it is given`() throws {
        let input = [UInt8](repeating: 1, count: 1_000_000)
        #expect(try run("exec <&-; echo yes", input: input) == Array("yes\n".utf8))
    }

    @Test func `an answer of exactly the limit is taken, and a longer one kills`() throws {
        #expect(try run("printf 12345", limit: 5) == Array("12345".utf8))
        #expect(throws: ChildError.tooMuchOutput("sh", limit: 4)) { try run("printf 12345", limit: 4) }
        #expect(throws: ChildError.tooMuchOutput("sh", limit: 4)) { try run("cat /dev/zero", limit: 4) }
    }

    @Test(arguments: ["exec sleep 60", "exec sleep 60 >&-", "sleep 60 & wait"])
    func `a program that takes too long is killed`(script: String) throws {
        let start = Machine.ticks
        #expect(throws: ChildError.timedOut("sh", seconds: 1)) { try run(script, seconds: 1) }
        #expect(Machine.ticks - start < 20_000_000_000)
    }

    @Test func `how a program failed is told`() throws {
        #expect(throws: ChildError.failed("sh", status: 7)) { try run("exit 7") }
        #expect(throws: ChildError.killed("sh", signal: SIGTERM)) { try run("kill -TERM $$") }
        let missing = ChildProgram([Array("/varve-no-such-program".utf8)])
        #expect(throws: ChildError.notStarted("/varve-no-such-program", reason: "No such file or directory"))
        {
            try missing.run(input: [], limit: 1, seconds: 1)
        }
    }

    @Test func `a status can be part of an answer, a signal cannot`() throws {
        let program = ChildProgram(["sh", "-c", "echo no; exit 7"].map { Array($0.utf8) })
        let answer = try program.answer(input: [], limit: 10, seconds: 30)
        #expect(answer.status == 7 && answer.output == Array("no\n".utf8))
        let killed = ChildProgram(["sh", "-c", "kill -TERM $$"].map { Array($0.utf8) })
        #expect(throws: ChildError.killed("sh", signal: SIGTERM)) {
            _ = try killed.answer(input: [], limit: 10, seconds: 30)
        }
    }

    @Test func `a variable is withheld, and the others are not`() throws {
        let program = ChildProgram([Array("env".utf8)], without: ["PATH"])
        let variables = String(
            decoding: try program.run(input: [], limit: 1 << 20, seconds: 30), as: UTF8.self
        )
        .split(separator: "\n")
        #expect(!variables.contains { $0.hasPrefix("PATH=") })
        #expect(variables.count == environmentCount - 1)
    }

    @Test func `a variable is added, in place of one of that name`() throws {
        let program = ChildProgram(
            ["sh", "-c", "echo $HOME-$VARVE_TEST_ADDED"].map { Array($0.utf8) },
            with: [("HOME", Array("/elsewhere".utf8)), ("VARVE_TEST_ADDED", Array("yes".utf8))])
        #expect(
            try program.run(input: [], limit: 100, seconds: 30) == Array("/elsewhere-yes\n".utf8))
    }

    @Test(arguments: [
        ("echo out; echo error >&2; exit 3", "out\n", "error\n"),
        ("echo error >&2; exec >&-; echo more >&2; exit 3", "", "error\nmore\n"),
        // What is left running keeps standard error open.
        ("sleep 5 >&- & echo error >&2; exit 3", "", "error\n"),
    ])
    func `what a program says of its failure is given`(script: String, output: String, errors: String) throws
    {
        let start = Machine.ticks
        let outcome = try ChildProgram(["sh", "-c", script].map { Array($0.utf8) }).outcome(
            input: [], limit: 100, seconds: 30)
        #expect(outcome.status == 3)
        #expect(String(decoding: outcome.output, as: UTF8.self) == output)
        #expect(String(decoding: outcome.errors, as: UTF8.self) == errors)
        #expect(Machine.ticks - start < 4_000_000_000)
    }

    @Test func `of much that is said the end is kept`() throws {
        let script = "head -c 1000000 /dev/zero >&2; echo end >&2; echo done"
        let outcome = try ChildProgram(["sh", "-c", script].map { Array($0.utf8) }).outcome(
            input: [], limit: 100, seconds: 30)
        #expect(outcome.output == Array("done\n".utf8))
        #expect(outcome.errors.count == ChildProgram.errorLimit)
        #expect(outcome.errors.suffix(4).elementsEqual("end\n".utf8))
    }

    @Test func `a program that takes too long can take away its files`() throws {
        let scratch = try Scratch()
        let script =
            "trap 'rm \(scratch["file"]); exit' TERM; : > \(scratch["file"]); while :; do sleep 0.1; done"
        #expect(throws: ChildError.timedOut("sh", seconds: 1)) { try run(script, seconds: 1) }
        #expect(!Machine.exists(scratch["file"]))
    }

    /// Lines, as env(1) prints them.
    private var environmentCount: Int {
        ProcessArguments.environment.map { "\($0.key)=\($0.value)".split(separator: "\n").count }.reduce(0, +)
    }
}
