import Testing

@testable import DockerfileSyntax

@Suite struct FileModeTests {
    @Test(
        "a mode is what chmod makes of it, without a mask",
        arguments: [
            ("644", 0o755, false, 0o644), ("0755", 0o600, true, 0o755), ("4711", 0, false, 0o4711),
            ("u+x", 0o644, false, 0o744), ("+x", 0o644, false, 0o755), ("a-w", 0o666, false, 0o444),
            ("go=", 0o777, false, 0o700), ("u=rwX,go=rX", 0o600, false, 0o644),
            ("u=rwX,go=rX", 0o700, false, 0o755), ("u=rwX,go=rX", 0o600, true, 0o755),
            ("g=u", 0o740, false, 0o770), ("o=g,g-w", 0o760, false, 0o746), ("u+s", 0o755, false, 0o4755),
            ("g+s", 0o755, true, 0o2755), ("+t", 0o777, true, 0o1777), ("u-s,g-s", 0o6755, false, 0o755),
            ("u=rx", 0o4777, false, 0o577), ("ug+w-x", 0o551, false, 0o661), ("a=r", 0o7777, false, 0o444),
        ] as [(String, UInt32, Bool, UInt32)])
    func applied(text: String, before: UInt32, isDirectory: Bool, after: UInt32) throws {
        let mode = try FileMode(Word(text, at: Position(line: 1, column: 1)))
        #expect(mode.applied(to: before, isDirectory: isDirectory) == after)
    }
}
