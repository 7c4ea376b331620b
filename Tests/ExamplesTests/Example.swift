import Linux
import SystemPackage
import Testing
import YAML

/// A file of `examples`, or a page that shows command lines.
struct Example: Sendable, CustomTestStringConvertible {
    /// Its path below the package.
    let path: String
    /// What it says.
    let text: String

    var testDescription: String { path }
    /// Whether it is YAML.
    var isYAML: Bool { path.hasSuffix(".yaml") || path.hasSuffix(".yml") }
    /// The system that it is for: the folder below `examples`.
    var system: String { String(path.split(separator: "/")[1]) }

    /// The package's own folder.
    static let package = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent()

    /// A file of the package.
    init(_ path: String) throws {
        self.path = path
        let bytes = try File.reading(Self.package.pushing(FilePath(path))).readAll(limit: 1 << 20)
        text = String(decoding: bytes, as: UTF8.self)
    }

    /// Everything below a folder of the package.
    static func all(below folder: String) -> [Example] {
        var found: [Example] = []
        guard var walk = try? TreeWalk(of: Directory.open(package.appending(folder))) else { return [] }
        while let entry = try? walk.next() {
            let path = "\(folder)/" + String(decoding: entry.path, as: UTF8.self)
            if let example = try? Example(path) { found.append(example) }
        }
        return found
    }

    /// The value that a YAML file has.
    func document() throws -> YAMLValue.Node { try YAMLValue.Node(parsing: Array(text.utf8)) }

    /// Every command line of varve's and the executor's.
    func commandLines() throws -> [ShownCommand] {
        isYAML
            ? try document().commandLines(of: path)
            : ShownCommand.all(in: text, of: path)
    }
}

extension YAMLValue.Node {
    /// A member of a mapping.
    subscript(_ key: String) -> YAMLValue.Node? { mapping?.first { $0.key.text == key }?.value }

    /// This node and all below it.
    var all: [YAMLValue.Node] {
        let below = (sequence ?? []) + (mapping ?? []).map(\.value)
        return [self] + below.flatMap(\.all)
    }

    /// The texts of a list; those of an array that somebody else gives are not known.
    var list: [String]? {
        sequence?.compactMap(\.text).filter { !$0.hasSuffix("[*])") }.map(ShellWords.filled)
    }

    /// Containers with a command, and lines of scripts.
    func commandLines(of file: String) -> [ShownCommand] {
        all.flatMap { node in
            if let text = node.text { return ShownCommand.all(in: text, of: file) }
            guard let words = node.containerWords, ShownCommand.programs.contains(words[0]) else { return [] }
            return [ShownCommand(file: file, words: words)]
        }
    }

    /// What a container is started with: lists in Kubernetes, texts in GitHub's steps.
    private var containerWords: [String]? {
        if let arguments = self["args"]?.list { return (self["command"]?.list ?? []) + arguments }
        guard let arguments = self["args"]?.text else { return nil }
        return [self["entrypoint"]?.text ?? ""] + ShellWords(arguments).words
    }
}
