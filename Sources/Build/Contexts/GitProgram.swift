import Cryptography
import Linux
import Provenance
import Registry
import SystemPackage

/// Git, at work in one directory for one repository.
///
/// What it makes depends on the repository alone: no hook, no template and no filter of the user's has a part in it.
/// How he gets there stays his affair: proxies, certificates, credential programs, known hosts. The login goes to the
/// remote's own origin, through git's environment, which is this user's to read, and never onto a command line.
///
/// Source: git(1), "Environment Variables"; gitcredentials(7).
struct GitProgram {
    private static let user = "VARVE_GIT_LOGIN_USER"
    private static let password = "VARVE_GIT_LOGIN_PASSWORD"
    /// Variables that would lead git to another repository, or make it say what nobody shall read.
    private static let withheld = [
        "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE", "GIT_PREFIX", "GIT_QUARANTINE_PATH",
        "GIT_CONFIG_PARAMETERS", "GIT_SHALLOW_FILE", "GIT_GRAFT_FILE", "GIT_DEFAULT_HASH",
    ]
    private static let configuration = [
        "core.hooksPath=/dev/null", "core.attributesFile=/dev/null", "core.autocrlf=false", "core.eol=lf",
        "core.symlinks=true", "core.fileMode=true", "core.fsmonitor=false", "core.logAllRefUpdates=false",
        "core.protectHFS=true", "core.protectNTFS=true", "gc.auto=0", "maintenance.auto=false",
        "fetch.recurseSubmodules=false", "submodule.recurse=false", "advice.detachedHead=false",
        "filter.lfs.smudge=", "filter.lfs.process=", "filter.lfs.required=false",
        "http.lowSpeedLimit=1024", "http.lowSpeedTime=60",
    ]

    /// Port 9418 is closed nearly everywhere.
    private static let advice = "; few hosts still serve git://, most serve git+https://"

    private let directory: FilePath
    private let location: GitLocation
    private let login: Credential?
    private let seconds: Int
    private let deadline: UInt64
    private let added: [(name: String, value: [UInt8])]

    /// - Parameters:
    ///   - directory: Where it works.
    ///   - location: The repository.
    ///   - login: What is shown to its origin.
    ///   - seconds: The longest that all runs may take together.
    ///   - added: Further variables of its environment.
    /// - Throws: ``ContextError/noGit(reason:)``, `Interruption`.
    init(
        in directory: FilePath, for location: GitLocation, login: Credential?, seconds: Int,
        with added: [(name: String, value: [UInt8])] = []
    ) throws {
        self.added = added
        (self.directory, self.location, self.seconds) = (directory, location, seconds)
        self.login = location.origin == nil ? nil : location.login ?? login
        deadline = Machine.ticks + UInt64(seconds) * 1_000_000_000
        do {
            _ = try ChildProgram(Self.bytes(["git", "--version"]), without: Self.secrets)
                .answer(input: [], limit: 4096, seconds: 30)
        } catch let error as ChildError {
            guard case .notStarted(_, let reason) = error else {
                throw ContextError.noGit(reason: "\(error)")
            }
            throw ContextError.noGit(reason: reason)
        }
    }

    /// Runs git.
    ///
    /// - Parameters:
    ///   - step: What it is for, for messages.
    ///   - arguments: Its command and that command's arguments.
    /// - Returns: What it wrote, without the line's end.
    /// - Throws: ``ContextError/git(_:repository:reason:)``, `Interruption`.
    @discardableResult
    func run(_ step: String, _ arguments: String...) throws -> String { try run(step, arguments) }

    /// The same with arguments in a list.
    @discardableResult
    func run(_ step: String, _ arguments: [String]) throws -> String {
        func failure(_ reason: String) -> ContextError {
            .git(
                step, repository: "\(location)",
                reason: reason + (location.transport == .git ? Self.advice : ""))
        }
        // What is checked out has the modes that git means, whatever the umask here.
        var words = ["sh", "-c", "umask 022; exec git \"$@\"", "git", "-C"].map { Array($0.utf8) }
        words.append(directory.bytes)
        let settings = Self.configuration + (try credentialSettings())
        words += Self.bytes(settings.flatMap { ["-c", $0] } + arguments)
        let left = Machine.ticks < deadline ? Int((deadline - Machine.ticks) / 1_000_000_000) + 1 : 0
        let program = ChildProgram(words, without: Self.hidden, with: try variables())
        do {
            let outcome = try program.outcome(input: [], limit: 1 << 20, seconds: left)
            guard outcome.status == 0 else {
                throw failure(reason(outcome.errors) ?? "git failed with status \(outcome.status)")
            }
            return String(decoding: outcome.output, as: UTF8.self).split(separator: "\n").first.map(
                String.init) ?? ""
        } catch let error as ChildError {
            if case .timedOut = error { throw failure("it took more than \(seconds) seconds") }
            throw failure("\(error)")
        }
    }

    /// The helper answers for one origin; programs that keep logins do not get to see this one.
    private func credentialSettings() throws -> [String] {
        guard let origin = location.origin, login != nil else { return [] }
        let answer = #"printf 'username=%s\npassword=%s\n' "$\#(Self.user)" "$\#(Self.password)""#
        // A setting for all does not reset one of the user's for this origin.
        return [
            "credential.helper=", "credential.\(origin).helper=",
            "credential.\(origin).helper=!f() { test \"$1\" = get && \(answer); }; f",
        ]
    }

    private func variables() throws -> [(name: String, value: [UInt8])] {
        var variables = [
            "GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": allowedTransports, "GIT_ATTR_NOSYSTEM": "1",
            "GIT_TEMPLATE_DIR": "", "GIT_LFS_SKIP_SMUDGE": "1", "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_ADVICE": "0", "LC_ALL": "C",
        ].map { (name: $0.key, value: Array($0.value.utf8)) }
        if case .basic(let user, let password) = login {
            variables.append((Self.user, Array(user.utf8)))
            variables.append((Self.password, password.withSpan { span in span.indices.map { span[$0] } }))
        }
        return variables + added
    }

    /// Redirects and submodules lead to nothing that is less safe than the repository, nor to this machine's files.
    private var allowedTransports: String {
        switch location.transport {
        case .https, .ssh: "https:ssh"
        case .http, .git: "https:ssh:http:git"
        case .file: "https:ssh:http:git:file"
        }
    }

    /// What git said of its failure: the lines that tell it, else the last one.
    private func reason(_ errors: [UInt8]) -> String? {
        let lines = errors.split { $0 == 10 || $0 == 13 }.map { String(decoding: $0, as: UTF8.self) }
        var told = lines.filter { $0.hasPrefix("fatal: ") || $0.hasPrefix("error: ") }
        if told.isEmpty { told = lines.suffix(1) }
        let text = told.suffix(3).map { line in
            line.hasPrefix("fatal: ") || line.hasPrefix("error: ") ? String(line.dropFirst(7)) : line
        }
        guard !text.isEmpty else { return nil }
        var said = Redaction.withoutUserInformation(text.joined(separator: "; "))
        if case .basic(_, let password) = login {
            let secret = password.withSpan { span in
                String(decoding: span.indices.map { span[$0] }, as: UTF8.self)
            }
            if !secret.isEmpty {
                said = said.split(separator: secret, omittingEmptySubsequences: false)
                    .joined(separator: Redaction.redacted)
            }
        }
        return escaped(said.prefix(1000).utf8)
    }

    private static var secrets: [String] {
        KeySettings.secretVariables.sorted() + GitLogin.variables
            + ProcessArguments.variableNames.filter { CredentialVariables.isCredential($0) }
    }

    private static var hidden: [String] {
        secrets + withheld + ProcessArguments.variableNames.filter { $0.hasPrefix("GIT_TRACE") }
    }

    private static func bytes(_ words: [String]) -> [[UInt8]] { words.map { Array($0.utf8) } }
}
