import Testing

struct SizeTests {
    private static let sources = SourceFile.all(below: "Sources")

    @Test("a file has at most 400 lines", arguments: sources)
    func length(file: SourceFile) { #expect(file.lines.count <= 400) }

    @Test("a function has at most 60 lines", arguments: sources)
    func functions(file: SourceFile) {
        #expect(functions(in: file).filter { $0.length > 60 }.map(\.name) == [])
    }

    @Test("no name says util, helper or manager", arguments: ["Sources", "Tests"])
    func names(folder: String) {
        let found = SourceFile.all(below: folder).map(\.path).filter { path in
            ["util", "helper", "manager"].contains { path.lowercased().contains($0) }
        }
        #expect(found == [])
    }

    /// A declaration ends at the closing brace in its own column: the formatter puts it there.
    private func functions(in file: SourceFile) -> [(name: String, length: Int)] {
        var found: [(name: String, length: Int)] = []
        for (start, line) in file.lines.enumerated() {
            let words = line.split(separator: " ")
            guard words.contains("func") || words.contains(where: { $0.hasPrefix("init(") }),
                !line.contains("///")
            else { continue }
            let end = String(line.prefix { $0 == " " }) + "}"
            guard line.last != "}", let last = file.lines[start...].firstIndex(where: { $0 == end }) else {
                continue
            }
            found.append((String(line), last - start + 1))
        }
        return found
    }
}
