import OCI
import TestSupport
import Testing

/// Table D: a Dockerfile that cannot be read is told with file, line, column and the line itself.
struct BuildSyntaxFaultTests {
    /// A mistake: where it is, and what is said of it.
    struct Mistake: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let dockerfile: String
        let line: Int
        let column: Int
        let message: String

        init(_ row: String, _ dockerfile: String, _ line: Int, _ column: Int, _ message: String) {
            testDescription = "\(row): \(message)"
            (self.dockerfile, self.line, self.column, self.message) = (dockerfile, line, column, message)
        }
    }

    @Test(arguments: mistakes)
    func `a mistake is shown where it stands, and nothing is touched`(mistake: Mistake) throws {
        let work = try BuildWorkplace(withBase: false)
        try work.makeOld()
        try work.write(mistake.dockerfile)
        let said = try work.refuse(work.build(), saying: [mistake.message])
        #expect(said.hasPrefix("varve: Dockerfile: line \(mistake.line), column \(mistake.column): "))
        let lines = said.split(separator: "\n").map(String.init)
        guard lines.count > 1 else { return }
        let wrong = mistake.dockerfile.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 3)
        #expect(lines[1] == "\(mistake.line) | \(wrong[mistake.line - 1])")
        #expect(
            lines[2].last == "^" && lines[2].count == "\(mistake.line) | ".count + mistake.column, "\(said)")
    }

    private static let mistakes = [
        Mistake("D1", "", 1, 1, "the file has no instructions"),
        Mistake("D1", "# only\n\n  # comments", 3, 1, "the file has no instructions"),
        Mistake("D1", "ARG A=1", 1, 1, "the file has no FROM"),
        Mistake("D1", "COPY a /\nFROM scratch", 1, 1, "COPY before the first FROM; only ARG may stand there"),
        Mistake("D2", "FROM scratch\nCPY a /", 2, 1, "unknown instruction \"CPY\"; did you mean COPY?"),
        Mistake("D2", "FROM scratch\n  entrypint a", 2, 3, "did you mean ENTRYPOINT?"),
        Mistake(
            "D2", "FROM scratch\nCOPY --chwon=1 a /", 2, 6,
            "unknown flag --chwon of COPY; did you mean --chown?"),
        Mistake(
            "D4", "FROM scratch\nENV A=\(String(repeating: "x", count: 65_530))", 2, 65_536,
            "at most 65535 are read"),
        Mistake("D5", "FROM scratch\nCOPY <<EOF /x\nabc", 2, 6, "no line that is only \"EOF\""),
        Mistake("D5", "FROM scratch\nCOPY <<A <<B /x/\nabc\nA\nB ", 2, 10, "no line that is only \"B\""),
        Mistake("D5", "FROM scratch\nCOPY <<../../etc/x /x/\nabc\n../../etc/x", 2, 6, "is no name of a file"),
        Mistake("D6", "# escape=x\nFROM scratch", 1, 1, "the escape character is \\ or `, not \"x\""),
        Mistake("D6", "# escape=`\n# escape=`\nFROM scratch", 2, 1, "the directive escape stands twice"),
        Mistake("D7", "FROM scratch\nENV A", 2, 5, "\"A\" has no value"),
        Mistake("D7", "FROM scratch\nENV A=\"b", 2, 7, "a \" that no other \" closes"),
        Mistake("D7", "FROM scratch\nENV A=${x", 2, 7, "${ without }"),
        Mistake("D7", "FROM scratch\nENV A=${x:?needed}", 2, 7, "needed"),
        Mistake("D8", "FROM scratch\nEXPOSE 99999", 2, 8, "\"99999\" is no port"),
        Mistake("D8", "FROM scratch\nEXPOSE 80 /xyz", 2, 11, "\"/xyz\" is no port"),
        Mistake("D9", "FROM scratch\nSTOPSIGNAL SIGFOO", 2, 12, "unknown signal \"SIGFOO\""),
        Mistake("D9", "FROM scratch\nHEALTHCHECK --intervall=1s CMD x", 2, 13, "did you mean --interval?"),
        Mistake("D9", "FROM scratch\nHEALTHCHECK FOO x", 2, 13, "HEALTHCHECK is NONE or CMD, not \"FOO\""),
        Mistake("D9", "FROM scratch\nSHELL /bin/sh -c", 2, 7, "SHELL takes the JSON form only"),
        Mistake("D10", "FROM scratch\nONBUILD FROM x", 2, 9, "FROM is not allowed as a trigger"),
        Mistake("D10", "FROM scratch\nONBUILD ONBUILD ENV a=b", 2, 9, "ONBUILD is not allowed as a trigger"),
        Mistake("D10", "FROM scratch\nONBUILD MAINTAINER x", 2, 9, "MAINTAINER is not allowed as a trigger"),
        Mistake("D11", "FROM scratch\nCOPY --from=0 a /", 2, 13, "there is no other stage 0"),
        Mistake("D11", "FROM scratch\nCOPY --from=7 a /", 2, 13, "there is no other stage 7"),
        Mistake("D12", "FROM ", 1, 1, "FROM requires either one or three arguments"),
        Mistake("D12", "ARG A\nFROM $A", 2, 6, "FROM $A names no image: the variables are empty"),
        Mistake("D12", "FROM scratch AS 1x", 1, 17, "\"1x\" is no name of a stage"),
        Mistake("D16", "FROM scratch\nCOPY --chmod=999 a /", 2, 14, "\"999\" is no mode"),
        Mistake("D16", "FROM scratch\nCOPY --chmod=77777 a /", 2, 14, "\"77777\" is no mode"),
        Mistake("D16", "FROM scratch\nADD --chmod=-1 a /", 2, 13, "\"-1\" is no mode"),
        Mistake("D16", "FROM scratch\nCOPY --chmod=u=q a /", 2, 14, "\"u=q\" is no mode"),
    ]

    @Test(
        "D3: bytes that are no text of a Dockerfile",
        arguments: [
            (#"printf 'FROM scratch\nENV A=\0b\n' > Dockerfile"#, "line 2, column 7"),
            (#"printf 'FROM scratch\nENV A=\377\n' > Dockerfile"#, "line 2, column 7"),
            (
                #"printf '\377\376F\0R\0O\0M\0' > Dockerfile"#,
                "line 1, column 1: the file is UTF-16; save it as UTF-8"
            ),
            (
                #"printf '\376\377\0F\0R\0O\0M' > Dockerfile"#,
                "line 1, column 1: the file is UTF-16; save it as UTF-8"
            ),
        ])
    func bytes(script: String, place: String) throws {
        let work = try BuildWorkplace(withBase: false)
        try work.makeOld()
        try work.prepare(script)
        try work.refuse(work.build(), saying: ["varve: Dockerfile: ", place])
    }

    @Test func `D3: a byte order mark and CRLF are read`() throws {
        let work = try BuildWorkplace(withBase: false)
        try work.prepare(
            #"printf '\357\273\277FROM scratch\r\nENV A=b \\\r\n  C=d\r\nCMD ["x"]\r\n' > Dockerfile"#)
        try work.build().succeed()
        let image = try FlatImage("out", "new", in: work)
        #expect(image["Env"]?.array?.dropFirst() == ["A=b", "C=d"])
        #expect(image["Cmd"] == ["x"])
    }

    @Test func `D4: a line of 65,535 bytes is read`() throws {
        let work = try BuildWorkplace(withBase: false)
        let value = String(repeating: "x", count: 65_529)
        let image = try work.built("FROM scratch\nENV A=\(value)")
        #expect(image["Env"]?.array?.last == .string("A=\(value)"))
    }

    @Test func `a mistake in another file is told by its name`() throws {
        let work = try BuildWorkplace(withBase: false)
        try work.scratch.write("context/sub/app.dockerfile", "FROM scratch\nNOPE\n")
        try work.refuse(
            work.build(["-f", "sub/app.dockerfile"]),
            saying: ["varve: sub/app.dockerfile: line 2, column 1: "])
        try work.write("FROM scratch\nCOPY . /")
        try work.scratch.write("context/.dockerignore", "ok\n[a\n")
        try work.refuse(work.build(), saying: [".dockerignore: line 2", "[a"])
    }
}
