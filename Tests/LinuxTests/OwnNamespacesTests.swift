import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

/// Programs that enter namespaces as root, as a user with subordinate ids, and as one without.
@Suite(.serialized) struct OwnNamespacesTests {
    private static let user = "varve-subordinate"
    private let root: BusyboxRoot

    init() throws { root = try BusyboxRoot() }

    /// A user with subordinate ids, whose root directory this is.
    private func subordinateUser() throws -> String {
        try Requirement.root()
        try Requirement.program("useradd")
        try Requirement.program("newuidmap")
        try Requirement.program("pgrep")
        if try Command(["id", Self.user]).run().status != 0 {
            let words = ["useradd", "--no-create-home", "--add-subids-for-system", "--system", Self.user]
            try Command(words).succeed()
        }
        try own(Self.user)
        return Self.user
    }

    private func own(_ user: String) throws {
        try Command(["chown", "-Rh", "\(user):\(user)", root.scratch.path.string]).succeed()
    }

    /// A line of shell that waits until somebody sleeps that long, or gives up.
    private func awaiting(_ nap: String) -> String {
        "for i in $(seq 500); do pgrep -x -f 'sleep \(nap)' >/dev/null && break; sleep 0.02; done"
    }

    private func removeUser() { _ = try? Command(["userdel", Self.user]).run() }

    @Test func `root needs no ids of its own`() throws {
        try Requirement.root()
        try Requirement.isolation(.namespaces)
        let line = "id -u; chown 5:6 /tmp; cat /proc/self/uid_map | wc -l"
        let outcome = try trial("namespaces", root.path.string, line).succeed()
        #expect(outcome.text == "0\n1\n")
        #expect(outcome.errors == "map none\nshortage none\n")
    }

    @Test(arguments: ["namespaces", "outer-proc", "chroot"])
    func `a user with subordinate ids gives files to others`(isolation: String) throws {
        let user = try subordinateUser()
        defer { removeUser() }
        let line = "id -u; echo x >/f && chown 5:65536 /f && stat -c %u:%g /f"
        let outcome = try trial(isolation, root.path.string, line, as: user).succeed()
        #expect(outcome.text == "0\n5:65536\n")
        #expect(outcome.errors == "map 0+1 1+65536\nshortage none\n")
        let owner = try Directory.open(root.path).status(of: "f").user
        #expect(owner >= 100_000)
    }

    @Test func `where the programs that give ids are missing there is a single one`() throws {
        let user = try subordinateUser()
        defer { removeUser() }
        let outcome = try trial(
            "namespaces", root.path.string, "id -u", as: user, path: "/varve-none"
        ).run()
        #expect(outcome.text == "0\n")
        #expect(
            outcome.errors
                == "map 0+1\nshortage cannot run newgidmap: No such file or directory\n")
    }

    @Test(arguments: ["namespaces", "outer-proc"])
    func `a user without subordinate ids is root, and alone`(isolation: String) throws {
        var words = try trial(isolation, root.path.string, "id -u; chown 5 /tmp 2>&1")
        if Machine.user.id == 0 {
            try Command(["chown", "-Rh", "nobody:nogroup", root.scratch.path.string]).succeed()
            words = try trial(isolation, root.path.string, "id -u; chown 5 /tmp 2>&1", as: "65534")
        } else if IdentityMap.widest().shortage == nil {
            try Test.cancel("this user has subordinate ids")
        }
        let outcome = try words.run()
        #expect(outcome.text == "0\nchown: /tmp: Invalid argument\n" && outcome.status == 1)
        #expect(outcome.errors.contains("map 0+1\nshortage /etc/subuid gives user"))
    }

    @Test func `a kernel that refuses user namespaces is told, and which setting allows them`() throws {
        // In a namespace whose own limit is 0, and without the capability that makes them needless.
        let script = """
            echo 0 >/proc/sys/user/max_user_namespaces
            exec setpriv --bounding-set=-sys_admin -- "$@"
            """
        try Requirement.isolation(.namespaces)
        let outcome = try trial().behind("unshare", "-r", "sh", "-c", script, "sh").succeed()
        let lines = outcome.text.split(separator: "\n")
        #expect(lines.first == "cannot make namespaces: No space left on device")
        #expect(
            lines.dropFirst().first
                == "namespaces: cannot make namespaces: Operation not permitted; sysctl user.max_user_namespaces above 0"
        )
        #expect(lines.contains("chroot: works; none") && lines.last == "none: works; none")
    }

    @Test func `a container's masked /proc leaves the outer one`() throws {
        try Requirement.root()
        try Requirement.isolation(.namespaces)
        let script = """
            mount -t tmpfs varve /proc/acpi && exec "$@"
            """
        let outcome = try trial(as: "65534").behind("unshare", "-m", "sh", "-c", script, "sh").succeed()
        let lines = outcome.text.split(separator: "\n").dropFirst(2)
        #expect(
            lines.first?.hasPrefix("namespaces: cannot mount /proc: Operation not permitted; an unmasked")
                == true)
        #expect(lines.dropFirst().first == "outer-proc: works; none")
    }

    @Test("with its builder killed, a program ends", arguments: ["namespaces", "outer-proc", "chroot"])
    func parent(isolation: String) throws {
        try Requirement.program("pgrep")
        try Requirement.isolation(#require(Isolation(rawValue: isolation)))
        let nap = uniqueNap()
        let line = "setsid sleep \(nap) & sleep \(nap)"
        let command = try trial(isolation, root.path.string, line)
        let outcome = try command.behind(
            "sh", "-c", "\"$@\" & \(awaiting(nap)); kill -9 $!", "sh"
        )
        .run()
        #expect(outcome.status == 0)
        #expect(try !sleeps(nap))
    }

    @Test(
        "asked to stop, a program ends at once or is killed, and leaves nothing",
        arguments: ["namespaces", "outer-proc", "chroot"], ["exit 5", ""])
    func stop(isolation: String, trap: String) throws {
        try Requirement.program("pgrep")
        try Requirement.isolation(#require(Isolation(rawValue: isolation)))
        let before = try root.listing()
        let nap = uniqueNap()
        let line = "trap '\(trap)' TERM; sleep \(nap) & while :; do wait; sleep 1; done"
        let script = """
            "$@" & trial=$!
            \(awaiting(nap))
            kill -TERM $trial; wait $trial; echo $?
            """
        let start = Machine.ticks
        let outcome = try trial(isolation, root.path.string, line).behind("bash", "-c", script, "bash").run()
        #expect(outcome.line == "143")
        #expect(Machine.ticks - start < 20_000_000_000)
        #expect(try !sleeps(nap))
        #expect(try root.listing() == before)
    }

    @Test(
        "asked to stop, a cache is back where it was, and no secret is left",
        arguments: ["namespaces", "outer-proc", "chroot"])
    func stopWithMounts(isolation: String) throws {
        try Requirement.program("pgrep")
        try Requirement.isolation(#require(Isolation(rawValue: isolation)))
        try root.scratch.write("outside/cache/old", "1")
        let before = try root.listing()
        let nap = uniqueNap()
        let line = "echo 2 >/cache/new; sleep \(nap)"
        let script = """
            "$@" & trial=$!
            \(awaiting(nap))
            kill -TERM $trial; wait $trial; echo $?
            """
        let command = try trial(isolation, root.path.string, line, root.scratch["outside/cache"].string)
        #expect(try command.behind("bash", "-c", script, "bash").run().line == "143")
        #expect(try text(of: root.scratch["outside/cache/new"]) == "2\n")
        #expect(try root.listing() == before)
    }
}
