import DockerfileSyntax
import Testing

struct ExpansionTests {
    private let variables = Variables([("A", "one two"), ("P", "80 443"), ("E", ""), ("S", "TERM")])

    private func expanded(_ text: String) throws -> Instruction.Content {
        try instruction(text).expanded(with: variables).instruction.content
    }

    @Test(
        "Words of one text stay one text",
        arguments: [
            ("USER $A", "one two"), ("WORKDIR \"/$A\"/b", "/one two/b"), ("STOPSIGNAL SIG$S", "SIGTERM"),
            ("USER ${E:-x}", "x"),
        ])
    func single(text: String, value: String) throws {
        switch try expanded(text) {
        case .user(let word), .workdir(let word), .stopSignal(let word): #expect(word.text == value)
        default: Issue.record("another instruction")
        }
    }

    @Test func `all pairs of one ENV see the variables as they were before`() throws {
        guard case .env(let pairs) = try expanded("ENV A=new B=$A \"$S\"='$A' C=${A}x") else {
            throw OtherInstruction()
        }
        #expect(pairs.map(\.name.text) == ["A", "B", "TERM", "C"])
        #expect(pairs.map(\.value.text) == ["new", "one two", "$A", "one twox"])
    }

    @Test func `ports are words of their own after expansion`() throws {
        guard case .expose(let ports) = try expanded("EXPOSE $P 8000-8001/udp $E") else {
            throw OtherInstruction()
        }
        #expect(ports.map(\.text) == ["80", "443", "8000-8001/udp"])
    }

    @Test func `paths, owner, mode and patterns of COPY are expanded, its origin is not`() throws {
        let text = "COPY --from=a --chown=$S --chmod=7${E}55 --exclude=*.$S $S* [\"$S\"] /$E/"
        guard case .copy(let copy) = try expanded(text) else { throw OtherInstruction() }
        #expect(copy.transfer.owner?.text == "TERM" && copy.transfer.mode?.text == "755")
        #expect(copy.transfer.excluded.map(\.text) == ["*.TERM"] && copy.transfer.destination.text == "//")
        guard case .path(let first) = copy.transfer.sources[0] else { throw OtherInstruction() }
        #expect(first.text == "TERM*")
    }

    @Test(
        "A here-document of COPY is expanded unless its word is in quotes",
        arguments: [
            ("E", "a $S 'b' \"c\" \\$S \\\\ \\x ${Z:-d}\n", "a TERM 'b' \"c\" $S \\ x d\n"),
            ("'E'", "a $S\n", "a $S\n"),
            ("-E", "\ta $S\n", "a TERM\n"),
        ])
    func heredocs(word: String, content: String, text: String) throws {
        guard case .copy(let copy) = try expanded("COPY <<\(word) /b\n\(content)E\n"),
            case .heredoc(let heredoc) = copy.transfer.sources[0]
        else { throw OtherInstruction() }
        #expect(heredoc.text == text)
    }

    @Test(
        "Commands are left to the shell",
        arguments: [
            "RUN echo $A", "CMD $A", "ENTRYPOINT [\"$A\"]", "HEALTHCHECK CMD $A", "SHELL [\"$A\"]",
            "ONBUILD RUN $A", "RUN <<X\n$A\nX",
        ])
    func untouched(text: String) throws {
        let instruction = try instruction(text)
        let expansion = try instruction.expanded(with: variables)
        #expect(expansion.instruction == instruction && expansion.use == VariableUse())
    }

    @Test(
        "What a value makes wrong is refused with its line",
        arguments: [
            (
                "EXPOSE 1$E 99999$E",
                "\"99999\" is no port: a number up to 65535, a range, or either with /udp", 12
            ),
            ("STOPSIGNAL $A", "unknown signal \"one two\"", 12), ("USER ${X:?give X}", "X: give X", 6),
            ("ENV a=1 $E=1", "ENV names can not be blank", 9), ("USER ${A", "${ without }", 6),
            ("COPY --chmod=$A a b", "\"one two\" is no mode: octal up to 7777, or such as u=rwX,go-w", 14),
        ])
    func wrong(text: String, reason: String, column: Int) throws {
        let instruction = try instruction(text)
        let error = #expect(throws: SyntaxError.self) { try instruction.expanded(with: variables) }
        #expect(error?.reason == reason && error?.line == text)
        #expect(error?.position == Position(line: 2, column: column))
    }

    @Test func `the base of a stage is expanded with the global arguments`() throws {
        let from = try Dockerfile(parsing: [UInt8]("FROM --platform=$P a:$T AS b")).stages[0].instruction
        let expansion = try from.expanded(with: Variables([("P", "linux/arm64"), ("T", "1")]))
        guard case .from(let expanded) = expansion.instruction.content else { throw OtherInstruction() }
        #expect(
            expanded.base.text == "a:1" && expanded.platform?.text == "linux/arm64"
                && expanded.name?.text == "b")
        let empty = try Dockerfile(parsing: [UInt8]("FROM $X")).stages[0].instruction
        let error = #expect(throws: SyntaxError.self) { try empty.expanded(with: Variables()) }
        #expect(error?.reason == "FROM $X names no image: the variables are empty")
    }

    @Test func `the arguments of one ARG can be expanded one after another`() throws {
        let instruction = try instruction("ARG a=1 b=${a}2 c=$b")
        guard case .arg(let arguments) = instruction.content else { throw OtherInstruction() }
        var variables = Variables()
        for argument in arguments {
            guard let value = argument.value else { continue }
            variables[argument.name.text] = try instruction.expanded(value, with: variables).word.text
        }
        #expect(variables["c"] == "12")
    }

    @Test func `with the directive escape the grave accent escapes`() throws {
        let file = try Dockerfile(parsing: [UInt8]("# escape=`\nFROM a\nWORKDIR C:\\x`$A\\$S"))
        let expansion = try file.stages[0].instructions[0].expanded(with: variables)
        guard case .workdir(let path) = expansion.instruction.content else { throw OtherInstruction() }
        #expect(path.text == "C:\\x$A\\TERM")
    }
}
