import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Linux

/// The kernel's keys, which belong to users, and which no namespace but that of users parts.
struct SandboxKeysTests {
    private let root: BusyboxRoot

    init() throws { root = try BusyboxRoot() }

    @Test(
        "no program asks for keys", arguments: [Isolation.namespaces, .outerProc, .chroot], SystemCall.keys)
    func refused(isolation: Isolation, call: SystemCall) throws {
        try call.write(to: root["bin/call"])
        let plan = try root.plan(["call"], isolation)
        // A kernel may have no 32-bit programs at all.
        let ends = [Termination.exited(EPERM), .killed(signal: SIGSEGV)]
        #expect(ends.contains(try Sandbox.run(plan) { _ in }))
    }

    @Test(
        "nor does another user's, nor one that can become nothing more",
        arguments: [Isolation.namespaces, .outerProc, .chroot], [false, true])
    func otherUser(isolation: Isolation, refusesNewPrivileges: Bool) throws {
        try Requirement.subordinateIDs()
        try SystemCall.keys[2].write(to: root["bin/call"])
        let plan = try root.plan(["call"], isolation) { plan in
            plan.user = 1234
            plan.refusesNewPrivileges = refusesNewPrivileges
        }
        #expect(try Sandbox.run(plan) { _ in } == .exited(EPERM))
    }

    @Test("outside of a sandbox they come through", arguments: SystemCall.keys.prefix(3))
    func outside(call: SystemCall) throws {
        try Requirement.noFilter()
        try call.write(to: root["bin/call"])
        // EFAULT, or EOPNOTSUPP of keyctl(2).
        #expect([14, 95].contains(try Command([root["bin/call"].string]).run().status))
    }

    @Test func `whoever may do all can keep them from programs`() throws {
        try Requirement.root()
        #expect(Sandbox.canRefuseKeys)
    }
}

extension Requirement {
    fileprivate static func noFilter() throws {
        if Confinement.current.isFiltered { try Test.cancel("a filter refuses calls here already") }
    }
}
