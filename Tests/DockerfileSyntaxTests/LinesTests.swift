import DockerfileSyntax
import Testing

struct LinesTests {
    @Test(
        "Lines are joined where a line ends with one escape character",
        arguments: [
            ("RUN a \\\n  b", "RUN a   b"), ("RUN a \\  \t\n b", "RUN a  b"),
            ("RUN a\\\\\nRUN b", "RUN a\\\\"),
            ("RUN a \\\n# why\nb", "RUN a b"), ("RUN a \\\n   # why \\\nb", "RUN a b"),
            ("RUN a \\\n\n\nb", "RUN a b"), ("RUN a \\\n \t \nb", "RUN a b"), ("RUN a \\", "RUN a"),
            ("RUN a \\\n", "RUN a"), ("\\\nRUN a", "RUN a"), ("RUN a \\\r\n b\r\n", "RUN a  b"),
            ("  \u{A0}RUN a  ", "RUN a"), ("RUN a \\ b", "RUN a \\ b"), ("RUN a # b", "RUN a # b"),
            ("RUN a \\\n b \\\n\\\n c", "RUN a  b  c"),
        ])
    func joins(text: String, joined: String) throws {
        #expect(try instructions(text)[0].text == joined)
    }

    @Test func `each instruction knows its lines, with its here-documents`() throws {
        let text = """
            # a comment

            FROM scratch
            RUN a \\
              b
              # in between

            \tCOPY <<X <<Y /
            x
            X
            Y
            ENV a=b
            """
        let file = try Dockerfile(parsing: [UInt8](text))
        #expect(file.stages[0].instruction.lines == 3...3)
        #expect(file.stages[0].instructions.map(\.lines) == [4...5, 8...11, 12...12])
        #expect(
            file.stages[0].instructions.map(\.position)
                == [(4, 1), (8, 2), (12, 1)].map { Position(line: $0.0, column: $0.1) })
    }

    @Test func `an empty line inside an instruction is a warning`() throws {
        let file = try Dockerfile(parsing: [UInt8]("FROM a\nRUN b \\\n\n c\nRUN d \\\n# e\n f"))
        #expect(file.warnings.map(\.position.line) == [2])
        #expect(file.warnings.map(\.reason) == ["an empty line inside the continued instruction"])
    }

    @Test(
        "Directives stand before everything else",
        arguments: [
            (
                "# syntax=a/b:1\n# escape=`\n# check=skip=all\n", "a/b:1", Directives.Escape.backtick,
                "skip=all"
            ),
            ("#SYNTAX = a  // more\n", "a", .backslash, nil), ("#escape = `\n", nil, .backtick, nil),
            ("\u{FEFF}# syntax=x\n", "x", .backslash, nil), ("# syntax=x\r\n", "x", .backslash, nil),
            ("#!/bin/sh\n# syntax=x\n", "x", .backslash, nil),
            ("#!/bin/sh\n# escape=`\n", nil, .backslash, nil),
            ("\n# syntax=x\n", nil, .backslash, nil), ("# other=1\n# escape=`\n", nil, .backslash, nil),
            ("# a comment\n# escape=`\n", nil, .backslash, nil), ("  # escape=`\n", nil, .backtick, nil),
            ("# escape=\\\n", nil, .backslash, nil),
        ] as [(String, String?, Directives.Escape, String?)])
    func directives(head: String, syntax: String?, escape: Directives.Escape, check: String?) throws {
        let directives = try Dockerfile(parsing: [UInt8](head + "FROM a\n")).directives
        #expect(directives.syntax == syntax && directives.escape == escape && directives.check == check)
    }

    @Test func `an escape directive that comes too late is a warning`() throws {
        let file = try Dockerfile(parsing: [UInt8]("# a comment\n# escape=`\nFROM a\nENV b \\\nc"))
        #expect(file.warnings.map(\.position.line) == [2])
        #expect(file.stages[0].instructions.map(\.text) == ["ENV b c"])
    }

    @Test(
        "A directive that is wrong is refused",
        arguments: [
            ("# escape=x\nFROM a", 1, "the escape character is \\ or `, not \"x\""),
            ("# escape=`\n# escape=`\nFROM a", 2, "the directive escape stands twice"),
            ("# syntax=a\n#SYNTAX=b\nFROM a", 2, "the directive syntax stands twice"),
        ])
    func wrongDirective(text: String, line: Int, reason: String) {
        #expect(refusal(text)?.reason == reason)
        #expect(refusal(text)?.position.line == line)
    }

    @Test func `with a grave accent as escape, the backslash continues nothing`() throws {
        let file = try Dockerfile(parsing: [UInt8]("# escape=`\nFROM a\nWORKDIR C:\\\nRUN b `\n c"))
        #expect(file.stages[0].instructions.map(\.text) == ["WORKDIR C:\\", "RUN b  c"])
    }

    @Test(
        "A file that is no text is refused at the byte",
        arguments: [
            (
                [0x46, 0x52, 0x4F, 0x4D, 0x20, 0x61, 0x0A, 0x23, 0xC3, 0xA9, 0xFF], 2, 4,
                "the byte is not UTF-8"
            ),
            ([0x23, 0xC3], 1, 2, "the byte is not UTF-8"),
            ([0x23, 0xED, 0xA0, 0x80], 1, 2, "the byte is not UTF-8"),
            ([0x46, 0x0A, 0x41, 0x00], 2, 2, "a NUL byte"),
            ([0xFF, 0xFE, 0x46, 0x00], 1, 1, "the file is UTF-16; save it as UTF-8"),
            ([0xFE, 0xFF, 0x00, 0x46], 1, 1, "the file is UTF-16; save it as UTF-8"),
        ] as [([UInt8], Int, Int, String)])
    func notText(bytes: [UInt8], line: Int, column: Int, reason: String) {
        let error = refusal(bytes: bytes)
        #expect(error?.reason == reason)
        #expect(error?.position == Position(line: line, column: column))
    }

    @Test(
        "A file without an instruction or without FROM is refused",
        arguments: [
            ("", "the file has no instructions"), ("\n\n", "the file has no instructions"),
            ("# only\n# comments\n", "the file has no instructions"), ("ARG a", "the file has no FROM"),
            ("RUN a", "RUN before the first FROM; only ARG may stand there"),
            ("\\\n", "a line that continues, and no instruction"),
        ])
    func empty(text: String, reason: String) { #expect(refusal(text)?.reason == reason) }

    @Test func `a line has at most 65535 bytes`() {
        let longest = "RUN " + String(repeating: "x", count: 65_531)
        #expect(refusal("FROM a\n" + longest) == nil)
        #expect(refusal("FROM a\n" + longest + "x")?.position == Position(line: 2, column: 65_536))
    }

    @Test func `file, instruction and their number are bounded`() throws {
        var limits = Limits()
        (limits.bytes, limits.instructionBytes, limits.instructions) = (200, 20, 3)
        let refused = [
            ("FROM a\n" + String(repeating: "#", count: 194), "the file has 201 bytes, at most 200 are read"),
            ("FROM a\nRUN b\\\n01234567\\\n0123456789", "the instruction has more than 20 bytes"),
            ("FROM a\nUSER b\nUSER c\nUSER d", "the file has more than 3 instructions"),
        ]
        for (text, reason) in refused {
            let error = #expect(throws: SyntaxError.self) {
                try Dockerfile(parsing: [UInt8](text), limits: limits)
            }
            #expect(error?.reason == reason)
        }
    }
}
