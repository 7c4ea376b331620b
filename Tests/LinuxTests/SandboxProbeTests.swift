import Linux
import TestSupport
import Testing

struct SandboxProbeTests {
    @Test func `each isolation is tried, and what fails has a reason`() throws {
        let probe = try SandboxProbe(identityMap: ownMap)
        #expect(probe.rows.map(\.isolation) == Isolation.automatic)
        #expect(probe.rows.last?.works == true)
        #expect(probe.rows.allSatisfy { $0.works == ($0.reason == nil) })
        #expect(probe.best == probe.rows.first(where: \.works)?.isolation)
    }

    @Test func `a chroot takes a capability`() throws {
        guard Machine.user.id != 0 else { try Test.cancel("root has it") }
        let row = try SandboxProbe(identityMap: ownMap).rows.first { $0.isolation == .chroot }
        #expect(row?.reason?.hasPrefix("cannot enter the root directory") == true)
    }
}
