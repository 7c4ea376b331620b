/// What the CI system tells its jobs in environment variables, where it is one we know.
///
/// Values lose the user information of their URLs; a variable that is empty counts as missing.
///
/// Sources: Drone, "Environment reference"; Harness CI, "CI environment variables"; GitHub
/// Actions, "Variables reference"; GitLab, "Predefined CI/CD variables reference".
public struct CIEnvironment: Hashable, Sendable {
    /// A CI system; the raw value is how its makers write it.
    public enum System: String, Hashable, Sendable, CaseIterable {
        /// Harness CI, which gives Drone's variables and some of its own.
        case harness = "Harness"
        /// Drone.
        case drone = "Drone"
        /// GitHub Actions.
        case gitHubActions = "GitHub Actions"
        /// GitLab CI/CD.
        case gitLab = "GitLab CI"
    }

    /// The system, if it was recognised; otherwise all the rest is empty.
    public let system: System?
    /// Which sources are built.
    public private(set) var codeMetadata = CodeMetadata()
    /// What set the build off.
    public private(set) var triggerMetadata = TriggerMetadata()
    /// Which pipeline runs.
    public private(set) var pipelineMetadata = PipelineMetadata()
    /// What names this run of the job in the system.
    public private(set) var invocationID: String?
    /// The system's own parts whose version it tells.
    public private(set) var versions: [ComponentVersion] = []

    /// Recognises the system.
    ///
    /// - Parameter variables: The environment, by name.
    public init(variables: [String: String]) {
        let variables = Variables(values: variables)
        system = CIEnvironment.system(variables)
        switch system {
        case .harness, .drone: readDrone(variables)
        case .gitHubActions: readGitHub(variables)
        case .gitLab: readGitLab(variables)
        case nil: break
        }
    }

    /// A job elsewhere may hold `HARNESS_ACCOUNT_ID` to call Harness, so it proves nothing alone.
    private static func system(_ variables: Variables) -> System? {
        if variables.first("HARNESS_EXECUTION_ID", "HARNESS_PIPELINE_ID") != nil { return .harness }
        if variables.first("GITHUB_ACTIONS", "GITHUB_RUN_ID") != nil { return .gitHubActions }
        if variables.first("GITLAB_CI", "CI_PROJECT_URL") != nil { return .gitLab }
        let drone = variables.first(
            "DRONE", "DRONE_REPO_LINK", "DRONE_GIT_HTTP_URL", "DRONE_COMMIT_SHA", "DRONE_BUILD_EVENT")
        guard drone != nil else { return nil }
        return variables.first("HARNESS_ACCOUNT_ID") == nil ? .drone : .harness
    }

    private mutating func readDrone(_ variables: Variables) {
        codeMetadata = CodeMetadata(
            repositoryURL: variables.repositoryURL("DRONE_REPO_LINK", "DRONE_GIT_HTTP_URL"),
            branch: variables.first("DRONE_COMMIT_BRANCH", "DRONE_BRANCH"),
            prNumber: variables.first("DRONE_PULL_REQUEST"), tag: variables.first("DRONE_TAG"),
            commitSha: variables.commit("DRONE_COMMIT_SHA"))
        triggerMetadata = TriggerMetadata(
            triggerType: variables.first("DRONE_BUILD_EVENT"),
            triggeredBy: variables.first("DRONE_BUILD_TRIGGER", "CI_COMMIT_AUTHOR"),
            triggerEvent: variables.first("DRONE_BUILD_EVENT"))
        pipelineMetadata = PipelineMetadata(
            pipelineExecutionId: variables.first("HARNESS_EXECUTION_ID"),
            accountId: variables.first("HARNESS_ACCOUNT_ID"),
            pipelineIdentifier: variables.first("HARNESS_PIPELINE_ID"))
        invocationID = variables.first("STEP_EXECUTION_ID", "DRONE_BUILD_LINK")
    }

    private mutating func readGitHub(_ variables: Variables) {
        var repository: String?
        if let server = variables.first("GITHUB_SERVER_URL"), let name = variables.first("GITHUB_REPOSITORY")
        {
            repository = SourceLocation.withoutGitSuffix(server) + "/" + name
        }
        codeMetadata = CodeMetadata(repositoryURL: repository, commitSha: variables.commit("GITHUB_SHA"))
        if let ref = variables.first("GITHUB_REF") {
            codeMetadata.set(ref: ref)
        } else if variables.first("GITHUB_REF_TYPE") == "tag" {
            codeMetadata.tag = variables.first("GITHUB_REF_NAME")
        } else {
            codeMetadata.branch = variables.first("GITHUB_REF_NAME")
        }
        codeMetadata.branch = variables.first("GITHUB_HEAD_REF") ?? codeMetadata.branch

        triggerMetadata = TriggerMetadata(
            triggerType: variables.first("GITHUB_EVENT_NAME"), triggeredBy: variables.first("GITHUB_ACTOR"),
            triggerEvent: variables.first("GITHUB_EVENT_NAME"))
        let run = variables.first("GITHUB_RUN_ID")
        pipelineMetadata = PipelineMetadata(
            pipelineExecutionId: run,
            accountId: variables.first("GITHUB_REPOSITORY_OWNER_ID", "GITHUB_REPOSITORY_OWNER"),
            pipelineIdentifier: variables.first("GITHUB_WORKFLOW_REF", "GITHUB_WORKFLOW"))
        if let repository, let run {
            let attempt = variables.first("GITHUB_RUN_ATTEMPT").map { "/attempts/\($0)" } ?? ""
            invocationID = "\(repository)/actions/runs/\(run)\(attempt)"
        }
        if variables.first("ImageOS") != nil, let version = variables.first("ImageVersion") {
            versions = [ComponentVersion(name: "github-runner-image", version: version)]
        }
    }

    private mutating func readGitLab(_ variables: Variables) {
        codeMetadata = CodeMetadata(
            repositoryURL: variables.repositoryURL("CI_PROJECT_URL"),
            branch: variables.first("CI_COMMIT_BRANCH", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME"),
            prNumber: variables.first("CI_MERGE_REQUEST_IID"), tag: variables.first("CI_COMMIT_TAG"),
            commitSha: variables.commit("CI_COMMIT_SHA"))
        triggerMetadata = TriggerMetadata(
            triggerType: variables.first("CI_PIPELINE_SOURCE"),
            triggeredBy: variables.first("GITLAB_USER_LOGIN"),
            triggerEvent: variables.first("CI_PIPELINE_SOURCE"))
        pipelineMetadata = PipelineMetadata(
            pipelineExecutionId: variables.first("CI_PIPELINE_ID"),
            accountId: variables.first("CI_PROJECT_NAMESPACE_ID", "CI_PROJECT_NAMESPACE"),
            pipelineIdentifier: variables.first("CI_PROJECT_PATH"))
        invocationID = variables.first("CI_JOB_URL")
        if let version = variables.first("CI_RUNNER_VERSION") {
            versions = [ComponentVersion(name: "gitlab-runner", version: version)]
        }
    }

    /// The environment, asked for the first variable that is set.
    private struct Variables {
        let values: [String: String]

        func first(_ names: String...) -> String? { first(of: names) }

        func repositoryURL(_ names: String...) -> String? {
            first(of: names).map { SourceLocation.withoutGitSuffix($0) }
        }

        func commit(_ name: String) -> String? { first(name).flatMap { CommitID($0)?.hex } }

        private func first(of names: [String]) -> String? {
            for name in names {
                guard let value = values[name], !value.isEmpty else { continue }
                return Redaction.withoutUserInformation(value)
            }
            return nil
        }
    }
}
