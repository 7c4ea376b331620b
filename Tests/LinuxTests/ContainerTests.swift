import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

/// Programs in sandboxes in containers as Docker makes them.
struct ContainerTests {
    private let root: BusyboxRoot
    private var container: Container

    init() throws {
        container = try Container()
        root = try BusyboxRoot()
        let program = try trialPath()
        try root.scratch.write("outside/cache/old", "old\n")
        try container.bind(program, at: "/trial")
        try container.bind(root.scratch.path, at: "/build", isReadOnly: false)
    }

    private static let line = """
        id -u; cat /cache/old /run/secrets/key; stat -c %a /memory; echo x >/dev/null && echo new >/cache/new
        (sleep 1000 &); stat -c %F /dev/null
        """

    private func check(_ container: Container, _ isolation: String, _ notes: String) throws {
        let before = try root.listing()
        let outcome = try container.run("/trial", isolation, "/build/root", Self.line, "/build/outside/cache")
        #expect(outcome.text == "0\nold\nsecret\n1777\ncharacter special file\n")
        #expect(outcome.errors == notes)
        #expect(outcome.status == 0)
        #expect(try text(of: root.scratch["outside/cache/new"]) == "new\n")
        #expect(try root.listing() == before)
    }

    @Test func `by default there is a chroot, with all that a plan mounts`() throws {
        try check(container, "chroot", "cannot make namespaces: Operation not permitted\n")
    }

    @Test func `without the filter root has its ids, and the processes of the container`() throws {
        var container = container
        container.isFiltered = false
        try check(container, "outer-proc", "map 0+4294967295\nshortage none\n")
    }

    @Test func `an administrator needs no ids`() throws {
        var container = container
        container.isFiltered = false
        container.capabilities.append("SYS_ADMIN")
        try check(container, "namespaces", "map none\nshortage none\n")
    }

    @Test func `without the filter a plain user is root, and alone`() throws {
        var container = container
        (container.isFiltered, container.user) = (false, 1000)
        try Command(["chown", "-Rh", "1000:1000", root.scratch.path.string]).succeed()
        let notes = "map 0+1\nshortage /etc/subuid gives user 1000 no subordinate ids\n"
        try check(container, "outer-proc", notes)
    }
}
