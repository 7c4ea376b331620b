import Linux
import OCI
import SystemPackage
import Testing

@testable import Build

struct CIResultTests {
    private static let digest = "sha256:" + String(repeating: "0f", count: 32)

    private func result(
        names: [String] = [
            "registry.example.com:5000/team/app:1.0", "registry.example.com:5000/team/app:latest",
        ],
        archive: FilePath? = nil, size: Int64 = 40_949_000
    ) throws -> CIResult {
        CIResult(
            digest: try Digest(parsing: Self.digest), names: names,
            reference: names.first.flatMap { $0.contains("/") ? $0 : nil }, archive: archive, layers: 3,
            size: size)
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func `Drone's file has quoted variables in the order of their names`() throws {
        #expect(text(try result().drone) == "digest=\"\(Self.digest)\"\n")
        #expect(
            text(try result(archive: "/out/app.tar").drone)
                == "IMAGE_TAR_PATH=\"/out/app.tar\"\ndigest=\"\(Self.digest)\"\n")
    }

    @Test func `GitHub's file has the digest, and the image by its digest`() throws {
        #expect(
            text(try result().github)
                == "digest=\(Self.digest)\nimage=registry.example.com:5000/team/app@\(Self.digest)\n")
    }

    @Test func `GitHub's summary is a table with a row for each name`() throws {
        let row = { (tag: String) in
            "| <code>registry.example.com:5000/team/app:\(tag)</code> | <code>\(Self.digest)</code> | 40.9 MB | 3 |\n"
        }
        #expect(
            text(try result().summary)
                == "\n| image | digest | size | layers |\n|---|---|---:|---:|\n\(row("1.0"))\(row("latest"))\n"
        )
    }

    @Test(arguments: [
        (0, "0.0 MB"), (1, "0.1 MB"), (149_999, "0.1 MB"), (150_000, "0.2 MB"), (2_000_000_000, "2000.0 MB"),
    ])
    func `sizes are in megabytes`(size: Int64, expected: String) throws {
        #expect(text(try result(size: size).summary).contains("| \(expected) |"))
    }

    @Test func `GitLab's file has variables without quotes`() throws {
        #expect(
            text(try result().gitlab)
                == "IMAGE=registry.example.com:5000/team/app@\(Self.digest)\nIMAGE_DIGEST=\(Self.digest)\n")
    }

    @Test func `Tekton's results have no newline, and what was not pushed has no URL`() throws {
        let pushed = try result().tekton
        #expect(pushed.map(\.name) == ["IMAGE_URL", "IMAGE_DIGEST"])
        #expect(pushed.map { text($0.content) } == ["registry.example.com:5000/team/app:1.0", Self.digest])
        #expect(try result(names: ["1.0"]).tekton.map(\.name) == ["IMAGE_DIGEST"])
    }

    @Test func `Azure's commands set variables for other jobs`() throws {
        #expect(
            text(try result().azure) == """
                ##vso[task.setvariable variable=digest;isOutput=true]\(Self.digest)
                ##vso[task.setvariable variable=image;isOutput=true]registry.example.com:5000/team/app@\(Self.digest)

                """)
    }

    @Test(arguments: [
        ("a%b", "a%AZP25b"), ("a;b]c", "a%3Bb%5Dc"), ("a\r\nb", "a%0D%0Ab"), ("%3B", "%AZP253B"),
        ("##vso[task.complete]", "##vso[task.complete%5D"),
    ])
    func `Azure's agent reads a value back as it was`(value: String, expected: String) {
        #expect(text(CIResult.commandText(value)) == expected)
    }

    @Test func `an image without a name is told by its digest`() throws {
        let result = try result(names: [])
        #expect(text(result.github) == "digest=\(Self.digest)\nimage=\(Self.digest)\n")
        #expect(text(result.gitlab) == "IMAGE=\(Self.digest)\nIMAGE_DIGEST=\(Self.digest)\n")
        #expect(text(result.summary).contains("| <code>-</code> |"))
        #expect(result.tekton.map(\.name) == ["IMAGE_DIGEST"])
    }

    // No name that varve takes has any of this: the forms must not depend on it.
    static let hostile = [
        "x\nINJECTED=1", "x\r\nINJECTED=1\r\n", "x\rINJECTED=1", "x\u{2028}INJECTED=1", "x\u{85}INJECTED=1",
        "x\0y",
        "x<<EOF\nINJECTED=1\nEOF", "x\"\nINJECTED=\"1", "x\n##vso[task.setvariable variable=INJECTED]1",
        "x | y |\n| INJECTED", "<script>alert(1)</script>", "`x` [y](https://example.com) **z** ![i](j) \\",
        "</code><img src=x>", "$(id) ${HOME} !x",
    ]

    @Test("A hostile name begins no line of its own", arguments: hostile)
    func injection(name: String) throws {
        let result = try result(
            names: [name], archive: FilePath(bytes: Array("/a\(name)".utf8.filter { $0 != 0 })))
        let lines = { (bytes: [UInt8]) in
            text(bytes).split(omittingEmptySubsequences: true, whereSeparator: \.isNewline).map(String.init)
        }
        let starts = { (bytes: [UInt8]) in lines(bytes).map { String($0.prefix { $0 != "=" }) } }
        // In quotes, and read by lines that end with these two alone.
        let quoted = text(result.drone).unicodeScalars.split { $0 == "\n" || $0 == "\r" }
        #expect(quoted.map { String(String($0).prefix { $0 != "=" }) } == ["IMAGE_TAR_PATH", "digest"])
        #expect(starts(result.github) == ["digest", "image"])
        #expect(starts(result.gitlab) == ["IMAGE", "IMAGE_DIGEST"])
        #expect(
            starts(result.azure)
                == [String](repeating: "##vso[task.setvariable variable", count: 2))
        #expect(lines(result.summary).count == 3)
        #expect(result.tekton.allSatisfy { lines($0.content).count == 1 })
    }

    @Test("A hostile name stays in its cell of the summary", arguments: hostile)
    func summary(name: String) throws {
        let row = text(try result(names: [name]).summary).split(separator: "\n")[2]
        #expect(row.split(separator: "|").count == 4)
        let cell = row.split(separator: "|")[0]
        #expect(cell.hasPrefix(" <code>") && cell.hasSuffix("</code> "))
        let shown = cell.dropFirst(7).dropLast(8)
        #expect(!shown.contains { "<>`*_[]()!\\\"'$".contains($0) })
    }

    @Test(arguments: [
        (#"a"b\c"#, #"a\"b\\c"#), ("$x `y` !", #"\$x \`y\` \!"#), ("a\nb\rc", #"a\nb\rc"#), ("é'#=", "é'#="),
    ])
    func `quoted variables are written as godotenv writes them`(value: String, expected: String) {
        #expect(text(QuotedVariables.lines([("K", Array(value.utf8))])) == "K=\"\(expected)\"\n")
    }

    @Test func `a path in no encoding keeps its bytes`() {
        #expect(QuotedVariables.lines([("K", [0xFF])]) == Array("K=\"".utf8) + [0xFF] + Array("\"\n".utf8))
    }
}
