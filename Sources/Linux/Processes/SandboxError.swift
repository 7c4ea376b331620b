import CLinux
public import SystemPackage

/// A sandbox that did not come to stand, or fell before its program ended.
public struct SandboxError: Error, Equatable, CustomStringConvertible {
    /// What was being done.
    public enum Step: Equatable, Sendable {
        /// Namespaces were being made.
        case namespaces
        /// User and group ids were being mapped.
        case identities
        /// The machine's mounts were being detached.
        case propagation
        /// The host name was being set.
        case hostName
        /// A network of its own was being made.
        case network
        /// The root directory was being entered.
        case root
        /// Something was being mounted.
        case mount
        /// A process was being started.
        case processes
        /// The working directory was being entered.
        case workingDirectory
        /// Capabilities were being dropped.
        case capabilities
        /// The user and its groups were being changed to.
        case user
        /// The number of processes was being limited.
        case limit
        /// The kernel's keys were being refused.
        case keys
        /// The program was being started.
        case program
        /// The first process did not live to tell how the program ended.
        case supervision
    }

    /// What was being done.
    public let step: Step
    /// What it was done to: a path or a program, escaped; empty where there is nothing to name.
    public let subject: String
    /// Why it failed.
    public let errno: Errno

    init(_ step: Step, _ errno: Errno, _ subject: String = "") {
        (self.step, self.subject, self.errno) = (step, subject, errno)
    }

    /// One line, as the user reads it.
    public var description: String {
        if step == .supervision { return "a program of the build was killed together with its sandbox" }
        if step == .mount, errno == .resourceBusy {
            return "nothing can be mounted on \(subject): it leads to /"
        }
        if step == .mount, errno == .tooManySymbolicLinkLevels, ["/proc", "/sys", "/dev"].contains(subject) {
            return
                "cannot mount \(subject): it is a symbolic link in the image, and must be a directory for RUN"
        }
        return "cannot \(verb)\(subject.isEmpty ? "" : " \(subject)"): \(errno)"
    }

    private var verb: String {
        switch step {
        case .namespaces: "make namespaces"
        case .identities: "map user and group ids"
        case .propagation: "detach the machine's mounts"
        case .hostName: "set the host name"
        case .network: "make a network of its own"
        case .root: "enter the root directory"
        case .mount: "mount"
        case .processes: "start a process"
        case .workingDirectory: "enter the working directory"
        case .capabilities: "drop capabilities"
        case .user: "change to user"
        case .limit: "limit processes"
        case .keys: "refuse the kernel's keys"
        case .program: "run"
        case .supervision: "watch over"
        }
    }
}

extension SandboxError {
    /// Reads what the child told.
    init(_ report: sandbox_report, _ plan: SandboxPlan, _ steps: [SandboxMount.Step]) {
        let place = Int(report.place)
        let reason = Errno(rawValue: report.code)
        self =
            switch sandbox_step(UInt32(bitPattern: report.step)) {
            case SANDBOX_STEP_IDENTITY: SandboxError(.identities, reason)
            case SANDBOX_STEP_PROPAGATION: SandboxError(.propagation, reason)
            case SANDBOX_STEP_HOST_NAME: SandboxError(.hostName, reason)
            case SANDBOX_STEP_NETWORK: SandboxError(.network, reason)
            case SANDBOX_STEP_ROOT, SANDBOX_STEP_PIVOT:
                SandboxError(.root, reason, plan.root.escapedDescription)
            case SANDBOX_STEP_MOUNT:
                SandboxError(.mount, reason, place < steps.count ? escaped(steps[place].target) : "")
            case SANDBOX_STEP_FORK: SandboxError(.processes, reason)
            case SANDBOX_STEP_DIRECTORY:
                SandboxError(.workingDirectory, reason, escaped(plan.workingDirectory))
            case SANDBOX_STEP_CAPABILITIES: SandboxError(.capabilities, reason)
            case SANDBOX_STEP_GROUPS, SANDBOX_STEP_USER:
                SandboxError(.user, reason, "\(plan.user):\(plan.group)")
            case SANDBOX_STEP_LIMIT: SandboxError(.limit, reason)
            case SANDBOX_STEP_KEYS: SandboxError(.keys, reason)
            default: SandboxError(.program, reason, escaped(plan.command.first ?? []))
            }
    }
}
