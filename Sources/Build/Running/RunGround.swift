import Layers
import Linux
import SystemPackage

/// Where this build runs programs, and how far they are kept from the machine: found out when the first one is to be
/// run.
struct RunGround: Sendable {
    /// The name of the machine that programs see.
    let hostName = "varve"
    /// The most processes of a program, where the kernel lets them be counted: what multiplies ends before the machine,
    /// also where several stages do.
    let processLimit = min(1 << 15, Machine.processNumbers / 4)
    let isolation: Isolation
    /// Whether root is root of a namespace alone, and of nothing that was there before it.
    let isInUserNamespace: Bool
    /// Why files can be given to nobody but root: the namespace has a single id; `nil` where it has more.
    let shortage: String?
    let trees: ImageTrees

    /// Tries what works.
    ///
    /// - Parameters:
    ///   - settings: What the user wants.
    ///   - limits: What layers may hold.
    ///   - jobs: Threads that look at files.
    ///   - note: Told what is otherwise than expected.
    /// - Throws: ``BuildError/noIsolation(_:)``, `FileError`, `Interruption`.
    init(
        _ settings: RunSettings, _ limits: UnpackLimits, jobs: Int, note: (Progress.Note) -> Void
    ) throws {
        isInUserNamespace =
            if case .success(let entry)? = settings.namespaces { entry.identityMap != nil } else { false }
        var (shortage, entered) = ("no namespace could be entered", false)
        var isAlone = Machine.user.id != 0
        if case .success(let entry)? = settings.namespaces {
            entered = true
            isAlone = entry.identityMap?.isSingle ?? false
            shortage = entry.shortage ?? "there are no subordinate ids"
        }
        self.shortage = isAlone ? shortage : nil
        isolation = try settings.inplaceRoot == nil ? Self.isolation(settings.isolation) : .inplace
        if isolation == .chroot {
            note(.weakIsolation)
            if !settings.refusesNewPrivileges, !Sandbox.canRefuseKeys { note(.keysInReach) }
        }
        if isolation == .inplace { note(.ownRoot) }
        if isAlone { note(.singleIdentity(shortage)) }
        var options = try UnpackOptions()
        options.jobs = jobs
        options.limits = limits
        options.keepsOwners = !isAlone
        options.marksOwners = isAlone
        options.keepsModes = true
        options.makesDevices = Machine.user.id == 0 && !isInUserNamespace
        // What a chroot puts aside of a tree it could not put aside of a lower directory.
        trees = try ImageTrees(options, canMount: entered && isolation.hasMounts)
    }

    /// What a program may do that is root: in a network that is not its own, not to read and make others' packets.
    ///
    /// Root of a user namespace cannot, whatever capabilities it has there.
    func capabilities(in network: SandboxPlan.Network) -> Capabilities {
        network == .none || isInUserNamespace ? .standard : .standard.subtracting(.netRaw)
    }

    private static func isolation(_ wanted: Isolation?) throws -> Isolation {
        let rows = try SandboxProbe().rows
        let tried = rows.filter { wanted == nil || $0.isolation == wanted }
        if let row = tried.first(where: { $0.works && $0.isolation != .none }) { return row.isolation }
        throw BuildError.noIsolation(tried.map { "\($0.isolation.rawValue): \($0.reason ?? "runs nothing")" })
    }
}
