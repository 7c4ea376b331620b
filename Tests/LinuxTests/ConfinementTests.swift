import Testing

@testable import Linux

struct ConfinementTests {
    @Test(
        "a status is read",
        arguments: [
            (
                "Name:\tx\nCapEff:\t00000000a80425fb\nNoNewPrivs:\t0\nSeccomp:\t2\n", true, false,
                Capabilities.standard
            ),
            ("CapEff:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t0\n", false, true, Capabilities()),
            // A name is the program's own choice.
            ("Name:\tSeccomp: 2\nCapEff:\tz\n", false, false, Capabilities()),
            ("", false, false, Capabilities()),
        ])
    func status(text: String, isFiltered: Bool, refuses: Bool, capabilities: Capabilities) {
        let confinement = Confinement(status: Array(text.utf8))
        #expect(confinement.isFiltered == isFiltered && confinement.refusesNewPrivileges == refuses)
        #expect(confinement.capabilities == capabilities)
    }

    @Test func `capabilities have their names, and those of a later kernel their numbers`() {
        #expect(
            Capabilities.standard.names == [
                "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
                "NET_BIND_SERVICE", "NET_RAW", "SYS_CHROOT", "MKNOD", "AUDIT_WRITE", "SETFCAP",
            ])
        #expect(
            Capabilities(rawValue: 1 << 40 | 1 << 21 | 1 << 60).names == [
                "SYS_ADMIN", "CHECKPOINT_RESTORE", "60",
            ])
        #expect(Capabilities().names == [])
    }
}
