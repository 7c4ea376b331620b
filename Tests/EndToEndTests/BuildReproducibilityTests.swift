import Linux
import SystemPackage
import TestSupport
import Testing

/// The same files and the same Dockerfile are the same image, whoever builds it, where and how.
@Suite(.timeLimit(.minutes(30)))
struct BuildReproducibilityTests {
    private let site: BuildSite
    private let expected: String
    private var scratch: Scratch { site.scratch }

    init() throws {
        let site = try BuildSite(
            """
            FROM scratch AS one
            COPY . /all/
            FROM scratch
            COPY --from=one /all/d1 /d1
            COPY --chmod=u=rwX,go=rX . /made/
            WORKDIR /made/new
            COPY <<EOF /here
            text
            EOF
            """)
        let line = """
            for d in 1 2 3; do mkdir d$d; for f in z a é B _; do echo $d$f > d$d/$f; done; ln -s ../d1/a d$d/l; done
            seq 200000 > big; ln big hard; find . -exec touch -h -d @1500000000 {} +
            """
        try Command(shell: line).at(site.scratch["ctx"]).succeed()
        expected = try site.build().digest
        self.site = site
    }

    /// Builds with nothing in the cache.
    private func digest(_ flags: String..., context: String = "ctx") throws -> String {
        let flags = flags + ["--no-cache", "--cache-read-only"]
        return try site.building(flags, context: context, layout: "again").succeed().line
    }

    @Test func `neither threads nor the cache change a byte`() throws {
        for jobs in ["1", "2", "3", "8"] { #expect(try digest("--jobs", jobs) == expected) }
        #expect(try site.build(layout: "warm").digest == expected)
        #expect(try digest() == expected)
    }

    @Test(arguments: [
        "TZ=Asia/Kathmandu", "LC_ALL=C.UTF-8", "LC_ALL=C", "LC_ALL=de_DE.ISO-8859-1", "HOME=/nowhere",
        "LANG=tr_TR.UTF-8", "USER=somebody",
    ])
    func `surroundings change no byte`(variable: String) throws {
        let flags = ["--no-cache", "--cache-read-only"]
        #expect(try site.building(flags, layout: "again", variables: [variable]).succeed().line == expected)
    }

    @Test(arguments: ["000", "077"])
    func `the umask changes no byte`(mask: String) throws {
        let command = site.building(["--no-cache", "--cache-read-only"], layout: "again")
            .behind("bash", "-c", "umask \(mask); exec \"$@\"", "bash")
        #expect(try command.succeed().line == expected)
    }

    @Test func `another place, and an order of files that is another one, change no byte`() throws {
        try scratch.directory("far/away")
        let line = """
            mkdir far/away/ctx; for f in $(ls -rA ctx); do cp -a ctx/$f far/away/ctx/; done
            rm far/away/ctx/hard; ln far/away/ctx/big far/away/ctx/hard
            touch -d @1500000000 far/away/ctx far/away/ctx/big
            """
        try Command(shell: line).at(scratch.path).succeed()
        #expect(try digest(context: "far/away/ctx") == expected)
        #expect(try digest(context: "\(scratch["ctx"])") == expected)
    }

    @Test func `another user's build is the same, and so is one of files that are another user's`() throws {
        try Requirement.root()
        try Command(["chown", "-R", "1234:4321", scratch["ctx"].string]).succeed()
        #expect(try digest() == expected)
        try Command(["chown", "-R", "65534:65534", scratch["ctx"].string, scratch["tmp"].string]).succeed()
        let command = site.building(["--no-cache", "--cache-read-only"], layout: "nobody").asPlainUser()
        #expect(try command.succeed().line == expected)
    }

    @Test func `files of another time are the same image where SOURCE_DATE_EPOCH says the time`() throws {
        let flags = ["--no-cache", "--cache-read-only"]
        let variables = ["SOURCE_DATE_EPOCH=1400000000"]
        let first = try site.building(flags, layout: "again", variables: variables).succeed().line
        try Command(shell: "find ctx -exec touch -h {} +").at(scratch.path).succeed()
        #expect(try site.building(flags, layout: "again", variables: variables).succeed().line == first)
        #expect(try digest("--source-date-epoch", "1400000000") == first)
        #expect(try digest() != expected, "without it the files' times are the image's")
    }

    @Test func `an archive of the context is the same image as the context`() throws {
        try Command(shell: "tar -C ctx -cf ctx.tar .").at(scratch.path).succeed()
        #expect(try digest(context: "ctx.tar") == expected)
    }
}
