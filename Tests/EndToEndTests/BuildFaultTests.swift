import TestSupport
import Testing

/// Table D: an instruction that cannot be carried out is told in one line, and nothing is lost.
struct BuildFaultTests {
    /// A Dockerfile that fails, what is said, and how varve ends.
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let dockerfile: String
        let messages: [String]
        let status: Int32
        let flags: [String]

        init(
            _ row: String, _ dockerfile: String, _ messages: String..., status: Int32 = 1,
            flags: [String] = []
        ) {
            testDescription = "\(row): \(messages.last ?? "")"
            (self.dockerfile, self.messages, self.status, self.flags) = (dockerfile, messages, status, flags)
        }
    }

    @Test(arguments: stages + places + owners + archives)
    func `one line says what is wrong and where, and nothing is touched`(fault: Fault) throws {
        let work = try BuildWorkplace()
        try work.makeOld()
        try work.prepare(Self.context)
        try work.write(fault.dockerfile)
        let said = try work.refuse(
            work.build(fault.flags), status: fault.status,
            saying: ["varve: Dockerfile: line "] + fault.messages)
        #expect(said.split(separator: "\n").count == 1, "\(said)")
    }

    private static let context = """
        echo a > a; mkdir dir; echo b > dir/b; ln -s ../../../../etc/passwd out; ln -s /etc/hostname absolute
        ln -s l1 l2; ln -s l2 l1; echo secret > ignored; echo ignored > .dockerignore
        tar -cf t.tar a dir; head -c 1500 t.tar > cut.tar; gzip -c t.tar | head -c -12 > cut.tar.gz
        touch .wh.file; tar -cf whiteout.tar .wh.file; rm .wh.file
        tar -P --transform 's,^,../../,' -cf up.tar a; mkdir hidden; touch hidden/.wh..wh..opq
        """

    private static let stages = [
        Fault(
            "D11", "FROM base AS one\nCOPY --from=one a /", "line 1, FROM base AS one: ",
            "stages need each other: one → one"),
        Fault(
            "D11", "FROM base AS one\nCOPY --from=two a /\nFROM base AS two\nCOPY --from=one a /",
            "stages need each other: two → one → two"),
        Fault(
            "D11", "FROM base AS one\nFROM base\nCOPY --from=scratch a /", "line 3, ", "scratch has no files",
            status: 2),
        Fault(
            "D11", "FROM base AS build\nFROM base\nCOPY --from=biuld a /",
            "line 3, COPY --from=biuld a /: no stage is named biuld (there are build), and as an image: ",
            "GET http://localhost:1/",
            flags: ["--registry-map", "index.docker.io=localhost:1", "--skip-default-registry-fallback"]),
        Fault(
            "D11", "FROM base\nCOPY --from=base /nosuch /", "line 2, ",
            "cannot copy nosuch: there is no such file"),
        Fault(
            "D12", "FROM localhost:1/none",
            "line 1, FROM localhost:1/none: GET http://localhost:1/v2/none/manifests/latest: "),
        Fault("D12", "FROM Upper/CASE", "line 1, ", "a repository has no upper-case letters"),
        Fault(
            "D12", "FROM localhost:1/a@sha256:123",
            "after @ comes sha256: and 64 lower-case hexadecimal digits"),
        Fault("D12", "FROM --platform=foo base", "line 1, ", "\"foo\" is not a platform such as linux/amd64"),
        Fault(
            "D12", "FROM --platform=linux/sparc base", "has no image for linux/sparc; it has one for linux/"),
    ]

    private static let places = [
        Fault(
            "D13", "FROM base\nCOPY ../../../etc/hostname /x", "line 2, ",
            "cannot copy etc/hostname: there is no such file"),
        Fault("D13", "FROM base\nCOPY /etc/hostname /x", "cannot copy etc/hostname: there is no such file"),
        Fault("D13", "FROM base\nCOPY out /x", "cannot copy out: there is no such file"),
        Fault("D13", "FROM base\nCOPY absolute /x", "cannot copy absolute: there is no such file"),
        Fault("D13", "FROM base\nCOPY l1 /x", "it leads over more than 40 links"),
        Fault(
            "D13", "FROM base\nCOPY nosuch /x",
            "line 2, COPY nosuch /x: cannot copy nosuch: there is no such file"),
        Fault("D13", "FROM base\nCOPY ignored /x", "an ignore file or --exclude names it"),
        Fault("D13", "FROM base\nCOPY a dir /x", "end the destination /x with /"),
        Fault(
            "D13", "FROM base\nCOPY cut* /x", "a pattern matches several files",
            "end the destination /x with /"),
        Fault("D13", "FROM base\nCOPY https://localhost:1/x /x", "COPY takes files; ADD fetches URLs"),
        Fault(
            "D14", "FROM base\nCOPY a /srv/loop",
            "the image's path srv/loop cannot be used: it leads over more than 40 links"),
        Fault("D14", "FROM base\nCOPY a /etc/passwd/x", "etc/passwd is no directory"),
        Fault("D14", "FROM base\nCOPY a /etc/passwd/", "etc/passwd is no directory"),
        Fault("D14", "FROM base\nCOPY dir /etc/passwd", "etc/passwd is no directory"),
        Fault("D14", "FROM base\nCOPY a /d/b/\nCOPY dir /d", "line 3, ", "d/b"),
        Fault("D14", "FROM base\nCOPY hidden /x", "is named like a whiteout"),
        Fault(
            "D21", "FROM base\nWORKDIR /etc/passwd", "line 2, WORKDIR /etc/passwd: ",
            "etc/passwd is no directory"),
        Fault("D21", "FROM base\nWORKDIR /etc/passwd/x", "etc/passwd is no directory"),
        Fault("D21", "FROM base\nUSER ghost\nWORKDIR /x", "line 3, ", "the image has no user ghost"),
    ]

    private static let owners = [
        Fault(
            "D15", "FROM base\nCOPY --chown=ghost a /x", "line 2, ",
            "the image has no user ghost; give a number, or make the user before"),
        Fault("D15", "FROM base\nCOPY --chown=app:ghosts a /x", "the image has no group ghosts"),
        Fault("D15", "FROM scratch\nCOPY --chown=app a /x", "the image has no user app, nor a /etc/passwd"),
        Fault("D15", "FROM base\nCOPY --chown=4294967296 a /x", "4294967296 is no number of an owner"),
        Fault("D15", "FROM base\nCOPY --chown=0:4294967295 a /x", "4294967295 is no number of an owner"),
        Fault("D15", "FROM base\nADD --chown=-1 a /x", "-1 is no number of an owner"),
    ]

    private static let archives = [
        Fault("D17", "FROM base\nADD cut.tar /x", "line 2, ", "context/cut.tar: tar: cannot read"),
        Fault(
            "D17", "FROM base\nADD cut.tar.gz /x",
            "cut.tar.gz: cannot decompress: gzip: the file ends within a member"),
        Fault("D17", "FROM base\nADD whiteout.tar /x", "x/.wh.file is named like a whiteout"),
        Fault(
            "D17", "FROM base\nADD up.tar /x",
            "context/up.tar: its member ../../a is refused: its path leads upwards"),
        Fault("D18", "FROM base\nADD http://localhost:1/x /x", "line 2, ", "GET http://localhost:1/x: "),
        Fault(
            "D18", "FROM base\nADD --checksum=foo http://localhost:1/x /x",
            "--checksum: write sha256: and 64 hexadecimal digits"),
    ]

    @Test(
        "D18: a server that answers otherwise",
        arguments: [
            ("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone", "", 1, "the server answers 404"),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nsome",
                "--checksum=sha256:\(String(repeating: "0", count: 64))", 3, "expected, sha256:"
            ),
            (
                "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", "", 1,
                "more than 10 redirects"
            ),
            ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\nsome", "", 1, "raise --max-bytes"),
            (
                "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n", "", 1,
                "a place that is not gone to"
            ),
        ] as [(String, String, Int32, String)])
    func server(answer: String, flag: String, status: Int32, message: String) throws {
        let server = try LoopbackServer.answering(answer)
        let work = try BuildWorkplace()
        try work.makeOld()
        try work.write("FROM base\nADD \(flag) http://127.0.0.1:\(server.port)/x /x")
        try work.refuse(work.build(), status: status, saying: ["varve: Dockerfile: line 2, ADD ", message])
    }

    @Test func `D13 and D14: no link leads out of the context or the image`() throws {
        let work = try BuildWorkplace()
        try work.prepare(
            "mkdir etc; echo mine > etc/hostname; ln -s ../../../../etc/hostname up; ln -s /etc abs")
        let image = try work.built(
            "FROM base\nCOPY up /a\nCOPY abs/hostname /b\nCOPY abs /c\nCOPY up /srv/out/made\nCOPY up /srv/../../../d"
        )
        for path in ["a", "b", "c/hostname", "etc/made", "d"] {
            #expect(image.text(path) == "mine\n", "\(path)")
        }
    }

    @Test func `D17: gzip of what is no tar is copied as it is`() throws {
        let work = try BuildWorkplace()
        try work.prepare("echo text | gzip -c > x.gz; head -c 3 x.gz > cut.gz; cp x.gz y.tar.gz")
        let image = try work.built("FROM scratch\nADD x.gz y.tar.gz cut.gz /")
        #expect(image.layers == [["cut.gz", "x.gz", "y.tar.gz"]])
    }
}
