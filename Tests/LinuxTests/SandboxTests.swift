import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Linux

private let isolations: [Isolation] = [.namespaces, .outerProc, .chroot]
private let mounting: [Isolation] = [.namespaces, .outerProc]

struct SandboxTests {
    private let root: BusyboxRoot

    init() throws { root = try BusyboxRoot() }

    @Test(
        "how a program ended is told",
        arguments: isolations,
        [
            ("exit 0", Termination.exited(0)), ("exit 7", .exited(7)), ("exit 255", .exited(255)),
            ("varve-no-such-program", .exited(127)), ("kill -KILL $$", .killed(signal: SIGKILL)),
            ("kill -SEGV $$", .killed(signal: SIGSEGV)),
            ("mkdir /w && cd /w && rmdir /w && exit 3", .exited(3)),
        ])
    func status(isolation: Isolation, program: (line: String, status: Termination)) throws {
        #expect(try root.run(program.line, isolation).status == program.status)
    }

    @Test(arguments: isolations) func `a program that is not there is named`(isolation: Isolation) throws {
        let plan = try root.plan(["varve-no-such-program"], isolation)
        #expect(throws: SandboxError(.program, .noSuchFileOrDirectory, "varve-no-such-program")) {
            _ = try Sandbox.run(plan) { _ in }
        }
    }

    @Test func `a program is looked for in the root, on the path of its own environment`() throws {
        try root.scratch.write("root/opt/tool", "#!/bin/sh\necho found\n")
        chmod(root["opt/tool"].string, 0o755)
        var output: [UInt8] = []
        let plan = try root.plan(["tool"]) { $0.environment = [Array("PATH=/bin:/opt".utf8)] }
        _ = try Sandbox.run(plan) { output += $0.withUnsafeBytes { Array($0) } }
        #expect(output == Array("found\n".utf8))
    }

    @Test(arguments: isolations)
    func `the environment is what the plan says, to the byte`(isolation: Isolation) throws {
        let variables = ["B=2", "A=", "ODD=a=b\nc", "PATH=/nowhere"]
        var output: [UInt8] = []
        let plan = try root.plan(["/bin/env"], isolation) {
            $0.environment = variables.map { Array($0.utf8) }
        }
        _ = try Sandbox.run(plan) { output += $0.withUnsafeBytes { Array($0) } }
        #expect(output == Array((variables.joined(separator: "\n") + "\n").utf8))
    }

    @Test(arguments: mounting)
    func `a program has three descriptors, whatever is open here`(isolation: Isolation) throws {
        let inherited = open("/etc/passwd", O_RDONLY)
        defer { close(inherited) }
        var output: [UInt8] = []
        let plan = try root.plan(["/bin/ls", "/proc/self/fd"], isolation)
        _ = try Sandbox.run(plan) { output += $0.withUnsafeBytes { Array($0) } }
        // The last one is the directory that is listed.
        #expect(output == Array("0\n1\n2\n3\n".utf8))
    }

    @Test func `in a chroot a program has three descriptors too`() throws {
        let inherited = open("/etc/passwd", O_RDONLY)
        defer { close(inherited) }
        let line = "for n in 3 4 5 6 7 8 9; do (echo 1 >&$n) 2>/dev/null && echo $n; done; true"
        #expect(try root.run("2>/tmp/errors; " + line, .chroot).text == "")
    }

    @Test(arguments: isolations) func `standard input is at its end`(isolation: Isolation) throws {
        #expect(try root.run("cat; echo $?", isolation).text == "0\n")
    }

    @Test func `all bytes come through, errors among them in order`() throws {
        let bytes = (0..<1 << 18).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 11) }
        try Directory.writeFile(at: root["bytes"], bytes)
        var output: [UInt8] = []
        let plan = try root.plan(["/bin/sh", "-c", "echo 1; echo 2 >&2; cat /bytes >&2; echo 3"])
        _ = try Sandbox.run(plan) { output += $0.withUnsafeBytes { Array($0) } }
        #expect(output == Array("1\n2\n".utf8) + bytes + Array("3\n".utf8))
    }

    @Test func `a gibibyte of output passes through little memory`() throws {
        try Requirement.program("time")
        try Requirement.unsanitizedMemory()
        try Requirement.isolation(.namespaces)
        let line = "dd if=/dev/zero bs=1M count=1024 2>/dev/null"
        let program = try trial("namespaces", root.path.string, line)
        let outcome = try program.behind("sh", "-c", "command time -f %M -- \"$@\" | wc -c", "sh").succeed()
        #expect(outcome.line == "1073741824")
        let peak = outcome.errors.split(separator: "\n").last.flatMap { Int($0) }
        #expect(try #require(peak) < 64 << 10)
    }

    @Test func `what the reader throws ends the program`() throws {
        let nap = uniqueNap()
        let plan = try root.plan(["/bin/sh", "-c", "trap '' TERM; echo on; sleep \(nap)"])
        let start = Machine.ticks
        #expect(throws: FileError("write", "x", .noSpace)) {
            _ = try Sandbox.run(plan) { _ in throw FileError("write", "x", .noSpace) }
        }
        #expect(try !sleeps(nap))
        #expect(Machine.ticks - start < 30_000_000_000)
    }

    @Test(arguments: isolations)
    func `what a program leaves running is ended`(isolation: Isolation) throws {
        let nap = uniqueNap()
        let line = "sleep \(nap) & setsid sleep \(nap) & (setsid setsid sleep \(nap) &) ; echo on"
        let outcome = try root.run(line, isolation)
        #expect(outcome.text == "on\n" && outcome.status == .exited(0))
        #expect(try !sleeps(nap))
    }

    @Test func `the first process is not ended from within, and tells nothing`() throws {
        let line = """
            kill -9 1; kill -TERM 1; kill -INT $PPID; echo still
            readlink /proc/1/exe /proc/1/root /proc/1/cwd; cat /proc/1/environ /proc/1/maps /proc/1/fd/*
            readlink /proc/1/fd/*
            wc -c </proc/1/cmdline; grep -c varve /proc/1/cmdline
            """
        let text = try root.run("{ \(line); } 2>/dev/null").text
        #expect(text.hasPrefix("still\n"))
        let told = text.split(separator: "\n").dropFirst()
        #expect(told.last == "0" && told.count == 2)
    }

    @Test(arguments: isolations)
    func `capabilities are Docker's fourteen`(isolation: Isolation) throws {
        guard isolation.hasMounts else {
            // There is no /proc to ask.
            #expect(try root.run("chown 0:0 /tmp && hostname x", isolation).status == .exited(1))
            return
        }
        let text = try root.run("grep ^Cap /proc/self/status; grep NoNew /proc/self/status", isolation).text
        let sets = [
            "CapInh": "0", "CapPrm": "a80425fb", "CapEff": "a80425fb", "CapBnd": "a80425fb", "CapAmb": "0",
        ]
        for (name, value) in sets {
            let zeros = String(repeating: "0", count: 16 - value.count)
            #expect(text.contains("\(name):\t\(zeros)\(value)\n"))
        }
        #expect(text.contains("NoNewPrivs:\t0\n"))
    }

    @Test func `new privileges are refused where that is wanted`() throws {
        let text = try root.run("grep NoNew /proc/self/status") { $0.refusesNewPrivileges = true }.text
        #expect(text == "NoNewPrivs:\t1\n")
    }

    @Test(arguments: isolations)
    func `another user has its groups and no capabilities`(isolation: Isolation) throws {
        try Requirement.subordinateIDs()
        let line = "id -u; id -g; id -G; chown 5 /tmp 2>/dev/null || echo refused"
        let outcome = try root.run(line, isolation) { plan in
            (plan.user, plan.group, plan.groups) = (1234, 2345, [7, 2345, 8])
        }
        #expect(outcome.text == "1234\n2345\n2345 7 8\nrefused\n")
        guard isolation.hasMounts else { return }
        let sets = try root.run("grep -E 'Cap(Prm|Eff|Inh)' /proc/self/status | cut -f2", isolation) {
            $0.user = 1234
        }
        #expect(sets.text == String(repeating: "0000000000000000\n", count: 3))
    }

    @Test(arguments: isolations) func `the working directory stays in the root`(isolation: Isolation) throws {
        try root.scratch.directory("root/a/b")
        symlink("../../../../../..", root["a/up"].string)
        let paths = [("/a/b", "/a/b"), ("/a/up", "/"), ("/../../a", "/a")]
        for (path, place) in paths {
            let outcome = try root.run("pwd -P", isolation) { $0.workingDirectory = Array(path.utf8) }
            #expect(outcome.text == "\(place)\n")
        }
        #expect(throws: SandboxError(.workingDirectory, .noSuchFileOrDirectory, "/none")) {
            _ = try root.run("true", isolation) { $0.workingDirectory = Array("/none".utf8) }
        }
    }

    @Test func `a fork bomb is bounded, and gone when its program ends`() throws {
        // Two walls that know nothing of each other: a control group and the user's own limit. What stands behind
        // them is that the bomb has 7 generations, and that what it starts ends by itself.
        if Machine.user.id == 0, ProcessLimit(10) == nil {
            try Test.cancel("root is bounded by a control group, and none can be made here")
        }
        let nap = "9.\(UInt64.random(in: 100_000_000...999_999_999))"
        func run(_ line: String) throws -> Int {
            let text = try root.run(line) { plan in
                plan.processLimit = 40
                // The kernel's limit on a user's processes is none for root.
                if Machine.user.id == 0 { plan.user = 54_321 }
            }.text
            return try #require(text.split(separator: "\n").last.flatMap { Int($0) })
        }
        let count = "i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done; set -- /proc/[0-9]*; echo $#"
        // No more than sixty in a row, to see that there is a limit at all.
        let ladder = "(n=0; while [ $n -lt 60 ]; do sleep \(nap) & n=$((n+1)); done) 2>/dev/null & \(count)"
        try #require(try run(ladder) <= 41)
        let bomb = """
            bomb() { if [ $1 -gt 0 ]; then bomb $(($1-1)) & bomb $(($1-1)) & fi; sleep \(nap); }
            (bomb 7 2>/dev/null) & \(count)
            """
        #expect(try 20...41 ~= run(bomb))
        #expect(try !sleeps(nap))
    }

    @Test func `a host name and a network of its own`() throws {
        let outcome = try root.run("hostname; grep -c : /proc/net/dev; cat /proc/net/dev") { plan in
            (plan.hostName, plan.network) = ("builder", .none)
        }
        #expect(outcome.text.hasPrefix("builder\n1\n") && outcome.text.contains("lo:"))
    }

    @Test func `a chroot has no network of its own, and does not pretend`() throws {
        try Requirement.isolation(.chroot)
        #expect(throws: SandboxError(.network, .notSupported)) {
            _ = try root.run("true", .chroot) { $0.network = .none }
        }
    }

    @Test(arguments: isolations)
    func `what would be cut at a NUL is not run`(isolation: Isolation) throws {
        try Requirement.isolation(isolation)
        let cut = Array("/a\0b".utf8)
        let changes: [(SandboxError, (inout SandboxPlan) -> Void)] = [
            (SandboxError(.program, .invalidArgument, "/a\\x00b"), { $0.command.append(cut) }),
            (SandboxError(.program, .invalidArgument), { $0.environment.append(cut) }),
            (
                SandboxError(.workingDirectory, .invalidArgument, "/a\\x00b"),
                { $0.workingDirectory = cut }
            ),
            (
                SandboxError(.mount, .invalidArgument, "/a\\x00b"),
                { $0.mounts.append(.memory(at: cut, size: nil)) }
            ),
            (
                SandboxError(.mount, .invalidArgument, "/m"),
                {
                    $0.mounts.append(
                        .bind(source: "/usr", beneath: cut, at: Array("/m".utf8), isReadOnly: true))
                }
            ),
        ]
        for (error, change) in changes {
            #expect(throws: error) { _ = try root.run("echo run", isolation, changing: change) }
        }
    }

    @Test func `an isolation of none runs nothing`() throws {
        let plan = SandboxPlan(root: root.path, isolation: .none, command: [Array("true".utf8)])
        #expect(throws: SandboxError(.namespaces, .notPermitted)) { _ = try Sandbox.run(plan) { _ in } }
    }
}
