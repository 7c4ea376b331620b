import Linux
import OCI
import SystemPackage

/// `opa`, searched on PATH, which evaluates policies in Rego.
///
/// It gets the document at its standard input and of the environment next to nothing: a policy may call servers, and
/// nobody's credentials are its affair.
///
/// Source: Open Policy Agent, `opa eval`.
struct OpenPolicyAgent {
    /// What is asked: the rule that Harness' policies have.
    private static let query = "data.slsa.deny"
    private static let outputLimit = 1 << 20
    private static let seconds = 60
    private static let keptVariables: Set = ["PATH", "HOME", "TMPDIR", "TZ", "LANG", "LC_ALL"]

    private let policies: [FilePath]

    /// - Parameter policies: Files and directories with policies and their data.
    /// - Throws: ``BuildError/policies(_:)`` for what is not there.
    init(_ policies: [FilePath]) throws(BuildError) {
        for path in policies {
            let shown = path.escapedDescription
            guard Machine.exists(path) else { throw .policies("there is no \(shown)") }
            // What stands before a colon would be a place in opa's data, or a URL's scheme.
            guard !path.bytes.contains(UInt8(ascii: ":")) else {
                throw .policies("opa would not read the colon in \(shown) as a name's; rename it")
            }
        }
        self.policies = policies
    }

    /// Evaluates the policies.
    ///
    /// - Parameter input: The document that they read.
    /// - Returns: Why they deny it; nothing where they do not.
    /// - Throws: ``BuildError/policies(_:)``, also where no policy says what is denied; `Interruption`.
    func denials(_ input: JSONValue) throws -> [String] {
        let document = input.serialized()
        var outcome = try run([], document)
        // Since its version 1 opa reads the language of before only where it is told to.
        if outcome.status != 0, Self.text(outcome).contains("rego_parse_error") {
            let second = try run(["--v0-compatible"], document)
            if second.status == 0 { outcome = second }
        }
        guard outcome.status == 0 else {
            throw BuildError.policies("opa failed with status \(outcome.status)" + Self.reason(outcome))
        }
        guard let answer = try? JSONValue(parsing: outcome.output, limits: Self.limits) else {
            throw BuildError.policies("opa's answer is no JSON")
        }
        guard let value = answer["result"]?.array?.first?["expressions"]?.array?.first?["value"] else {
            throw BuildError.policies("none of them has a rule deny in the package slsa")
        }
        return Self.denials(in: value)
    }

    private static let limits = JSONLimits(bytes: outputLimit, depth: 60, values: 100_000)

    private func run(_ flags: [String], _ document: [UInt8]) throws -> ChildProgram.Outcome {
        let words = ["opa", "eval", "--format=json", "--stdin-input"] + flags
        let data = policies.map { Array("--data=".utf8) + $0.bytes }
        let withheld = ProcessArguments.variableNames.filter { !Self.keptVariables.contains($0) }
        let program = ChildProgram(
            words.map { Array($0.utf8) } + data + [Array(Self.query.utf8)], without: withheld)
        do {
            return try program.outcome(input: document, limit: Self.outputLimit, seconds: Self.seconds)
        } catch ChildError.notStarted(_, let reason) {
            throw BuildError.policies("opa does that, and cannot be run: \(reason); install it on PATH")
        } catch let error as ChildError {
            throw BuildError.policies("\(error)")
        }
    }

    // MARK: What it says

    /// The most messages, and the most characters of one.
    private static let messageLimits = (count: 50, length: 500)

    /// A set of messages, as `deny[msg]` gives it; whatever else is not empty and not false denies, too.
    static func denials(in value: JSONValue) -> [String] {
        switch value {
        case .array(let elements):
            let rest = elements.count - messageLimits.count
            return elements.prefix(messageLimits.count).map(message)
                + (rest > 0 ? ["\(rest) more"] : [])
        case .object(let object) where object.isEmpty: return []
        case .bool(false): return []
        default: return [message(value)]
        }
    }

    private static func message(_ value: JSONValue) -> String {
        let text = value.string ?? value["msg"]?.string
        return String(
            (text ?? String(decoding: value.serialized(), as: UTF8.self)).prefix(messageLimits.length))
    }

    private static func text(_ outcome: ChildProgram.Outcome) -> String {
        String(decoding: outcome.output + outcome.errors, as: UTF8.self)
    }

    /// Its own words: those of its answer, else what it wrote last.
    private static func reason(_ outcome: ChildProgram.Outcome) -> String {
        let answer = try? JSONValue(parsing: outcome.output, limits: limits)
        let error = answer?["errors"]?.array?.first
        let place = error?["location"]?["file"]?.string.map { file in
            file + (error?["location"]?["row"]?.int64.map { ", line \($0)" } ?? "") + ": "
        }
        let said = error?["message"]?.string.map { (place ?? "") + $0 }
        let text = said ?? String(decoding: outcome.errors, as: UTF8.self)
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(300)
        return words.isEmpty ? "" : ": \(escaped(words.utf8))"
    }
}
