import CLinux
import Glibc
import SystemPackage

/// A plan as the child reads it, which may allocate nothing.
final class PlanMemory {
    private var texts: [UnsafeMutablePointer<CChar>?] = []
    private var lists: [UnsafeMutablePointer<UnsafePointer<CChar>?>] = []
    private let mounts: UnsafeMutablePointer<sandbox_mount>
    private let groups: UnsafeMutablePointer<UInt32>
    /// What is in the files, kept for as long as their addresses stand here.
    private let steps: [SandboxMount.Step]
    private(set) var plan = sandbox_plan()

    init(_ source: SandboxPlan, _ steps: [SandboxMount.Step]) {
        self.steps = steps
        mounts = .allocate(capacity: max(steps.count, 1))
        groups = .allocate(capacity: max(source.groups.count, 1))
        groups.initialize(from: source.groups, count: source.groups.count)
        for (place, step) in steps.enumerated() { mounts.advanced(by: place).initialize(to: mount(step)) }
        plan.namespaces = Self.namespaces(of: source)
        // Whoever may not call chroot(2) must not have to.
        plan.root = source.isolation == .inplace ? nil : text(Machine.absolute(source.root).bytes)
        plan.mounts = UnsafePointer(mounts)
        plan.mount_count = steps.count
        plan.host_name = source.isolation.hasMounts ? source.hostName.flatMap { text(Array($0.utf8)) } : nil
        plan.programs = list(source.programs)
        plan.arguments = list(source.command)
        plan.environment = list(source.environment)
        plan.working_directory = text(source.workingDirectory)
        (plan.user, plan.group) = (source.user, source.group)
        plan.groups = UnsafePointer(groups)
        plan.group_count = source.groups.count
        plan.capabilities = source.capabilities.rawValue
        plan.refuses_new_privileges = source.refusesNewPrivileges ? 1 : 0
        plan.process_limit = UInt64(max(source.processLimit ?? 0, 0))
    }

    deinit {
        for text in texts { free(text) }
        for list in lists { list.deallocate() }
        mounts.deallocate()
        groups.deallocate()
    }

    /// Starts the child.
    ///
    /// - Throws: ``SandboxError``.
    func start(
        input: Int32, output: Int32, report: Int32, lifeline: Int32
    ) throws(SandboxError) -> pid_t {
        (plan.input, plan.output, plan.report, plan.lifeline) = (input, output, report, lifeline)
        let child = sandbox_start(&plan)
        guard child > 0 else { throw SandboxError(.namespaces, .current) }
        return child
    }

    private static func namespaces(of source: SandboxPlan) -> UInt64 {
        guard source.isolation.hasMounts else { return 0 }
        var flags = sandbox_mount_namespace | sandbox_ipc_namespace | sandbox_name_namespace
        if source.identityMap != nil { flags |= sandbox_user_namespace }
        if source.isolation == .namespaces { flags |= sandbox_process_namespace }
        if source.network == .none { flags |= sandbox_network_namespace }
        return flags
    }

    private func mount(_ step: SandboxMount.Step) -> sandbox_mount {
        sandbox_mount(
            kind: step.kind, flags: step.flags.reduce(0) { $0 | $1.rawValue }, source: text(step.source),
            beneath: step.beneath.flatMap(text), target: text(step.target), options: text(step.options),
            directory: step.directory.flatMap(text), major: step.device.0, minor: step.device.1,
            content: step.file?.content.start, content_size: step.file?.content.count ?? 0,
            mode: step.file?.permissions ?? 0, user: step.file?.user ?? 0, group: step.file?.group ?? 0)
    }

    private func text(_ bytes: [UInt8]) -> UnsafePointer<CChar>? {
        let copy = strdup(bytes.map { CChar(bitPattern: $0) } + [0])
        texts.append(copy)
        return UnsafePointer(copy)
    }

    private func list(_ words: [[UInt8]]) -> UnsafePointer<UnsafePointer<CChar>?> {
        let list = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: words.count + 1)
        for (place, word) in words.enumerated() { list.advanced(by: place).initialize(to: text(word)) }
        list.advanced(by: words.count).initialize(to: nil)
        lists.append(list)
        return UnsafePointer(list)
    }
}
