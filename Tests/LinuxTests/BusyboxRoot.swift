import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

/// A root directory with a shell and nothing else.
struct BusyboxRoot {
    private static let programs = [
        "cat", "chmod", "chown", "cut", "dd", "echo", "env", "false", "grep", "head", "hostname", "id",
        "kill", "ls", "mkdir", "mknod", "mount", "printf", "ps", "pwd", "readlink", "rm", "rmdir", "setsid",
        "sh", "sleep", "stat", "touch", "true", "umount", "wc",
    ]

    let scratch: Scratch

    init() throws {
        try Requirement.program("busybox")
        let path = ProcessArguments.environment["PATH"] ?? ""
        let places: [String] = path.split(separator: ":").map { "\($0)/busybox" }
        let busybox = places.first { access($0, X_OK) == 0 }
        scratch = try Scratch()
        for name in ["root/bin", "root/etc", "root/tmp"] { try scratch.directory(name) }
        try Command(["cp", "-L", busybox ?? "busybox", scratch["root/bin/busybox"].string]).succeed()
        for name in Self.programs { symlink("busybox", scratch["root/bin/\(name)"].string) }
    }

    var path: FilePath { scratch["root"] }

    /// A path in it, as it is outside.
    subscript(_ name: String) -> FilePath { path.pushing(FilePath(name)) }

    /// Everything in it but its programs: paths, kinds, modes, owners, times.
    func listing() throws -> String {
        let format = "%P %y %m %U:%G %T@ %l\\n"
        return try Command(["find", path.string, "-path", "*/bin/*", "-prune", "-o", "-printf", format])
            .succeed().text
    }

    /// Runs a line of shell in it; cancels the test where the isolation does not work.
    func run(
        _ line: String, _ isolation: Isolation = .namespaces,
        changing change: (inout SandboxPlan) -> Void = { _ in }
    ) throws -> (status: Termination, text: String) {
        let plan = try plan(["/bin/sh", "-c", line], isolation, changing: change)
        var output: [UInt8] = []
        let status = try Sandbox.run(plan) { bytes in output += bytes.withUnsafeBytes { Array($0) } }
        return (status, String(decoding: output, as: UTF8.self))
    }

    func plan(
        _ command: [String], _ isolation: Isolation = .namespaces,
        changing change: (inout SandboxPlan) -> Void = { _ in }
    ) throws -> SandboxPlan {
        try Requirement.isolation(isolation)
        var plan = SandboxPlan(root: path, isolation: isolation, command: command.map { Array($0.utf8) })
        plan.identityMap = isolation.hasMounts ? ownMap : nil
        plan.environment = [Array("PATH=/bin".utf8)]
        change(&plan)
        return plan
    }
}

/// The map that this process needs to mount: none as root.
let ownMap: IdentityMap? = Machine.user.id == 0 ? nil : IdentityMap.widest().map

extension Requirement {
    private static let probe = Result { try SandboxProbe(identityMap: ownMap) }

    /// An isolation that works here.
    static func isolation(_ wanted: Isolation) throws {
        // Its locks are copied with the process, and whoever held one is not.
        if dlsym(nil, "__tsan_init") != nil { try Test.cancel("ThreadSanitizer does not know of clone(2)") }
        let row = try probe.get().rows.first { $0.isolation == wanted }
        if let reason = row?.reason { try Test.cancel("\(reason)") }
    }

    /// Other users than root in a sandbox.
    static func subordinateIDs() throws {
        if let ownMap, ownMap.isSingle { try Test.cancel("this user has no subordinate ids") }
    }
}

/// The program that enters namespaces; `as` names a user, for root, and `path` where that one finds programs.
func trial(_ words: String..., as user: String? = nil, path: String? = nil) throws -> Command {
    let program = try trialPath()
    guard let user else { return Command([program.string] + words) }
    // A checkout may be closed to others.
    let copy = "/tmp/varve-trial-\(getpid())"
    if !Machine.exists(FilePath(copy)) {
        try Command(["install", "-m", "755", program.string, "\(copy).new"]).succeed()
        rename("\(copy).new", copy)
        atexit { unlink("/tmp/varve-trial-\(getpid())") }
    }
    let setting = path.map { ["env", "PATH=\($0)"] } ?? []
    return Command(
        ["setpriv", "--reuid=\(user)", "--regid=\(user)", "--clear-groups", "--"] + setting + [copy] + words)
}

/// Where that program is.
func trialPath() throws -> FilePath {
    let start = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
    let program = Machine.absolute(FilePath(start)).removingLastComponent().appending("SandboxTrial")
    guard Machine.exists(program) else { try Test.cancel("SandboxTrial was not built beside the tests") }
    return program
}

/// A number of seconds to sleep that nobody else sleeps.
func uniqueNap() -> String { String(UInt64.random(in: 1_000_000_000...2_000_000_000)) }

/// Whether a process sleeps that long, within a second.
func sleeps(_ nap: String, orUntil isDone: Bool = true) throws -> Bool {
    try Requirement.program("pgrep")
    for _ in 0..<100 {
        let isThere = try Command(["pgrep", "-x", "-f", "sleep \(nap)"]).run().status == 0
        if isThere != isDone { return isThere }
        Machine.sleep(milliseconds: 20)
    }
    return isDone
}
