import Linux
import Provenance
public import SystemPackage

/// Where a CI system reads what one of its steps made.
///
/// Sources: Drone, "DRONE_OUTPUT"; GitHub Actions, "Workflow commands"; GitLab, "artifacts:reports:dotenv"; Tekton,
/// "Emitting results"; Azure Pipelines, "Logging commands".
public enum CIOutput: Hashable, Sendable {
    /// Drone and Harness: a file of quoted variables.
    case drone(FilePath)
    /// GitHub Actions: a file of the step's outputs, and one of what people are shown.
    case github(output: FilePath, summary: FilePath?)
    /// GitLab: a file of variables, which the job declares as its report.
    case gitlab(FilePath)
    /// Tekton: a directory with a file for each result.
    case tekton(FilePath)
    /// Azure Pipelines: lines on standard output.
    case azure

    /// The file that GitLab's job declares, unless somebody names another one.
    private static let gitlabFile: FilePath = "varve.env"
    /// Where Tekton has its results, unless somebody names another place.
    private static let tektonDirectory: FilePath = "/tekton/results"

    /// Reads what the user wrote: a system, for GitLab and Tekton perhaps with `=` and a path, or `auto`.
    ///
    /// It is `nil` for `auto` where there is no such system.
    ///
    /// - Parameters:
    ///   - text: Its bytes: a path is in no encoding.
    ///   - variables: The environment.
    /// - Throws: ``BuildError/usage(_:_:)``.
    public init?(parsing text: [UInt8], _ variables: [String: String]) throws(BuildError) {
        let parts = text.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(decoding: parts.first ?? [], as: UTF8.self)
        let path = parts.count == 2 ? FilePath(bytes: Array(parts[1])) : nil
        if let path {
            guard name == "gitlab" || name == "tekton" else {
                throw .usage(Self.flag, "only gitlab and tekton take a path")
            }
            guard !path.isEmpty else { throw .usage(Self.flag, "no path follows \(name)=") }
        }
        switch name {
        case "auto":
            guard let found = Self.found(variables) else { return nil }
            self = found
        case "drone": self = .drone(try Self.file("DRONE_OUTPUT", variables))
        case "github":
            self = .github(
                output: try Self.file("GITHUB_OUTPUT", variables),
                summary: Self.path("GITHUB_STEP_SUMMARY", variables))
        case "gitlab": self = .gitlab(path ?? Self.gitlabFile)
        case "tekton": self = .tekton(path ?? Self.tektonDirectory)
        case "azure": self = .azure
        default:
            throw .usage(
                Self.flag,
                "\(escaped(name.utf8)) is none of auto, drone, github, gitlab[=FILE], tekton[=DIR], azure")
        }
    }

    private static let flag = "--ci-output"

    private static func path(_ name: String, _ variables: [String: String]) -> FilePath? {
        variables[name].flatMap { $0.isEmpty ? nil : FilePath($0) }
    }

    private static func file(_ name: String, _ variables: [String: String]) throws(BuildError) -> FilePath {
        guard let path = path(name, variables) else {
            throw .usage(flag, "\(name) is not set, which names the file; auto writes where there is one")
        }
        return path
    }

    /// The system that this process works for; a file that its variables do not name is none.
    private static func found(_ variables: [String: String]) -> CIOutput? {
        let drone = path("DRONE_OUTPUT", variables).map(CIOutput.drone)
        switch CIEnvironment(variables: variables).system {
        case .harness, .drone: return drone
        case .gitHubActions:
            return path("GITHUB_OUTPUT", variables).map {
                .github(output: $0, summary: path("GITHUB_STEP_SUMMARY", variables))
            }
        case .gitLab: return .gitlab(gitlabFile)
        case nil: break
        }
        if let drone { return drone }
        if Machine.kind(of: tektonDirectory) == .directory { return .tekton(tektonDirectory) }
        return variables["TF_BUILD"]?.isEmpty == false ? .azure : nil
    }

    /// The system, for messages.
    var system: String {
        switch self {
        case .drone: "Drone"
        case .github: "GitHub Actions"
        case .gitlab: "GitLab"
        case .tekton: "Tekton"
        case .azure: "Azure Pipelines"
        }
    }

    /// The files that are written.
    var paths: [FilePath] {
        switch self {
        case .drone(let path), .gitlab(let path): [path]
        case .github(let output, let summary): [output] + [summary].compactMap { $0 }
        case .tekton(let directory): CIResult.tektonNames.map { directory.appending($0) }
        case .azure: []
        }
    }

    /// Makes sure that there is room for it.
    ///
    /// - Parameter usesStandardOutput: Whether an archive goes to standard output.
    /// - Throws: ``BuildError/usage(_:_:)``.
    public func expectRoom(usesStandardOutput: Bool) throws(BuildError) {
        guard self == .azure, usesStandardOutput else { return }
        throw .usage(Self.flag, "azure reads standard output, where an archive goes; give that a file")
    }
}
