import TestSupport
import Testing

/// What RUN starts, as whom, with what, and where.
struct RunProgramTests {
    /// Instructions behind `FROM base`, and what the programs write.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let instructions: String
        let lines: [String]
        var flags: [String] = []

        init(_ name: String, _ instructions: String, _ lines: String..., flags: [String] = []) {
            (testDescription, self.instructions, self.lines, self.flags) = (name, instructions, lines, flags)
        }
    }

    @Test(arguments: words + heredocs + variables + users + places)
    func `what a program writes`(row: Case) throws {
        if row.instructions.contains("USER ") { try Requirement.otherUsers() }
        let work = try RunWorkplace()
        let command = try work.building("FROM base\n" + row.instructions, row.flags)
        #expect(try RunWorkplace.lines(command.succeed().errors) == row.lines)
    }

    static let words = [
        Case("the shell form", "RUN echo \"a  b\" 'c' $((1+2))", "a  b c 3"),
        Case("the exec form has no shell", #"RUN ["echo", "$HOME", "a  b"]"#, "$HOME a  b"),
        Case("lines that go on", "RUN echo a && \\\n  # a comment\n  echo b", "a", "b"),
        Case("another shell", #"SHELL ["/bin/busybox", "ash", "-xc"]"# + "\nRUN echo a", "+ echo a", "a"),
        Case("a program without a path is found on PATH", #"RUN ["busybox", "echo", "x"]"#, "x"),
        Case("what is written without a newline", "RUN printf abc; printf def >&2", "abcdef"),
        Case(
            "bytes that are no text", #"RUN printf 'a\377\001\033[31mb\n'"#, #"a\xff\x01\x1b[31mb"#),
        Case("the last of a progress bar", #"RUN printf '1%%\r50%%\r100%%\n'"#, "100%"),
    ]

    static let heredocs = [
        Case("a here-document", "RUN <<EOF\necho a\necho $HOME\nEOF", "a", "/root"),
        Case("a quoted one", "RUN <<'EOF'\necho '$x'\nEOF", "$x"),
        Case("with a shebang", "RUN <<EOF\n#!/usr/bin/awk -f\nBEGIN { print 1 + 2 }\nEOF", "3"),
        Case("tabs taken off", "RUN <<-EOF\n\techo a\n\tEOF", "a"),
        Case(
            "several", "RUN cat <<A && cat <<'B'\nfirst $HOME\nA\nsecond $HOME\nB", "first /root",
            "second $HOME"),
        Case("into a program", "RUN cat > /tmp/x <<EOF && wc -l < /tmp/x\n1\n2\nEOF", "2"),
    ]

    static let variables = [
        Case("ENV", "ENV A=1 B=$A\nENV B=${A}2\nRUN echo $A-$B", "1-12"),
        Case("ARG", "ARG A=1\nRUN echo $A", "1"),
        Case("ARG that is given", "ARG A=1\nRUN echo $A", "2", flags: ["--build-arg", "A=2"]),
        Case(
            "ARG before and after ENV", "ARG A=1\nENV A=2\nRUN echo $A\nARG B=3\nENV C=$B\nRUN echo $B$C",
            "2", "33"),
        Case("an ARG that is not declared", "RUN echo [$A]", "[]", flags: ["--build-arg", "A=2"]),
        Case(
            "proxies need no ARG", "RUN echo $http_proxy $HTTP_PROXY", "http://p:1 http://p:1",
            flags: ["--build-arg", "HTTP_PROXY=http://p:1"]),
        Case("nothing of varve's own", "RUN env | sort", "HOME=/root", "PATH=\(path)", "PWD=/", "SHLVL=1"),
        Case("HOME that is given", "ENV HOME=/x\nRUN echo $HOME", "/x"),
    ]

    static let users = [
        Case("root", "RUN id", "uid=0(root) gid=0(root)"),
        Case(
            "a name has its groups", "USER app\nRUN id; echo $HOME",
            "uid=1000(app) gid=1001(app) groups=44(extra)", "/home/app"),
        Case("a name and a group", "USER app:staff\nRUN id", "uid=1000(app) gid=50(staff)"),
        Case(
            "a number", "USER 1000\nRUN id; echo $HOME", "uid=1000(app) gid=1001(app) groups=44(extra)",
            "/home/app"),
        Case("a number that nobody has", "USER 7\nRUN id; echo $HOME", "uid=7 gid=0(root)", "/"),
        Case("numbers that nobody has", "USER 7:8\nRUN id; echo $HOME", "uid=7 gid=8", "/"),
        Case("a variable", "ARG who=app\nUSER $who\nRUN id -un", "app"),
    ]

    static let places = [
        Case("WORKDIR", "WORKDIR /a/b\nRUN pwd\nWORKDIR c\nRUN pwd", "/a/b", "/a/b/c"),
        Case("over a link", "WORKDIR /var/run/x\nRUN pwd -P", "/run/x"),
        Case("what was copied is there", "COPY Dockerfile /tmp/d\nRUN head -1 /tmp/d", "FROM base"),
        Case(
            "what ran before is there", "RUN echo 1 > /x\nRUN cat /x; rm /x\nRUN test ! -e /x && echo gone",
            "1", "gone"),
        Case("a device that takes all", "RUN echo x > /dev/null; head -c 3 /dev/zero | wc -c", "3"),
    ]

    private static let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
}
