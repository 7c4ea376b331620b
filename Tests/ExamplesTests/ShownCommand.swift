/// A command line of varve's or the executor's that a file shows, as words.
struct ShownCommand: Sendable, CustomStringConvertible {
    /// The file that it stands in, below the package.
    let file: String
    /// The program and its arguments; what a system or a shell fills in is an `x`.
    let words: [String]

    var description: String { "\(file): \(words.joined(separator: " "))" }

    /// The programs that count; what others do is not ours to say.
    static let programs = ["varve", "/kaniko/executor"]

    init(file: String, words: [String]) { (self.file, self.words) = (file, words) }

    /// The command lines of a text: lines that begin with a program, with those that continue them.
    static func all(in text: String, of file: String) -> [ShownCommand] {
        var found: [ShownCommand] = []
        var open = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            var line = open + line.drop { $0 == " " }
            open = ""
            if line.hasPrefix("$ ") { line.removeFirst(2) }
            guard programs.contains(where: { line.hasPrefix("\($0) ") }) else { continue }
            guard !line.hasSuffix("\\") else {
                open = String(line.dropLast())
                continue
            }
            found.append(ShownCommand(file: file, words: ShellWords(line).words))
        }
        return found
    }
}
