import DockerfileSyntax
import Testing

struct HeredocTests {
    /// The here-documents of a RUN instruction that is followed by `body`.
    private func heredocs(_ words: String, _ body: String) throws -> [Heredoc] {
        guard case .run(let run) = try instruction("RUN \(words)\n\(body)").content else { return [] }
        return run.heredocs
    }

    @Test(
        "The word after << names the end, and says whether variables mean their values",
        arguments: [
            ("<<EOF", "EOF", true, false, 0), ("<<-EOF", "EOF", true, true, 0),
            ("<<'EOF'", "EOF", false, false, 0),
            ("<<\"EOF\"", "EOF", false, false, 0), ("<<-'EOF'", "EOF", false, true, 0),
            ("<<E\"O\"F", "EOF", false, false, 0),
            ("<< EOF", "EOF", true, false, 0), ("<<- EOF", "EOF", true, true, 0),
            ("<< -EOF", "-EOF", true, false, 0),
            ("3<<EOF", "EOF", true, false, 3), ("cat <<EOF > /a", "EOF", true, false, 0),
            ("<<$EOF", "$EOF", true, false, 0),
            ("<<'one two'", "one two", false, false, 0), ("<<e\\'f", "e'f", true, false, 0),
            ("<<\"e'f\"", "e'f", false, false, 0), ("<<file.txt", "file.txt", true, false, 0),
            ("<<ü", "ü", true, false, 0),
        ])
    func word(words: String, name: String, isExpanded: Bool, stripsTabs: Bool, descriptor: Int) throws {
        let found = try heredocs(words, "line $a\n\(name)\n")
        #expect(found.map(\.name) == [name] && found.map(\.isExpanded) == [isExpanded])
        #expect(found.map(\.stripsTabs) == [stripsTabs] && found.map(\.descriptor) == [descriptor])
        #expect(found.map(\.content) == ["line $a\n"] && found.map(\.line) == [3])
    }

    @Test(
        "Other words open nothing",
        arguments: [
            "'<<EOF'", "\"<<EOF\"", "a<<EOF", "<EOF", "<<<EOF", "<<", "<<-", "\\<<EOF", "[\"<<EOF\"]",
            "it's <<EOF",
        ])
    func noOpening(words: String) throws {
        #expect(try heredocs(words, "").isEmpty)
    }

    @Test func `several are read one after the other`() throws {
        let found = try heredocs("<<X <<Y", "Y\nX\nX\n# no comment \\\nY\n")
        #expect(found.map(\.content) == ["Y\n", "X\n# no comment \\\n"])
        #expect(try heredocs("<<A <<A", "1\nA\n2\nA\n").map(\.content) == ["1\n", "2\n"])
    }

    @Test func `a dash drops the tabs before each line, also before its end`() throws {
        let found = try heredocs("<<-E", "\t\ta\tb\n \tc\n\n\tE\n")
        #expect(found.map(\.content) == ["\t\ta\tb\n \tc\n\n"])
        #expect(found.map(\.text) == ["a\tb\n \tc\n\n"])
    }

    @Test func `a carriage return ends lines of the file, stays in the content, and is a warning`() throws {
        let file = try Dockerfile(parsing: [UInt8]("FROM a\r\nCOPY <<E /b\r\nc\r\nE\r\nUSER d\r\n"))
        guard case .copy(let copy) = file.stages[0].instructions[0].content,
            case .heredoc(let heredoc) = copy.transfer.sources[0]
        else { throw OtherInstruction() }
        #expect(heredoc.content == "c\r\n" && file.stages[0].instructions.count == 2)
        #expect(file.warnings.map(\.reason) == ["lines of the here-document end with a carriage return"])
    }

    @Test func `one that does not end is refused where it begins`() {
        let error = refusal("FROM a\nRUN b \\\n  <<EOF\nc\n EOF\n")
        #expect(error?.reason == "the here-document does not end: no line that is only \"EOF\"")
        #expect(error?.position == Position(line: 3, column: 3) && error?.line == "  <<EOF")
    }

    @Test(
        "What RUN starts",
        arguments: [
            ("RUN <<E\na\nb\nE", .shell("a\nb\n")), ("RUN <<-E\n\ta\nE", .shell("a\n")),
            ("RUN --network=none <<E\na\nE", .shell("a\n")),
            ("RUN <<E\n#!/bin/python\na\nE", .script("#!/bin/python\na\n")),
            ("RUN <<E cat\na\nE", .shell("<<E cat\na\nE")),
            ("RUN <<'E' | x\na\nE", .shell("<<'E' | x\na\nE")),
            ("RUN cat <<A <<B\n1\nA\n2\nB", .shell("cat <<A <<B\n1\nA\n2\nB")), ("RUN a", .shell("a")),
            ("RUN [\"a\", \"b\"]", .exec(["a", "b"])),
        ] as [(String, Run.Invocation)])
    func invocation(text: String, invocation: Run.Invocation) throws {
        guard case .run(let run) = try instruction(text).content else { throw OtherInstruction() }
        #expect(run.invocation == invocation)
    }

    @Test(
        "A file of COPY has a name that stays in its directory",
        arguments: ["../a", "/a", "a/b", ".", ".."])
    func name(name: String) {
        let error = refusal("FROM a\nCOPY <<\(name) /b/\nc\n\(name)\n")
        #expect(error?.reason == "a here-document is named as its file: \"\(name)\" is no name of a file")
        #expect(refusal("FROM a\nRUN <<\(name)\nc\n\(name)\n") == nil)
    }

    @Test(
        "Where a here-document cannot be a source it is refused",
        arguments: [
            ("RUN " + String(repeating: "<<E ", count: 65), "more than 64 here-documents in one instruction"),
            ("COPY a <<E\nE", "COPY cannot have a here-document as its destination"),
            ("ADD x\u{A0}<<E /b\nE", "ADD has a here-document that is no word of its own"),
        ])
    func misplaced(text: String, reason: String) { #expect(refusal("FROM a\n" + text)?.reason == reason) }

    @Test func `in the JSON form and in other instructions << means itself`() throws {
        guard case .copy(let copy) = try instruction("COPY [\"<<E\", \"/b\"]").content else {
            throw OtherInstruction()
        }
        #expect(copy.transfer.sources.count == 1)
        guard case .path(let path) = copy.transfer.sources[0] else {
            Issue.record("no path")
            return
        }
        #expect(path.text == "<<E")
        #expect(try instruction("CMD cat <<E").text == "CMD cat <<E")
    }
}
