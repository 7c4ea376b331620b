import Linux
import SystemPackage
import TestSupport
import Testing

/// Signals at every point of a run: row I of the table of faults.
struct FaultsBySignalTests {
    /// Calls at which a signal comes, and which of them.
    static let points: [(call: String, numbers: [Int])] = [
        ("fsync", [1, 2, 5, 8]), ("write", [1, 3, 5]), ("renameat", [1, 3, 4, 5]),
        ("openat", [1, 12, 25, 40]),
        ("mkdir", [1, 2]), ("mkdirat", [1, 2]), ("unlinkat", [1]), ("flock", [1, 3, 5]), ("read", [1, 4]),
    ]

    private static func numbers(_ point: (call: String, numbers: [Int])) -> [Int] {
        Requirement.isLongRun ? Array(1...(point.numbers.last ?? 1) + 4) : point.numbers
    }

    @Test(
        "I1, I5: a signal ends the run by that signal and leaves all as it was, or comes too late",
        arguments: points, [("SIGINT", Int32(130)), ("SIGTERM", 143), ("SIGHUP", 129)])
    func signal(point: (call: String, numbers: [Int]), signal: (name: String, status: Int32)) throws {
        let work = try Workplace(withProvenance: true)
        let numbers = Requirement.isLongRun ? Self.numbers(point) : [point.numbers.randomElement() ?? 1]
        for number in numbers {
            let before = try work.snapshot()
            let outcome = try work.pack(
                under: ["-e", "trace=\(point.call)"]
                    + ["-e", "inject=\(point.call):signal=\(signal.name):when=\(number)"], to: work.layout
            ).run()
            if outcome.status == 0 {
                #expect(outcome.line.hasPrefix("sha256:"))
            } else if outcome.errors.isEmpty {
                // Before the program's own first step the kernel's rule holds.
                #expect(outcome.status == signal.status)
            } else {
                #expect(outcome.status == signal.status, "\(number): \(outcome.errors)")
                #expect(outcome.errors.hasPrefix("varve: interrupted by "))
                #expect(try work.snapshot() == before, "\(number)")
            }
        }
    }

    @Test(
        "I1, I5: a signal that comes before the image has its name always ends the run",
        arguments: [("SIGINT", Int32(130)), ("SIGTERM", 143), ("SIGHUP", 129)])
    func early(signal: (name: String, status: Int32)) throws {
        let work = try Workplace(withProvenance: true)
        let before = try work.snapshot()
        // The first sync is the layer's.
        let outcome = try work.pack(
            under: ["-e", "trace=fsync", "-e", "inject=fsync:signal=\(signal.name):when=1"], to: work.layout
        ).run()
        #expect(outcome.status == signal.status)
        #expect(outcome.errors.hasPrefix("varve: interrupted by "))
        #expect(try work.snapshot() == before)
    }

    @Test func `I2: a second signal that comes later kills at once, and the next run sweeps`() throws {
        let work = try Workplace()
        let signals = "inject=fsync:signal=SIGINT:delay_exit=400000:when=2+1"
        let outcome = try work.pack(under: ["-e", "trace=fsync", "-e", signals]).run()
        #expect(outcome.status == 130)
        #expect(try work.snapshot().contains { $0.contains("/.tmp-") })
        try work.pack().succeed()
        #expect(try !work.snapshot().contains { $0.contains("/.tmp-") })
    }

    @Test func `I2: a signal that comes twice at once, as from timeout(1), is one`() throws {
        let work = try Workplace()
        let outcome = try work.pack(under: ["-e", "trace=fsync", "-e", "inject=fsync:signal=SIGINT:when=2+1"])
            .run()
        #expect(outcome.status == 130)
        #expect(try !work.snapshot().contains { $0.contains("/.tmp-") })
    }

    @Test(
        "I3: killed at whichever call, the old image survives and the next run succeeds", arguments: points,
        ["layout", "fresh"])
    func kill(point: (call: String, numbers: [Int]), output: String) throws {
        let work = try Workplace(withProvenance: true)
        let output = work.scratch["work"].appending(output)
        let old = "oci:\(work.layout):old"
        for number in Requirement.isLongRun ? Self.numbers(point) : [point.numbers.randomElement() ?? 1] {
            _ = try work.pack(
                under: ["-e", "trace=\(point.call)"]
                    + ["-e", "inject=\(point.call):signal=SIGKILL:when=\(number)"], to: output
            ).run()
            #expect(try Command(["skopeo", "inspect", "--raw", old]).run().status == 0, "\(number)")
            #expect(try Command.varve("inspect", old).run().status == 0, "\(number)")
            let again = try work.pack(to: output).run()
            #expect(again.status == 0, "\(number): \(again.errors)")
            #expect(try Command.varve("inspect", "oci:\(output):new").run().status == 0, "\(number)")
            #expect(try !work.snapshot().contains { $0.contains("/.tmp-") }, "\(number)")
            if output != work.layout { try Command(["rm", "-rf", output.string]).succeed() }
        }
    }

    @Test func `I4: a reader that went away is an error, not a crash`() throws {
        let work = try Workplace()
        let outcome = try Command([
            "bash", "-c",
            "exec 3> >(exit 0); sleep 0.2; \"$0\" inspect 'oci:\(work.layout):old' >&3",
            Command.varvePath.string,
        ]).run()
        #expect(outcome.status == 1)
        #expect(outcome.errors == "varve: cannot write standard output: Broken pipe\n")
    }

    @Test("I1: a command that waits for input obeys a signal", arguments: ["-", "fifo"])
    func waiting(file: String) throws {
        let scratch = try Scratch()
        let outcome = try Command(
            shell: """
                mkfifo fifo; exec 3<>fifo
                timeout -s KILL 20 "$VARVE" digest \(file) <fifo & sleep 0.5
                kill -TERM $(pgrep -P $!)
                wait $!
                """
        ).with("VARVE", Command.varvePath.string).at(scratch.path).run()
        #expect(outcome.status == 143)
        #expect(outcome.errors == "varve: interrupted by Terminated\n")
    }

    @Test func `I5: what nohup protects goes on after a hangup`() throws {
        let scratch = try Scratch()
        let outcome = try Command(
            shell: """
                mkfifo fifo
                nohup "$VARVE" digest - <fifo 2>/dev/null &
                exec 3>fifo; sleep 0.5; kill -HUP $!; sleep 0.2; echo x >&3; exec 3>&-
                wait $!
                """
        ).with("VARVE", Command.varvePath.string).at(scratch.path).run()
        #expect(outcome.status == 0)
        #expect(outcome.text == "73cb3858a687a8494ca3323053016282f3dad39d42cf62ca4e79dda2aac7d9ac  -\n")
    }
}
