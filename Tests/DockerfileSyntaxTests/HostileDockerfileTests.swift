import DockerfileSyntax
import Testing

/// The file is refused or read, in time, and everything in it can be printed and expanded.
private func survive(_ bytes: [UInt8]) {
    do {
        let file = try Dockerfile(parsing: bytes)
        for instruction in file.globalArguments + file.stages.flatMap({ [$0.instruction] + $0.instructions })
        {
            _ = try instruction.expanded(with: Variables([("A", "$B"), ("B", "")]))
        }
    } catch {
        #expect(!error.description.isEmpty && !error.excerpt.contains("\u{1B}"))
    }
}

struct HostileDockerfileTests {
    private let sample = """
        # syntax=a
        # escape=`
        ARG A=1 B
        FROM --platform=x a:$A AS b
        RUN --mount=type=cache,target=/a,"id=b" --network=none echo `
        # c

          '${A:-"b"}' <<E 3<<-'F'
        $A
        E
        \tx
        \tF
        COPY --from=c --chown=a:b ["a b", "/c"]
        COPY <<"G" $A /d/
        é
        G
        ENV a="b c" d='e' f=`$A g=${h/i*/j}
        HEALTHCHECK --interval=1m30.5s CMD ["a"]
        ONBUILD ADD --checksum=sha256:aa <<H b /c
        H
        EXPOSE 80/tcp 1-2
        VOLUME ["/a"]
        SHELL ["a", "-c"]
        STOPSIGNAL 9
        LABEL "a"=b
        """

    @Test func `the sample is read`() throws {
        #expect(try Dockerfile(parsing: [UInt8](sample)).stages[0].instructions.count == 11)
    }

    @Test func `a file that is cut anywhere is survived`() {
        let bytes = [UInt8](sample)
        for end in bytes.indices { survive(Array(bytes[..<end])) }
    }

    @Test func `a file with any byte replaced is survived`() {
        let bytes = [UInt8](sample)
        for index in bytes.indices {
            for byte in [0x0A, 0x22, 0x24, 0x3C, 0x5B, 0x60, 0xFF] as [UInt8] {
                var copy = bytes
                copy[index] = byte
                survive(copy)
            }
        }
    }

    @Test(
        "Repetition takes no more than its share of time", .timeLimit(.minutes(30)),
        arguments: [
            ("RUN a\\\n", 20_000), ("ENV a=b \\\n", 9_000), ("USER a\n", 9_000), ("CMD [", 65_000),
            ("COPY <<A ", 60), ("ONBUILD \\\n", 60_000), ("ONBUILD ", 8_000),
            ("#\n", 200_000), ("\\\n", 20_000), ("LABEL a=\\\n", 20_000), ("RUN <<A\n", 60_000),
            ("--a=b ", 10_000),
            ("FROM a as b\n", 9_000), ("{\"a\":[", 20_000), ("\u{A0}", 30_000), ("'\\\n", 20_000),
        ])
    func repetition(part: String, count: Int) {
        let repeated = String(repeating: part, count: count)
        survive([UInt8]("FROM a\n" + repeated))
        survive([UInt8]("FROM a\nCMD [" + String(repeated.filter { $0 != "\n" }.prefix(20_000))))
        survive([UInt8]("FROM a\nCOPY " + String(repeated.filter { $0 != "\n" }.prefix(20_000)) + " /a"))
        survive(
            [UInt8]("FROM a\nRUN --mount=" + String(repeated.filter { $0 != "\n" }.prefix(20_000)) + " /a"))
    }
}
