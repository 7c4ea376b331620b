import DockerfileSyntax
import Linux
import OCI
import Provenance

/// RUN with its words expanded: the program, and who it is.
///
/// Source: Dockerfile reference, "RUN"; BuildKit's `dispatchRun` for what that leaves open.
struct RunStep {
    /// A here-document that is a program itself.
    struct Script: Equatable {
        let path: [UInt8]
        let text: String
    }

    /// The program and its arguments.
    let words: [String]
    let script: Script?
    let mounts: [Mount]
    let network: Run.Network
    /// Names and values.
    let environment: [(name: String, value: String)]
    /// `USER`, as it stands there.
    let user: String
    let workingDirectory: String
    /// The arguments among ``environment``, in the order in which they were declared.
    private let arguments: [String]

    /// - Parameters:
    ///   - run: The instruction, its words expanded.
    ///   - state: The stage as far as it has come.
    /// - Throws: ``BuildError/instruction(_:)``, `SyntaxError`.
    init(_ run: Run, in state: StageState) throws {
        guard run.security == .sandbox else {
            throw BuildError.instruction(
                "--security=insecure is not given: no program of a build gets more than its sandbox")
        }
        switch run.invocation {
        case .exec(let words): (self.words, script) = (words, nil)
        case .shell(let text): (words, script) = (state.shell + [text], nil)
        case .script(let text):
            let name = run.heredocs.first?.name ?? "script"
            let path = "/dev/pipes/\(name.split(separator: "/").last ?? "script")"
            script = Script(path: Array(path.utf8), text: text)
            words = state.shell + [path]
        }
        mounts = try run.mounts.map { try $0.mount() }
        network = run.network
        environment = state.variables.all
        arguments = state.variables.arguments
        user = state.configuration.user ?? ""
        workingDirectory = state.workingDirectory
        try expectWhole()
    }

    /// Programs get texts that end at a NUL: with one in it, something else would be run than stands there.
    private func expectWhole() throws {
        let paths = mounts.flatMap { [$0.source, $0.target].compactMap(\.self) }
        let texts =
            words.map { ("a word of the command", $0) }
            + environment.map { ("the name of a variable", $0.name) }
            + environment.map { ("the variable \($0)", $1) } + [("the user", user)]
            + [("the working directory", workingDirectory)] + paths.map { ("a path of --mount", $0) }
        for (place, text) in texts where text.utf8.contains(0) {
            throw BuildError.instruction("\(place) has a NUL byte in it, which no program can be given")
        }
    }

    /// What the history says.
    ///
    /// Source: BuildKit's Dockerfile front end, `runCommandString`.
    var historyText: String {
        let values = arguments.map { name -> String in
            let value = environment.first { $0.name.utf8.elementsEqual(name.utf8) }?.value ?? ""
            let isSecret = Redaction.looksSecret(name: name) || Redaction.looksSecret(value: value)
            return isSecret ? "\(name)=" : "\(name)=\(value)"
        }
        let prefix = values.isEmpty ? [] : ["|\(values.count)"] + values
        return (["RUN"] + prefix + words + ["# buildkit"]).joined(separator: " ")
    }

    /// Adds to a key what the program is given, but for its mounts' content and secrets.
    func describe(_ key: inout CacheKey, _ network: RunSettings.Network) throws {
        try key.add("the command", words.map { "\($0.utf8.count):\($0)" }.joined())
        if let script { try key.add("the here-document", script.text) }
        for (name, value) in environment {
            let isArgument = arguments.contains { $0.utf8.elementsEqual(name.utf8) }
            try key.add(isArgument ? CacheKey.argument(name) : "the variable \(name)", value)
        }
        try key.add("the user", user)
        try key.add("the working directory", workingDirectory)
        try key.add("--network", network.rawValue)
        for mount in mounts { try key.add("--mount \(mount.target ?? mount.id ?? "")", mount.keyText) }
    }

    /// The program's environment, each as `NAME=value`.
    ///
    /// - Parameters:
    ///   - home: Its user's directory, where nothing else says one.
    ///   - proxies: What `--build-arg` says of proxies; it stands in no key, for it does not change what is made.
    ///   - more: Of mounts.
    /// - Returns: All of it.
    func environment(home: [UInt8], proxies: [(name: String, value: String)], _ more: [[UInt8]]) -> [[UInt8]]
    {
        var all = environment.map { Array("\($0.name)=\($0.value)".utf8) }
        func isThere(_ name: String) -> Bool {
            let start = Array("\(name)=".utf8)
            return all.contains { $0.starts(with: start) }
        }
        for (name, value) in proxies {
            for name in [name.uppercased(), name.lowercased()] where !isThere(name) {
                all.append(Array("\(name)=\(value)".utf8))
            }
        }
        if !isThere("HOME") { all.append(Array("HOME=".utf8) + home) }
        // Of two variables with one name some programs take the first, some the last.
        let names = more.map { $0.prefix { $0 != 61 } + [61] }
        return all.filter { variable in !names.contains { variable.starts(with: $0) } } + more
    }
}

extension Mount {
    /// What tells it from others: all that it says, each behind its name.
    fileprivate var keyText: String {
        let numbers = [mode, userID, groupID].map { $0.map(String.init) ?? "" }.joined(separator: ",")
        let texts = [origin, source, target, id, variable, sharing?.rawValue, size.map(String.init)]
        return
            (["\(kind.rawValue)", isReadOnly ? "ro" : "rw", isRequired ? "required" : "", numbers]
            + texts.map { $0.map { "=\($0)" } ?? "" }).joined(separator: "\0")
    }
}
