import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

/// What makes a build take a layer from the cache, and what does not.
@Suite(.timeLimit(.minutes(30)))
struct BuildCacheTests {
    private let site: BuildSite
    private var scratch: Scratch { site.scratch }

    init() throws {
        site = try BuildSite(
            """
            FROM scratch
            COPY dir /dir
            COPY a.txt /
            ADD in.tar /in/
            WORKDIR /srv
            """)
        try site.write("a.txt", "aaaa\n")
        try site.write("dir/b.txt", "bbbb\n")
        try site.write("dir/c.txt", "cccc\n")
        try site.write("ignored.txt", "i\n")
        try site.write(".dockerignore", "**/ignored*\n")
        try Command(
            shell: """
                ln -s b.txt dir/link; mkdir in; echo x > in/x; tar -cf in.tar -C in .; rm -r in
                find . -exec touch -h -d @1500000000 {} +
                """
        ).at(scratch["ctx"]).succeed()
    }

    private func change(_ line: String) throws { try Command(shell: line).at(scratch["ctx"]).succeed() }

    @Test func `a second build takes every layer from the cache, and gives the same bytes`() throws {
        let first = try site.build()
        #expect(first.hits == 0 && first.misses == [], "\(first.errors)")
        let second = try site.build(layout: "other")
        #expect(second.hits == 4 && second.misses == [], "\(second.errors)")
        #expect(second.digest == first.digest)
        let other = try site.build("--no-cache", layout: "third")
        #expect(other.hits == 0 && other.misses.allSatisfy { $0.contains("the cache is not asked") })
        #expect(other.digest == first.digest)
    }

    @Test(
        "what changes nothing of an image's files is a hit",
        arguments: [
            "touch a.txt dir dir/b.txt in.tar", "echo new > ignored.txt", "echo new > dir/ignored2",
            "echo new > other", "touch -h dir/link", "chmod 700 dir", "mv dir/b.txt x; mv x dir/b.txt",
            "cp -p a.txt x; mv x a.txt", "printf '# a comment\\n' > D; cat Dockerfile >> D; mv D Dockerfile",
        ])
    func hit(line: String) throws {
        let first = try site.build()
        try change(line)
        let second = try site.build()
        #expect(second.hits == 4 && second.misses == [], "\(second.errors)")
        #expect(second.layers == first.layers)
    }

    @Test(
        "what changes an image's files is a miss from there on, which says what changed",
        arguments: [
            ("printf 'AAAA\\n' > a.txt", 1, "files changed: a.txt"),
            ("printf 'AAAA\\n' > a.txt; touch -d @1500000000 a.txt", 1, "files changed: a.txt"),
            (
                "printf 'AAAA\\n' | dd of=a.txt conv=notrunc status=none; touch -d @1500000000 a.txt", 1,
                "a.txt"
            ),
            ("chmod 600 a.txt", 1, "files changed: a.txt"),
            ("mkdir dir/new; chmod 700 dir/new", 0, "files changed: dir/new"),
            ("chmod u+s dir/b.txt", 0, "files changed: dir/b.txt"),
            ("ln -sf c.txt dir/link", 0, "files changed: dir/link"),
            ("mv dir/b.txt dir/d.txt", 0, "dir/b.txt (removed)"), ("mv dir/b.txt dir/d.txt", 0, "dir/d.txt"),
            ("rm dir/c.txt", 0, "dir/c.txt (removed)"), ("mkdir dir/new", 0, "dir/new"),
            ("rm dir/link; echo b > dir/link", 0, "dir/link"),
            ("rm dir/c.txt; ln dir/b.txt dir/c.txt", 0, "dir/c.txt"),
            ("mkdir in; echo y > in/x; tar -cf in.tar -C in .", 2, "files changed: in.tar"),
            ("sed -i 's/srv/opt/' Dockerfile", 3, "the instruction changed"),
            ("sed -i 's,COPY a.txt /,COPY --chmod=600 a.txt /,' Dockerfile", 1, "the instruction changed"),
            ("sed -i 's,COPY a.txt /,COPY --chown=5 a.txt /,' Dockerfile", 1, "--chown changed"),
            ("sed -i 's,/dir,/other,' Dockerfile", 0, "the destination changed"),
            ("echo dir/c.txt >> .dockerignore", 0, "dir/c.txt (removed)"),
        ])
    func miss(line: String, hits: Int, reason: String) throws {
        try site.build()
        try change(line)
        let second = try site.build(layout: "second")
        #expect(second.hits == hits, "\(second.errors)")
        #expect(second.misses.first?.contains(reason) == true, "\(second.errors)")
        // Whatever the cache thought of, the image is the one that a build without it makes.
        let cold = try site.build("--no-cache", "--cache-read-only", layout: "cold")
        #expect(try second.texts() == cold.texts())
        #expect(second.digest == cold.digest)
    }

    @Test func `an extended attribute that an image keeps is a miss`() throws {
        try Requirement.program("setfattr")
        try site.build()
        guard
            try Command(["setfattr", "-n", "user.x", "-v", "1", scratch["ctx/a.txt"].string]).run().status
                == 0
        else { try Test.cancel("this file system has no user attributes") }
        let second = try site.build()
        #expect(second.hits == 1 && second.misses.first?.contains("a.txt") == true, "\(second.errors)")
        let member = try #require(try second.members(1).first { $0.name == "a.txt" })
        #expect(member.records.contains { $0.key.contains("user.x") })
    }

    @Test func `values of ARG and ENV that an instruction uses count, others do not`() throws {
        try site.write(
            "Dockerfile",
            """
            FROM scratch
            ARG A=one
            ARG B=one
            ENV E=$B
            COPY a.txt /$A/
            COPY a.txt /$E/
            """)
        try site.build()
        #expect(try site.build("--build-arg", "A=one").hits == 2)
        let other = try site.build("--build-arg", "B=two")
        #expect(try other.hits == 1 && other.text("two/a.txt") == "aaaa\n", "\(other.errors)")
        #expect(try site.build("--build-arg", "A=two").hits == 0)
        #expect(try site.build("--build-arg", "A=b c").text("b c/a.txt") == "aaaa\n")
    }

    @Test(
        "fields that would read alike side by side are different keys",
        arguments: [
            ("COPY ab c /", "COPY a bc /"), ("COPY [\"a b\", \"c\", \"/\"]", "COPY [\"a\", \"b c\", \"/\"]"),
            ("COPY a /bc/", "COPY ab /c/"),
        ])
    func separators(first: String, second: String) throws {
        for name in ["ab", "c", "a", "bc", "a b", "b c"] { try site.write(name, "same\n") }
        try site.write("Dockerfile", "FROM scratch\n\(first)\n")
        let one = try site.build().texts()
        try site.write("Dockerfile", "FROM scratch\n\(second)\n")
        let other = try site.build()
        #expect(try other.hits == 0 && other.texts() != one, "\(other.errors)")
    }

    @Test func `another platform, base, time or compression is a miss`() throws {
        try site.image("base", "echo 1 > base")
        try site.image("other", "echo 2 > base")
        try site.write("Dockerfile", "FROM base\nCOPY a.txt /\n")
        func build(_ base: String, _ flags: String...) throws -> Int {
            let command = site.building(["--build-context", "base=oci:\(base):app"] + flags)
            return try Built(command.succeed(), layout: scratch["out"]).hits
        }
        #expect(try build("base") == 0)
        #expect(try build("base") == 1)
        #expect(try build("other") == 0)
        #expect(try build("base", "--source-date-epoch", "5") == 0)
        #expect(try build("base", "--compression-level", "1") == 0)
        #expect(try build("base", "--xattr", "trusted.x") == 0)
        try site.write("Dockerfile", "FROM scratch\nCOPY a.txt /\n")
        #expect(try site.build("--platform", "linux/arm64").hits == 0)
        #expect(try site.build("--platform", "linux/arm64").hits == 1)
        #expect(try site.build("--platform", "linux/amd64").hits == 0)
    }

    @Test func `one cache serves two Dockerfiles that copy the same`() throws {
        try site.write("one", "FROM scratch\nCOPY a.txt /\n")
        try site.write("two", "FROM scratch AS x\nLABEL a=b\nCOPY a.txt /\n")
        #expect(try site.build("-f", "ctx/one").hits == 0)
        #expect(try site.build("-f", "ctx/two").hits == 1)
    }

    @Test func `a stage whose result is the same does not make those that copy from it anew`() throws {
        try site.write(
            "Dockerfile",
            """
            FROM scratch AS build
            COPY a.txt dir /made/
            FROM scratch
            COPY --from=build /made/b.txt /
            """)
        try site.build()
        try change("printf 'AAAA\\n' > a.txt")
        let second = try site.build()
        #expect(second.hits == 1 && second.misses.count == 1, "\(second.errors)")
    }
}
