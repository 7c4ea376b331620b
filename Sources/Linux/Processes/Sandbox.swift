import CLinux
import Glibc
import SystemPackage

/// Runs programs of a build, each in a root directory of its own.
public enum Sandbox {
    /// Whether a number of processes can be set for root's programs, too: it takes a control group that this process
    /// may make groups in.
    public static var canLimitRoot: Bool { ProcessLimit(1 << 10) != nil }

    /// Whether the kernel's keys can be kept from programs without a mount namespace of their own.
    ///
    /// With one, and where new privileges are refused, they always are. Else it takes the capability SYS_ADMIN, or that they are kept from this process, too, as Docker does.
    public static var canRefuseKeys: Bool { sandbox_can_refuse_keys() != 0 }

    /// Runs a program to its end.
    ///
    /// When this returns or throws, the program and what it started have ended, but for isolations without processes
    /// of their own: there what forks faster than it is killed can stay. Nothing is mounted outside. The program reads
    /// nothing at its standard input. Where this process is killed, the program is too.
    ///
    /// In a chroot and in place, mounts are what ``SandboxMount`` says of them; a failure to take them away is thrown, for
    /// the root holds what does not belong there.
    ///
    /// - Parameters:
    ///   - plan: What it is given.
    ///   - check: Called at least every 100 ms while `output` does not work; what it throws ends the program.
    ///   - output: Takes what the program writes to standard output and error, in order and as it comes, 64 KiB at most
    ///     at a time; while it works, the program waits. What it throws ends the program.
    /// - Returns: How the program ended.
    /// - Throws: ``SandboxError``, ``FileError``, ``IdentityError``, ``ChildError``; what `check` and `output` throw,
    ///   after SIGTERM, two seconds, and SIGKILL.
    public static func run(
        _ plan: SandboxPlan, check: () throws -> Void = Interruption.check,
        output: (Span<UInt8>) throws -> Void
    ) throws -> Termination {
        guard plan.isolation != .none else { throw SandboxError(.namespaces, .notPermitted) }
        try plan.expectWhole()
        // Who asks for no network must not get one.
        guard plan.isolation.hasMounts || plan.network == .host else {
            throw SandboxError(.network, .notSupported)
        }
        try check()
        guard !plan.isolation.hasMounts else { return try carryOut(plan, check, output) }
        let placed = try PlacedMounts(in: plan.isolation == .inplace ? "/" : plan.root)
        var bare = plan
        bare.mounts = []
        do {
            for mount in plan.mounts { try placed.add(mount) }
            let ended = try carryOut(bare, check, output)
            try placed.takeAway()
            return ended
        } catch {
            try? placed.takeAway()
            throw error
        }
    }

    private static func carryOut(
        _ plan: SandboxPlan, _ check: () throws -> Void, _ output: (Span<UInt8>) throws -> Void
    ) throws -> Termination {
        var processes = try SandboxProcesses(plan)
        do {
            try processes.begin()
            try processes.pass(to: output, check)
            return try processes.finish()
        } catch {
            processes.end()
            throw error
        }
    }
}

/// The processes of one sandbox.
private struct SandboxProcesses: ~Copyable {
    /// How long a program may take to end that was asked to.
    private static let graceSeconds: UInt64 = 2
    private static let chunk = 64 << 10

    private let plan: SandboxPlan
    private let steps: [SandboxMount.Step]
    private var output: Pipe
    private var report: Pipe
    private var lifeline: Pipe
    private let first: pid_t
    private let limit: ProcessLimit?
    private var failure: SandboxError?
    private var status: Termination?
    private var hasBegun = false
    private var hasEnded = false

    /// Starts the first of them, which waits.
    init(_ plan: SandboxPlan) throws {
        let steps = plan.mounts.flatMap(\.steps)
        let memory = PlanMemory(plan, steps)
        var output = try Pipe()
        var report = try Pipe()
        var lifeline = try Pipe()
        var input = try Pipe()
        // Its end is there at once.
        input.closeInput()
        let limit = plan.processLimit.flatMap(ProcessLimit.init)
        let first = try memory.start(
            input: input.output, output: output.input, report: report.input, lifeline: lifeline.output)
        output.closeInput()
        report.closeInput()
        lifeline.closeOutput()
        self.output = output
        self.report = report
        self.lifeline = lifeline
        (self.plan, self.steps, self.first, self.limit) = (plan, steps, first, limit)
    }

    /// Lets it go on once it has its ids and its limit.
    mutating func begin() throws {
        try plan.identityMap?.write(to: first)
        if let limit, !limit.add(first) { throw SandboxError(.limit, .current) }
        // Where it was killed already, its report says nothing, and that is told.
        _ = lifeline.write([1], from: 0)
        hasBegun = true
    }

    /// Gives the output away until the first process has ended.
    mutating func pass(to receive: (Span<UInt8>) throws -> Void, _ check: () throws -> Void) throws {
        var (bytes, hasReport, hasOutput) = ([UInt8](), true, true)
        while hasReport || hasOutput {
            try check()
            var wanted = [
                pollfd(fd: hasOutput ? output.output : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: hasReport ? report.output : -1, events: Int16(POLLIN), revents: 0),
            ]
            // Nothing more comes from who ended; what a process that got away may still write is its own affair.
            guard poll(&wanted, 2, hasReport ? 100 : 0) > 0 else {
                if hasReport { continue }
                return
            }
            if wanted[0].revents != 0 {
                bytes.removeAll(keepingCapacity: true)
                hasOutput = try output.read(upTo: Self.chunk, appendingTo: &bytes) > 0
                if hasOutput { try receive(bytes.span) }
            }
            if wanted[1].revents != 0 { hasReport = try readReport() }
        }
    }

    /// - Returns: Whether more may come.
    private mutating func readReport() throws(FileError) -> Bool {
        var bytes: [UInt8] = []
        let size = MemoryLayout<sandbox_report>.size
        guard try report.read(upTo: size, appendingTo: &bytes) == size else { return false }
        let told = bytes.withUnsafeBytes { $0.loadUnaligned(as: sandbox_report.self) }
        if told.step == Int32(SANDBOX_STEP_END.rawValue) {
            status = Termination(told.code)
        } else if failure == nil {
            failure = SandboxError(told, plan, steps)
        }
        return true
    }

    /// Collects the first process.
    mutating func finish() throws -> Termination {
        wait()
        if let failure { throw failure }
        guard let status else { throw SandboxError(.supervision, .noSuchProcess) }
        return status
    }

    /// Ends all of it: asks, waits, kills.
    mutating func end() {
        guard !hasEnded else { return }
        if hasBegun { kill(first, SIGTERM) }
        if !hasBegun || !hasEnded(within: Self.graceSeconds) {
            // The first process ends the others now.
            lifeline.closeInput()
            if !hasEnded(within: 5 * Self.graceSeconds) { kill(first, SIGKILL) }
        }
        wait()
    }

    /// Waits for the report's end; meanwhile the output goes nowhere, so that no writer is held up.
    private mutating func hasEnded(within seconds: UInt64) -> Bool {
        let deadline = Machine.ticks + seconds * 1_000_000_000
        var (bytes, hasOutput) = ([UInt8](), true)
        while Machine.ticks < deadline {
            var wanted = [
                pollfd(fd: hasOutput ? output.output : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: report.output, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&wanted, 2, 20) > 0 else { continue }
            if wanted[0].revents != 0 {
                bytes.removeAll(keepingCapacity: true)
                hasOutput = (try? output.read(upTo: Self.chunk, appendingTo: &bytes)) ?? 0 > 0
            }
            if wanted[1].revents != 0, !((try? readReport()) ?? false) { return true }
        }
        return false
    }

    private mutating func wait() {
        guard !hasEnded else { return }
        var status: Int32 = 0
        _ = retrying { waitpid(first, &status, 0) }
        hasEnded = true
    }
}
