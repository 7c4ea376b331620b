import DockerfileSyntax
import Testing

struct DockerfileTests {
    private let file = """
        ARG BASE=debian TAG
        FROM --platform=$BUILDPLATFORM ${BASE}:${TAG:-12} AS Build
        RUN make
        FROM scratch
        COPY --from=build /a /a
        FROM build as final
        COPY --from=1 /a /b
        """

    @Test func `a file is global arguments and stages`() throws {
        let file = try Dockerfile(parsing: [UInt8](self.file))
        #expect(file.globalArguments.map(\.text) == ["ARG BASE=debian TAG"])
        #expect(file.stages.map(\.name) == ["build", nil, "final"])
        #expect(file.stages.map(\.from.base.text) == ["${BASE}:${TAG:-12}", "scratch", "build"])
        #expect(file.stages.map(\.from.platform?.text) == ["$BUILDPLATFORM", nil, nil])
        #expect(file.stages.map(\.instructions.count) == [1, 1, 1] && file.warnings.isEmpty)
    }

    @Test func `stages are found by name in any letters, and by number for a target`() throws {
        let file = try Dockerfile(parsing: [UInt8](self.file))
        #expect(
            file.stage(named: "BUILD") == 0 && file.stage(named: "final") == 2
                && file.stage(named: "0") == nil)
        #expect(file.stage(named: "final", before: 2) == nil && file.stage(named: "build", before: 2) == 0)
        #expect(
            file.stage(target: "1") == 1 && file.stage(target: "3") == nil && file.stage(target: "Final") == 2
        )
        #expect(file.stage(target: "99999999999999999999") == nil)
    }

    @Test func `of two stages of a name the last counts, and it is a warning`() throws {
        let file = try Dockerfile(
            parsing: [UInt8]("FROM a AS x\nFROM b AS X\nFROM c AS context\nMAINTAINER d"))
        #expect(file.stage(named: "x") == 1)
        #expect(file.warnings.map(\.position.line) == [2, 3, 4])
    }

    @Test(
        "Names of stages",
        arguments: [
            ("FROM a AS 1a", "\"1a\" is no name of a stage: a letter, then letters, digits and - _ ."),
            ("FROM a AS a/b", "\"a/b\" is no name of a stage: a letter, then letters, digits and - _ ."),
            ("FROM a AS ü", "\"ü\" is no name of a stage: a letter, then letters, digits and - _ ."),
            ("FROM a AS Scratch", "scratch is the empty image, and no name of a stage"),
            ("FROM a IS b", "between image and name stands AS, not \"IS\""),
            ("FROM a b", "FROM requires either one or three arguments: FROM image [AS name]"),
            ("FROM a AS", "FROM requires either one or three arguments: FROM image [AS name]"),
            ("FROM", "FROM requires either one or three arguments: FROM image [AS name]"),
            ("FROM --platfrom=x a", "unknown flag --platfrom of FROM"),
            ("FROM ''", "FROM '' names no image: the variables are empty"),
        ])
    func names(text: String, reason: String) { #expect(refusal(text)?.reason == reason) }

    @Test(
        "A mark that joins a character hides nothing",
        arguments: [
            ("COPY <<a/\u{338}b /c\na/\u{338}b", "a here-document is named as its file"),
            ("COPY --from=$\u{301}a b c", "--from has no variables"),
            ("COPY -\u{2D}\u{301}link a b", "unknown flag --\u{301}link of COPY"),
        ])
    func marks(text: String, reason: String) {
        #expect(refusal("FROM a\n" + text)?.reason.utf8.starts(with: reason.utf8) == true)
    }

    @Test func `an error shows its line and a caret`() {
        let error = refusal("FROM a\n\tCOPY --form=b \\\n  c d")
        #expect(error?.description == "line 2, column 7: unknown flag --form of COPY; did you mean --from?")
        #expect(error?.excerpt == "2 | \tCOPY --form=b \\\n  | \t     ^")
        #expect(refusal("FROM a\nRUN x \\\n  --y <<E")?.excerpt == "3 |   --y <<E\n  |       ^")
    }

    @Test func `an excerpt is short, and steers no terminal`() {
        let long = String(repeating: "x", count: 5_000)
        let error = refusal("FROM a\nENV \u{1B}[2J=1 \(long)")
        #expect(error?.line.utf8.count == 5_011)
        #expect(error?.excerpt.unicodeScalars.contains("\u{1B}") == false)
        #expect(error?.description.unicodeScalars.contains("\u{1B}") == false)
        #expect(refusal("FROM a\nENV a=1 \(long)")?.excerpt.count ?? 0 < 200)
        #expect(refusal("FROM a\n\(long)")?.description.utf8.count ?? 0 < 200)
        #expect(refusal("FROM a\nUSER --\u{1B}\(long) b")?.description.utf8.count ?? 0 < 500)
        #expect(refusal("FROM a\nUSER --\u{1B}\(long) b")?.reason.contains("--\u{FFFD}xx") == true)
    }
}
