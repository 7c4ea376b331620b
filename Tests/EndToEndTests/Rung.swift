import Linux
import SystemPackage
import TestSupport
import Testing

/// How far a program is kept from the machine, and whose build it is.
struct Rung: Sendable, CustomTestStringConvertible {
    enum Builder: String, CaseIterable, Sendable {
        case root
        /// A user with subordinate ids.
        case subordinate
        /// A user without.
        case plain
    }

    let isolation: Isolation
    let builder: Builder

    /// All that there are.
    static let all = Builder.allCases.flatMap { builder in
        [Isolation.namespaces, .outerProc, .chroot].map { Rung(isolation: $0, builder: builder) }
    }

    /// Each isolation, and each builder.
    static let each = all.filter { $0.isolation == .namespaces || $0.builder == .root }

    var testDescription: String { "\(isolation.rawValue) as \(builder.rawValue)" }

    /// Whether files can be given to root only.
    var isAlone: Bool { builder == .plain }

    /// A build on this rung; cancels the test where it cannot be had.
    func building(
        _ dockerfile: String, in work: RunWorkplace, _ flags: [String] = [], variables: [String] = []
    ) throws -> Command {
        if builder == .plain, Machine.user.id != 0, IdentityMap.widest().shortage == nil {
            try Test.cancel("this user has subordinate ids")
        }
        if builder != .plain { try Requirement.root() }
        if builder == .subordinate { try Requirement.program("newuidmap") }
        let command = try work.building(
            dockerfile, ["--isolation", isolation.rawValue] + flags, variables: variables)
        if Machine.user.id == 0 {
            // Several users build there.
            let places = [work.site.scratch.path, try RunWorkplace.base.get().scratch.path]
            try Command(["chmod", "-R", "a+rwX"] + places.map(\.string)).succeed()
        }
        return switch builder {
        case .root: command
        case .plain: command.asPlainUser()
        case .subordinate: try asSubordinateUser(command, in: work.site.scratch)
        }
    }

    /// A user that is there for this command alone: the files that tell of it are mounted where nobody else sees them.
    private func asSubordinateUser(_ command: Command, in scratch: Scratch) throws -> Command {
        try scratch.write("ids", "varve-builder:100000:65536\n")
        let script = """
            mount --make-rprivate / && cd "$0" &&
            (cat /etc/passwd; echo varve-builder:x:54321:54321::/tmp:/bin/sh) > passwd &&
            for file in passwd:passwd ids:subuid ids:subgid; do
                mount --bind "$0/${file%:*}" "/etc/${file#*:}" || exit 99
            done
            exec setpriv --reuid=54321 --regid=54321 --clear-groups -- "$@"
            """
        for file in ["/etc/subuid", "/etc/subgid"] { try Requirement.file(FilePath(file)) }
        return command.behind("unshare", "-m", "sh", "-c", script, scratch.path.string)
    }
}

extension Requirement {
    /// Other users than root in the programs of a build.
    static func otherUsers() throws {
        if Machine.user.id != 0, IdentityMap.widest().shortage != nil {
            try Test.cancel("this user has no subordinate ids")
        }
    }
}
