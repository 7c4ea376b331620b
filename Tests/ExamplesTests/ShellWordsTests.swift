import Testing

struct ShellWordsTests {
    @Test(arguments: [
        ("varve build . -t a:1", ["varve", "build", ".", "-t", "a:1"]),
        (#"varve pack a --cmd '["x", "y"]'"#, ["varve", "pack", "a", "--cmd", #"["x", "y"]"#]),
        (#"varve verify "$A@$(cat "$B/(c)")" --json"#, ["varve", "verify", "$A@x", "--json"]),
        ("varve verify a@${{ needs.b.outputs.c }} ", ["varve", "verify", "a@x"]),
        ("varve verify a@<+steps.b.output.c>", ["varve", "verify", "a@x"]),
        ("varve build {{a.b}}#main --push  # comment", ["varve", "build", "x#main", "--push"]),
        ("varve pack a -o oci-archive:- | ssh host", ["varve", "pack", "a", "-o", "oci-archive:-"]),
        ("varve key public '' > file", ["varve", "key", "public", ""]),
    ])
    func `a line is the words that a shell makes of it`(line: String, words: [String]) {
        #expect(ShellWords(line).words == words)
    }

    @Test func `lines that go on are one`() {
        let text = """
            text
                $ varve build . \\
                    --push
                other build
                /kaniko/executor --context .
            """
        #expect(
            ShownCommand.all(in: text, of: "f").map(\.words) == [
                ["varve", "build", ".", "--push"], ["/kaniko/executor", "--context", "."],
            ])
    }
}
