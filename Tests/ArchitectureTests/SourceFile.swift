import Linux
import SystemPackage
import Testing

/// One file of the package, as far as the rules look at it.
struct SourceFile: Sendable, CustomTestStringConvertible {
    /// Its path below the package.
    let path: String
    let lines: [Substring]

    /// The room: the folder below `Sources`.
    var room: String { String(path.split(separator: "/")[1]) }

    var testDescription: String { path }

    /// The modules it imports.
    var imports: [String] {
        lines.compactMap { line in
            let words = line.split(separator: " ")
            guard let place = words.firstIndex(of: "import"), place <= 2, line.first != " " || place == 0
            else {
                return nil
            }
            return words.last.map(String.init)
        }
    }

    /// The package's own folder.
    static let package = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent()

    /// The Swift files below a folder of the package.
    static func all(below folder: String) -> [SourceFile] {
        let root = package.appending(folder)
        var files: [SourceFile] = []
        guard var walk = try? TreeWalk(of: Directory.open(root)) else { return [] }
        while let entry = try? walk.next() {
            guard entry.name.bytes.reversed().starts(with: ".swift".utf8.reversed()),
                let bytes = try? walk.directory.openFile(entry.name).readAll(limit: 1 << 20)
            else { continue }
            let text = String(decoding: bytes, as: UTF8.self)
            files.append(
                SourceFile(
                    path: "\(folder)/" + String(decoding: entry.path, as: UTF8.self),
                    lines: text.split(separator: "\n", omittingEmptySubsequences: false)))
        }
        return files
    }
}
