import SystemPackage
import TestSupport
import Testing

/// `varve digest` says what sha256sum says, byte for byte.
struct DigestCommandTests {
    @Test(arguments: [
        ["a"], ["a", "b"], ["./a", "d/../a", "d//c", ".//a"], ["new\nline"], ["back\\slash", "a"],
        ["re\rturn"],
        ["tab\t", " ", "*", "--", "-dash"], ["-"], ["a", "-", "b"], ["empty", "big"], ["link", "/dev/null"],
        ["b", "a", "a", "b"], [],
    ])
    func `files and standard input give sha256sum's lines`(names: [String]) throws {
        let scratch = try files()
        let names = names.contains("--") ? ["--"] + names : names
        let expected = try Command(["sha256sum"] + names).at(scratch.path).reading(scratch["input"]).run()
        let outcome = try Command([Command.varvePath.string, "digest"] + names)
            .at(scratch.path).reading(scratch["input"]).run()
        #expect(outcome.text == expected.text)
        #expect(outcome.status == expected.status)
        #expect(outcome.errors == "")
    }

    @Test func `a name in no encoding comes out as it went in`() throws {
        let scratch = try files()
        try Command(shell: "printf x > $'\\xff\\xc3'").at(scratch.path).succeed()
        let name: [UInt8] = [0xff, 0xc3]
        let expected = try Command(bytes: [Array("sha256sum".utf8), name]).at(scratch.path).succeed()
        let varve = Array(Command.varvePath.string.utf8)
        let outcome = try Command(bytes: [varve, Array("digest".utf8), name]).at(scratch.path).succeed()
        #expect(outcome.output == expected.output)
    }

    @Test(arguments: [["missing", "a"], ["a", "missing", "b"], ["d", "a"], ["a/", "b"], ["a/b", "a"]])
    func `a file that cannot be read fails, and the others are printed`(names: [String]) throws {
        let scratch = try files()
        let expected = try Command(["sha256sum"] + names).at(scratch.path).run()
        let outcome = try Command([Command.varvePath.string, "digest"] + names).at(scratch.path).run()
        #expect(outcome.text == expected.text)
        #expect(outcome.status == 1)
        #expect(outcome.errors.split(separator: "\n").count == 1)
    }

    @Test func `closed standard input is an error and no empty file`() throws {
        let outcome = try Command(shell: "'\(Command.varvePath)' digest - <&-").run()
        #expect(outcome.status == 1)
        #expect(outcome.output == [])
    }

    @Test(arguments: ["1", "2", "8"])
    func `many files come out in the order they were given`(jobs: String) throws {
        let scratch = try files()
        try Command(shell: "for n in $(seq 300); do seq $n > n$n; done").at(scratch.path).succeed()
        let expected = try Command(shell: "sha256sum n*").at(scratch.path).succeed()
        let line = "'\(Command.varvePath)' digest --jobs \(jobs) n*"
        #expect(try Command(shell: line).at(scratch.path).succeed().text == expected.text)
    }

    private func files() throws -> Scratch {
        let scratch = try Scratch()
        let names = [
            "a", "b", "d/c", "new\nline", "back\\slash", "re\rturn", "tab\t", " ", "*", "--", "-dash",
        ]
        for name in names { try scratch.write(name, "content of \(name)") }
        try scratch.write("empty")
        try scratch.write("input", "from standard input\n")
        try Command(shell: "seq 300000 > big; ln -s a link").at(scratch.path).succeed()
        return scratch
    }
}
