import Glibc
import SystemPackage

/// What of ``Isolation`` works here, found by trying.
public struct SandboxProbe: Sendable {
    /// One isolation.
    public struct Row: Equatable, Sendable {
        /// Which one.
        public let isolation: Isolation
        /// Why it does not work; `nil` where it does.
        public let reason: String?
        /// Which setting of the machine, the pod or the container would give it; `nil` where none is known.
        public let advice: String?

        /// Whether it works.
        public var works: Bool { reason == nil }
    }

    /// All that nobody has to ask for, the best first.
    public let rows: [Row]

    /// The best that works.
    public var best: Isolation { rows.first(where: \.works)?.isolation ?? .none }

    /// Tries each with the usual mounts, an empty root, and no program.
    ///
    /// - Parameter identityMap: As in ``SandboxPlan``.
    /// - Throws: ``FileError`` where no directory can be made for it; ``Interruption``.
    public init(identityMap: IdentityMap? = nil) throws {
        let root = try ScratchDirectory()
        rows = try Isolation.automatic.map { isolation in
            guard isolation != .none else { return Row(isolation: .none, reason: nil, advice: nil) }
            var plan = SandboxPlan(root: root.path, isolation: isolation, command: [])
            plan.identityMap = isolation.hasMounts ? identityMap : nil
            do {
                _ = try Sandbox.run(plan) { _ in }
                return Row(isolation: isolation, reason: nil, advice: nil)
            } catch let error as Interruption {
                throw error
            } catch {
                return Row(
                    isolation: isolation, reason: "\(error)",
                    advice: (error as? SandboxError).flatMap { Self.advice(for: $0, isolation) })
            }
        }
    }

    private static func advice(for error: SandboxError, _ isolation: Isolation) -> String? {
        if isolation == .chroot {
            return
                "root in the container, with the capability SYS_CHROOT: Kubernetes runAsUser: 0, Docker --user 0"
        }
        if error.errno == .noFunction {
            return "a kernel from Linux 5.12 on, and a seccomp profile that knows its calls"
        }
        if error.step == .namespaces { return namespaceAdvice(error.errno) }
        if error.step == .mount, error.subject == "/proc" {
            return
                "an unmasked /proc: Kubernetes procMount: Unmasked, Docker --security-opt systempaths=unconfined"
        }
        if error.errno == .permissionDenied || error.errno == .notPermitted {
            return error.step == .root || error.step == .mount || error.step == .propagation
                ? mountAdvice : nil
        }
        return nil
    }

    private static func namespaceAdvice(_ reason: Errno) -> String? {
        if number("/proc/sys/user/max_user_namespaces") == 0 || reason == .noSpace {
            return "sysctl user.max_user_namespaces above 0"
        }
        if number("/proc/sys/kernel/unprivileged_userns_clone") == 0 {
            return "sysctl kernel.unprivileged_userns_clone=1"
        }
        if Confinement.current.isFiltered {
            return "a seccomp profile that allows unshare and mount: "
                + "Kubernetes seccompProfile: Unconfined, Docker --security-opt seccomp=unconfined"
        }
        return mountAdvice
    }

    private static var mountAdvice: String {
        if number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1 {
            return "an AppArmor profile that allows user namespaces, or "
                + "sysctl kernel.apparmor_restrict_unprivileged_userns=0"
        }
        return "user namespaces, or the capability SYS_ADMIN; with AppArmor a profile that allows mount"
    }

    private static func number(_ path: FilePath) -> Int? {
        guard let bytes = try? File.reading(path).readAll(limit: 64) else { return nil }
        return Int(String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self))
    }
}
