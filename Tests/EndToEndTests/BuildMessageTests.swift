import Linux
import SystemPackage
import TestSupport
import Testing

/// What `varve build` says where it cannot begin.
struct BuildMessageTests {
    /// Words of a command line that fails in the workplace's directory, and what is said.
    struct Attempt: Sendable, CustomTestStringConvertible {
        let words: [String]
        let message: String
        let status: Int32
        var testDescription: String { words.joined(separator: " ") }

        init(_ words: [String], _ message: String, status: Int32 = 1) {
            (self.words, self.message, self.status) = (words, message, status)
        }
    }

    @Test(
        arguments: [
            Attempt(["nosuch", "-o", "oci:out:t"], "cannot open nosuch: No such file or directory"),
            Attempt(
                ["context/a", "-o", "oci:out:t"],
                "context/a is no build context: it is no tar archive that can be unpacked; give a directory, a tar archive or a repository"
            ),
            Attempt(
                ["context/dir", "-o", "oci:out:t"],
                "there is no file Dockerfile in context/dir; --file names another Dockerfile"),
            Attempt(
                ["context", "-f", "nosuch", "-o", "oci:out:t"],
                "there is no file nosuch in context; --file names another Dockerfile"),
            Attempt(
                ["context", "-f", "context/dir", "-o", "oci:out:t"],
                "context/dir is no regular file; give one"),
            Attempt(["context"], "give --output, or --tag and --push; see --help", status: 2),
            Attempt(
                ["context", "-t", "x:1"],
                "where shall the image go? Add --push, or -o oci:DIR:TAG; see --help",
                status: 2),
            Attempt(["context", "--push", "-o", "oci:out:t"], "--push needs --tag; see --help", status: 2),
            Attempt(
                ["context", "--context", "context", "-o", "oci:out:t"],
                "the context stands twice; see --help",
                status: 2),
            Attempt(["context", "--json", "-o", "oci:out:t"], "--json is for --plan; see --help", status: 2),
            Attempt(
                ["context", "-o", "foo"],
                "--output: foo names no registry; write oci:DIR:TAG for a directory, or docker://docker.io/library/foo:latest",
                status: 2),
            Attempt(
                ["context", "-o", "oci:out:t", "--target", "biuld"],
                "--target: there is no stage biuld; there are build", status: 2),
            Attempt(
                ["context", "-o", "oci:out:t", "--target", "7"],
                "--target: there is no stage 7; there are build",
                status: 2),
            Attempt(
                ["context", "-o", "oci:out:t", "--build-arg", "=x"],
                "--build-arg: one has no name; write NAME=VALUE", status: 2),
            Attempt(
                ["context", "-o", "oci:out:t", "--build-context", "x"], "--build-context: write NAME=PLACE",
                status: 2),
            Attempt(
                ["context", "-o", "oci:out:t", "--build-context", "base=context/dir", "-f", "from-base"],
                "base is a directory, and FROM base needs an image; give oci:DIR:TAG or docker-image://NAME",
                status: 2),
            Attempt(
                ["context", "-o", "oci:out:t", "--build-context", "base=oci:nosuch:t", "-f", "from-base"],
                "cannot open nosuch: No such file or directory"),
            Attempt(
                ["context", "-o", "oci:out:t", "--platform", "foo"],
                "--platform: \"foo\" is not a platform such as linux/amd64", status: 2),
            Attempt(
                ["-", "-o", "oci:out:t"],
                "standard input is no build context: it is empty; give a directory, a tar archive or a repository"
            ),
            Attempt(
                ["-", "-f", "-", "-o", "oci:out:t"],
                "--file: standard input is the context; the Dockerfile is elsewhere", status: 2),
            Attempt(
                ["context", "-f", "-", "-o", "oci:out:t"],
                "Dockerfile: line 1, column 1: the file has no instructions"),
            Attempt(["context", "-o", "oci:/proc/x:t"], "/proc/x"),
            Attempt(["context", "-o", "oci:context/a:t"], "context/a"),
            Attempt(["context", "-o", "oci:out:t", "--created", "soon"], "--created", status: 2),
        ])
    func `one line says what to do, and nothing is touched`(attempt: Attempt) throws {
        let work = try Self.workplace()
        let said = try work.refuse(
            work.varve(["build", "-q", "--no-provenance"] + attempt.words), status: attempt.status,
            saying: ["varve: ", attempt.message])
        #expect(said.split(separator: "\n").count == 1, "\(said)")
    }

    private static func workplace() throws -> BuildWorkplace {
        let work = try BuildWorkplace(withBase: false)
        try work.makeOld()
        try work.prepare("echo a > a; mkdir dir; echo b > dir/b; printf 'FROM base\\n' > from-base")
        try work.write("FROM scratch AS build\nCOPY a dir /")
        return work
    }

    @Test(
        arguments: [
            ("chmod 0 Dockerfile", "cannot open context/Dockerfile: Permission denied"),
            (
                "chmod 0 a",
                "Dockerfile: line 2, COPY a dir /: cannot read context/a; run as a user who may, or leave them out with --exclude"
            ),
            ("chmod 0 dir", "Dockerfile: line 2, COPY a dir /: cannot read context/dir; "),
            ("chmod 0 dir/b", "Dockerfile: line 2, COPY a dir /: cannot read context/dir/b; "),
            (
                "touch .dockerignore; chmod 0 .dockerignore",
                "cannot open context/.dockerignore: Permission denied"
            ),
            ("chmod 0 .", "cannot open context: Permission denied"),
        ])
    func `what a plain user may not read is named`(script: String, message: String) throws {
        let work = try BuildWorkplace(withBase: false)
        try work.prepare("echo a > a; mkdir dir; echo b > dir/b")
        try work.write("FROM scratch\nCOPY a dir /")
        try Command(["chmod", "777", work.scratch["home"].string, work.scratch["tmp"].string]).succeed()
        try work.prepare(script)
        // In a namespace of his own a plain user may read whatever is his.
        let outcome = try work.build(["--isolation", "none"]).asPlainUser().run()
        try Command(["chmod", "-R", "u+rwX", work.context.string]).succeed()
        if outcome.status == 126 || outcome.status == 127 {
            try Test.cancel("nobody may not run \(Command.varvePath)")
        }
        #expect(outcome.status == 1)
        #expect(outcome.errors.hasPrefix("varve: \(message)"), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1)
        #expect(!Machine.exists(work.scratch["out"]))
        #expect(try Directory.open(work.scratch["tmp"]).names().isEmpty)
    }

    @Test func `a Dockerfile elsewhere, and one on standard input`() throws {
        let work = try BuildWorkplace(withBase: false)
        try work.prepare("echo a > a; mkdir docker; printf 'FROM scratch\\nCOPY a /inner\\n' > docker/app")
        let outside = try work.scratch.write("elsewhere/Dockerfile", "FROM scratch\nCOPY a /outer\n")
        for (flags, path) in [
            (["-f", "context/docker/app"], "inner"), (["-f", "docker/app"], "inner"),
            (["-f", outside.string], "outer"), (["-f", "-"], "outer"),
        ] {
            try work.build(flags).reading(outside).succeed()
            #expect(try FlatImage("out", "new", in: work).layers == [[path]], "\(flags)")
        }
    }

    @Test func `D20: no secret comes into an image, provenance or a message`() throws {
        let work = try BuildWorkplace(withBase: false)
        try work.prepare("echo a > a")
        try work.write(
            """
            FROM scratch
            ARG COSIGN_PASSWORD
            ARG API_TOKEN
            COPY a /${COSIGN_PASSWORD:-none}
            """)
        let outcome = try work.varve(
            [
                "build", "context", "-o", "oci:out:new", "--build-arg", "COSIGN_PASSWORD", "--build-arg",
                "API_TOKEN=hunter2hunter2",
            ], variables: ["COSIGN_PASSWORD=tresorsecret", "NPM_TOKEN=npmsecret"]
        ).succeed()
        #expect(!outcome.errors.contains("hunter2"))
        #expect(try FlatImage("out", "new", in: work).layers == [["none"]])
        let all = try Command(["grep", "-rlE", "tresorsecret|npmsecret", "out", "out.provenance", "home"]).at(
            work.scratch.path
        ).run()
        #expect(all.text == "")
        let argument = try Command(["grep", "-rl", "hunter2", "out", "out.provenance", "home"]).at(
            work.scratch.path
        ).run()
        #expect(argument.text == "")
    }
}
