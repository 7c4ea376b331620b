import DockerfileSyntax
import Testing

struct InstructionTests {
    @Test(
        "Arguments are missing, or are not what the instruction takes",
        arguments: [
            ("WORKDIR", "WORKDIR requires exactly one argument"),
            ("USER", "USER requires exactly one argument"),
            ("STOPSIGNAL", "STOPSIGNAL requires exactly one argument"),
            ("RUN", "RUN requires at least one argument"),
            ("MAINTAINER", "MAINTAINER requires exactly one argument"),
            ("ENV", "ENV requires at least one argument"),
            ("LABEL", "LABEL requires at least one argument"), ("ARG", "ARG requires at least one argument"),
            ("EXPOSE", "EXPOSE requires at least one argument"),
            ("VOLUME", "VOLUME requires at least one argument"),
            ("VOLUME []", "VOLUME requires at least one argument"),
            ("SHELL []", "SHELL requires at least one argument"),
            ("CMD", "CMD requires at least one argument"),
            ("ONBUILD", "ONBUILD requires at least one argument"),
            ("RUN []", "RUN requires at least one argument"),
            ("ENTRYPOINT", "ENTRYPOINT requires at least one argument"),
            ("COPY a", "COPY requires at least two arguments: sources and a destination"),
            ("ADD [\"a\"]", "ADD requires at least two arguments: sources and a destination"),
            ("COPY", "COPY requires at least two arguments: sources and a destination"),
            ("HEALTHCHECK", "HEALTHCHECK requires at least one argument: NONE or CMD"),
            ("SHELL sh -c", "SHELL takes the JSON form only: SHELL [\"program\", \"argument\"]"),
            ("ENV a", "ENV must have two arguments: \"a\" has no value"),
            ("ENV a=b c", "\"c\" has no =: ENV takes name=value"), ("ENV =a", "ENV names can not be blank"),
            ("LABEL =a", "LABEL names can not be blank"), ("ENV \"\"=a", "ENV names can not be blank"),
            ("ARG =a", "ARG names can not be blank"), ("VOLUME [\" \"]", "a volume without a path"),
            ("CMD [\"a\", 1]", "the JSON form holds strings only"),
            ("CMD [\"a\", [\"b\"]]", "the JSON form holds strings only"),
            ("RUN [\"sh\", \"a\\u0000b\"]", "a NUL byte, which no program and no path can have"),
            ("COPY [\"a\\u0000\", \"b\"]", "a NUL byte, which no program and no path can have"),
            ("SHELL [\"\\u0000\"]", "a NUL byte, which no program and no path can have"),
            ("USER 'a", "a ' that no other ' closes"), ("COPY \"a b\" c", "a \" that no other \" closes"),
        ])
    func wrong(text: String, reason: String) {
        #expect(refusal("FROM a\n" + text)?.reason == reason)
        #expect(refusal("FROM a\n" + text)?.position.line == 2)
    }

    @Test(
        "A misspelt word is suggested",
        arguments: [
            ("COYP a b", "unknown instruction \"COYP\"", "COPY"),
            ("foo bar", "unknown instruction \"foo\"", nil),
            ("EXPSE 80", "unknown instruction \"EXPSE\"", "EXPOSE"),
            ("apt-get install", "unknown instruction \"apt-get\"", nil),
            ("COPY --form=x a b", "unknown flag --form of COPY", "--from"),
            ("COPY --checksum=x a b", "unknown flag --checksum of COPY", nil),
            ("RUN --mont=type=ssh a", "unknown flag --mont of RUN", "--mount"),
            ("USER --boo a", "unknown flag --boo of USER", nil),
            ("RUN --network=hots a", "--network is one of default, none, host, not \"hots\"", "host"),
            (
                "RUN --mount=type=bnd,target=/a b",
                "type is one of bind, cache, tmpfs, secret, ssh, not \"bnd\"", "bind"
            ),
            ("RUN --mount=tpye=bind b", "unknown key \"tpye\" of --mount", "type"),
            ("STOPSIGNAL SIGTREM", "unknown signal \"SIGTREM\"", "SIGTERM"),
            ("HEALTHCHECK CMDS a", "HEALTHCHECK is NONE or CMD, not \"CMDS\"", "CMD"),
        ] as [(String, String, String?)])
    func misspelt(text: String, reason: String, suggestion: String?) {
        #expect(refusal("FROM a\n" + text)?.reason == reason)
        #expect(refusal("FROM a\n" + text)?.suggestion == suggestion)
    }

    @Test(
        "Flags are words before the arguments",
        arguments: [
            ("COPY --from a b", "the flag --from needs a value: --from=…"),
            ("COPY --link=1 a b", "--link is true or false, not \"1\""),
            ("COPY --from=a --from=b c d", "the flag --from stands twice"),
            ("COPY --link= a b", "--link is true or false, not \"\""),
            (
                "COPY --from=$A a b",
                "--from has no variables; name a stage FROM the variable, and copy from it"
            ),
            ("COPY --chmod=999 a b", "\"999\" is no mode: octal up to 7777, or such as u=rwX,go-w"),
            ("COPY --chmod=77777 a b", "\"77777\" is no mode: octal up to 7777, or such as u=rwX,go-w"),
            ("COPY --chmod=-1 a b", "\"-1\" is no mode: octal up to 7777, or such as u=rwX,go-w"),
            ("COPY --chmod=u=z a b", "\"u=z\" is no mode: octal up to 7777, or such as u=rwX,go-w"),
            ("COPY --from=0 a b", "there is no other stage 0"),
            ("COPY --from=7 a b", "there is no other stage 7"),
        ])
    func wrongFlags(text: String, reason: String) { #expect(refusal("FROM a\n" + text)?.reason == reason) }

    @Test func `COPY has all its flags`() throws {
        let text =
            "copy --from=base --chown=1:2 --chmod=u=rwX,go-w --link --parents=TRUE --exclude=a --exclude='b c' x* y /z/"
        guard case .copy(let copy) = try instruction(text).content else { throw OtherInstruction() }
        #expect(copy.origin?.text == "base" && copy.keepsParents && copy.transfer.isLinked)
        #expect(copy.transfer.owner?.text == "1:2" && copy.transfer.destination.text == "/z/")
        #expect(copy.transfer.excluded.map(\.text) == ["a", "b c"])
        #expect(try copy.transfer.mode.map { try FileMode($0) } == .symbolic("u=rwX,go-w"))
        #expect(copy.transfer.sources.count == 2)
    }

    @Test func `ADD has all its flags`() throws {
        let text = "ADD --checksum=sha256:a --keep-git-dir=true --unpack=false --chmod=0755 -- --x [ /z"
        guard case .add(let add) = try instruction(text).content else { throw OtherInstruction() }
        #expect(add.checksum?.text == "sha256:a" && add.keepsGitDirectory && add.unpacks == false)
        #expect(try add.transfer.mode.map { try FileMode($0) } == .octal(0o755))
        #expect(add.transfer.sources.count == 2 && !add.transfer.isLinked)
        guard case .add(let plain) = try instruction("ADD [\"a b\", \"/c d/\"]").content else {
            throw OtherInstruction()
        }
        #expect(plain.unpacks == nil && plain.transfer.destination.text == "/c d/")
    }

    @Test(
        "Names and values of ENV and LABEL, as they stand",
        arguments: [
            ("ENV a=b", ["a", "b"]), ("ENV a=b c=d", ["a", "b", "c", "d"]), ("ENV a b", ["a", "b"]),
            ("ENV a  b  c ", ["a", "b  c"]), ("ENV a b=c", ["a", "b=c"]),
            ("ENV a=\"b c\" d='e f'", ["a", "\"b c\"", "d", "'e f'"]),
            ("ENV a=b\\ c", ["a", "b\\ c"]), ("ENV a= b=", ["a", "", "b", ""]), ("ENV a=b=c", ["a", "b=c"]),
            ("ENV a='b\\' c=d", ["a", "'b\\'", "c", "d"]), ("LABEL \"a b\"=c", ["\"a b\"", "c"]),
            ("LABEL a=1 \\\n  b=2 \\\n  # c=3\n  d=4", ["a", "1", "b", "2", "d", "4"]),
            ("ENV a=ä\u{2003}b=c", ["a", "ä", "b", "c"]),
        ])
    func assignments(text: String, flat: [String]) throws {
        switch try instruction(text).content {
        case .env(let pairs), .label(let pairs):
            #expect(pairs.flatMap { [$0.name.text, $0.value.text] } == flat)
        default: Issue.record("neither ENV nor LABEL")
        }
    }

    @Test func `ARG declares several, and tells no value from an empty one`() throws {
        guard case .arg(let arguments) = try instruction("ARG a b= c=\"d e\"").content else {
            throw OtherInstruction()
        }
        #expect(arguments.map(\.name.text) == ["a", "b", "c"])
        #expect(arguments.map(\.value?.text) == [nil, "", "\"d e\""])
    }

    @Test(
        "JSON or shell",
        arguments: [
            ("CMD [\"a\", \"b c\"]", ["a", "b c"]), ("CMD []", []),
            ("CMD [ \"\\u00e9\\ud83d\\ude00\\n\" ]", ["é😀\n"]),
            ("CMD [\"\\ud800\"]", ["\u{FFFD}"]), ("CMD ['a']", nil), ("CMD [\"a\"", nil),
            ("CMD [\"a\",]", nil),
            ("CMD [,]", nil), ("CMD [\"a\" \"b\"]", nil), ("CMD [\"\\x\"]", nil), ("CMD [\"a\"] b", nil),
            ("CMD a", nil),
            ("CMD [[}]", nil), ("CMD [\"a\", {\"b\" 1}]", nil), ("CMD [\"a\", 01]", nil),
            ("CMD [ -f /a ] && b", nil),
        ] as [(String, [String]?)])
    func forms(text: String, words: [String]?) throws {
        guard case .cmd(let command) = try instruction(text).content else { throw OtherInstruction() }
        switch command {
        case .exec(let found): #expect(found.map(\.text) == words)
        case .shell(let line): #expect(words == nil && "CMD " + line.text == text)
        }
    }

    @Test func `what looks like JSON and is none is a warning`() throws {
        let file = try Dockerfile(
            parsing: [UInt8]("FROM a\nCMD ['b']\nRUN [ \"$c\" = 'd' ]\nRUN [\"a\",]\nENTRYPOINT [\"a\"]"))
        #expect(
            file.warnings.map(\.position) == [Position(line: 2, column: 5), Position(line: 4, column: 5)])
    }

    @Test func `ONBUILD keeps its instruction for another build`() throws {
        guard case .onbuild(let trigger) = try instruction("ONBUILD  copy <<E \\\n /b\nc\nE\n").content else {
            throw OtherInstruction()
        }
        #expect(trigger.keyword == .copy && trigger.text == "copy <<E  /b\nc\nE")
        guard case .copy(let copy) = try Instruction(trigger: trigger.text).content else {
            throw OtherInstruction()
        }
        #expect(copy.transfer.destination.text == "/b" && copy.transfer.sources.count == 1)
    }

    @Test(
        "What cannot wait is refused",
        arguments: [
            ("FROM a", "FROM is not allowed as a trigger of ONBUILD"),
            ("maintainer a", "MAINTAINER is not allowed as a trigger of ONBUILD"),
            ("ONBUILD RUN a", "ONBUILD is not allowed as a trigger of ONBUILD"),
            ("COPY a", "COPY requires at least two arguments: sources and a destination"),
            ("FOO", "unknown instruction \"FOO\""),
        ])
    func triggers(text: String, reason: String) {
        #expect(refusal("FROM a\nONBUILD " + text)?.reason == reason)
        let error = #expect(throws: SyntaxError.self) { try Instruction(trigger: text) }
        #expect(error?.reason == reason)
    }

    @Test func `a trigger is one instruction`() {
        for text in ["", "# a", "RUN a\nRUN b"] {
            #expect(throws: SyntaxError.self) { try Instruction(trigger: text) }
        }
    }

    @Test(
        "Checks of health",
        arguments: [
            ("NONE", .none), ("none", .none),
            ("CMD a b", .shell("a b")),
            ("--interval=5s --timeout=1m30s cmd a", .times(5_000_000_000, 90_000_000_000)),
            ("--interval=0 CMD a", .times(0, 0)), ("--timeout=1.5h CMD a", .times(0, 5_400_000_000_000)),
        ] as [(String, HealthcheckCase)])
    func healthchecks(text: String, wanted: HealthcheckCase) throws {
        guard case .healthcheck(let check) = try instruction("HEALTHCHECK " + text).content else {
            throw OtherInstruction()
        }
        switch (check, wanted) {
        case (.none, .none): break
        case (.command(.shell(let line), _), .shell(let text)): #expect(line.text == text)
        case (.command(_, let times), .times(let interval, let timeout)):
            #expect(times.interval == interval && times.timeout == timeout)
        default: Issue.record("\(check)")
        }
    }

    enum HealthcheckCase: Sendable {
        case none
        case shell(String)
        case times(Int64, Int64)
    }

    @Test(
        "A check of health that is wrong is refused",
        arguments: [
            ("NONE a", "HEALTHCHECK NONE takes no arguments"), ("CMD", "HEALTHCHECK CMD without a command"),
            ("CMD []", "HEALTHCHECK CMD without a command"),
            ("--interval=5s NONE", "HEALTHCHECK NONE takes no flags"),
            ("--interval=5 CMD a", "--interval is a duration such as 30s or 1m30s, not \"5\""),
            ("--interval=1us CMD a", "--interval is 0 or at least 1ms, not \"1us\""),
            ("--interval=-5s CMD a", "--interval is 0 or at least 1ms, not \"-5s\""),
            ("--timeout=9999999h CMD a", "--timeout is a duration such as 30s or 1m30s, not \"9999999h\""),
            ("--retries=-1 CMD a", "--retries is a number from 0 to 2147483647, not \"-1\""),
        ])
    func wrongHealthcheck(text: String, reason: String) {
        #expect(refusal("FROM a\nHEALTHCHECK " + text)?.reason == reason)
    }

    @Test(
        "Ports",
        arguments: [
            ("80", 80...80, "tcp"), ("80/UDP", 80...80, "udp"), ("8000-8010", 8000...8010, "tcp"),
            ("1:2", 2...2, "tcp"),
            ("127.0.0.1:1:2/sctp", 2...2, "sctp"), ("0", 0...0, "tcp"), ("65535", 65535...65535, "tcp"),
        ] as [(String, ClosedRange<UInt16>, String)])
    func ports(text: String, numbers: ClosedRange<UInt16>, transport: String) throws {
        guard case .expose(let words) = try instruction("EXPOSE " + text).content else {
            throw OtherInstruction()
        }
        let port = try Port(words[0])
        #expect(port.numbers == numbers && port.transport == transport)
    }

    @Test(
        "What is no port is refused",
        arguments: ["99999", "/tcp", "a", "80/xyz", "9-8", "-1", "80-", "1:", "8 x"])
    func wrongPorts(text: String) { #expect(refusal("FROM a\nEXPOSE " + text)?.position.line == 2) }

    @Test("Signals", arguments: ["SIGTERM", "term", "9", "64", "SIGRTMIN+3", "RTMAX-14"])
    func signals(text: String) { #expect(refusal("FROM a\nSTOPSIGNAL " + text) == nil) }

    @Test("What is no signal is refused", arguments: ["0", "65", "SIGNOTHING", "RTMIN+16", "-9", "SIG"])
    func wrongSignals(text: String) {
        #expect(refusal("FROM a\nSTOPSIGNAL " + text)?.reason == "unknown signal \"\(text)\"")
    }
}
