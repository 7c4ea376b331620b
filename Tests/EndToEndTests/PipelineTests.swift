import OCI
import SystemPackage
import TestSupport
import Testing

/// What the provenance takes from the pipeline that runs varve, and from git.
struct PipelineTests {
    private static let commit = String(repeating: "d", count: 40)

    struct Pipeline: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let variables: [String: String]
        let code: JSONValue
        let trigger: JSONValue
        let pipeline: [String: String]
        let run: String
    }

    private static let pipelines = [
        Pipeline(
            testDescription: "Harness",
            variables: [
                "DRONE": "true", "DRONE_REPO_LINK": "https://example.com/app.git",
                "DRONE_COMMIT_BRANCH": "main",
                "DRONE_COMMIT_SHA": commit, "DRONE_TAG": "v1", "DRONE_PULL_REQUEST": "7",
                "DRONE_BUILD_EVENT": "push", "DRONE_BUILD_TRIGGER": "ann", "HARNESS_EXECUTION_ID": "e1",
                "HARNESS_ACCOUNT_ID": "a1", "HARNESS_PIPELINE_ID": "p1", "STEP_EXECUTION_ID": "s1",
            ],
            code: [
                "repositoryURL": "https://example.com/app", "branch": "main", "prNumber": "7", "tag": "v1",
                "commitSha": .string(commit),
            ],
            trigger: ["triggerType": "push", "triggeredBy": "ann", "triggerEvent": "push"],
            pipeline: ["pipelineExecutionId": "e1", "accountId": "a1", "pipelineIdentifier": "p1"], run: "s1"),
        Pipeline(
            testDescription: "Drone",
            variables: [
                "DRONE": "true", "DRONE_GIT_HTTP_URL": "https://example.com/app.git", "DRONE_BRANCH": "dev",
                "DRONE_BUILD_EVENT": "cron", "DRONE_BUILD_LINK": "https://drone.example.com/9",
            ],
            code: ["repositoryURL": "https://example.com/app", "branch": "dev"],
            trigger: ["triggerType": "cron", "triggerEvent": "cron"], pipeline: [:],
            run: "https://drone.example.com/9"),
        Pipeline(
            testDescription: "GitHub",
            variables: [
                "GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://github.com",
                "GITHUB_REPOSITORY": "o/r",
                "GITHUB_SHA": commit, "GITHUB_REF": "refs/tags/v2", "GITHUB_EVENT_NAME": "release",
                "GITHUB_ACTOR": "bob", "GITHUB_RUN_ID": "55", "GITHUB_RUN_ATTEMPT": "2",
                "GITHUB_REPOSITORY_OWNER": "o", "GITHUB_WORKFLOW": "w",
            ],
            code: ["repositoryURL": "https://github.com/o/r", "tag": "v2", "commitSha": .string(commit)],
            trigger: ["triggerType": "release", "triggeredBy": "bob", "triggerEvent": "release"],
            pipeline: ["pipelineExecutionId": "55", "accountId": "o", "pipelineIdentifier": "w"],
            run: "https://github.com/o/r/actions/runs/55/attempts/2"),
        Pipeline(
            testDescription: "GitLab",
            variables: [
                "GITLAB_CI": "true", "CI_PROJECT_URL": "https://gitlab.com/g/p", "CI_COMMIT_BRANCH": "main",
                "CI_COMMIT_SHA": commit, "CI_PIPELINE_SOURCE": "schedule", "GITLAB_USER_LOGIN": "eve",
                "CI_PIPELINE_ID": "3", "CI_PROJECT_NAMESPACE": "g", "CI_PROJECT_PATH": "g/p",
                "CI_JOB_URL": "https://gitlab.com/g/p/-/jobs/1",
            ],
            code: [
                "repositoryURL": "https://gitlab.com/g/p", "branch": "main", "commitSha": .string(commit),
            ],
            trigger: ["triggerType": "schedule", "triggeredBy": "eve", "triggerEvent": "schedule"],
            pipeline: ["pipelineExecutionId": "3", "accountId": "g", "pipelineIdentifier": "g/p"],
            run: "https://gitlab.com/g/p/-/jobs/1"),
    ]

    @Test(arguments: pipelines)
    func `a pipeline's variables fill the provenance`(_ pipeline: Pipeline) throws {
        let scratch = try Scratch()
        let statement = try provenance(of: scratch.write("tree/file"), in: scratch, pipeline.variables)
        let definition = try #require(statement["predicate"]?["buildDefinition"])
        #expect(definition["externalParameters"]?["codeMetadata"] == pipeline.code)
        #expect(definition["externalParameters"]?["triggerMetadata"] == pipeline.trigger)
        let names = ["pipelineExecutionId", "accountId", "pipelineIdentifier"]
        #expect(
            names.map { definition["internalParameters"]?[$0]?.string } == names.map { pipeline.pipeline[$0] }
        )
        #expect(statement["predicate"]?["runDetails"]?["metadata"]?["invocationId"]?.string == pipeline.run)
    }

    @Test(arguments: pipelines)
    func `in-toto's reader accepts what a pipeline fills in`(_ pipeline: Pipeline) throws {
        let scratch = try Scratch()
        let statement = try provenance(of: scratch.write("tree/file"), in: scratch, pipeline.variables)
        try scratch.write("statement", String(decoding: statement.serialized(), as: UTF8.self))
        let outcome = try Check.run("statement.py", [scratch["statement"].string])
        #expect(outcome.text + outcome.errors == "")
    }

    @Test(arguments: ["not a url", "https://", "https://bad host/x", "ftp://example.com/x", "\u{1}"])
    func `a pipeline's nonsense hinders no build`(link: String) throws {
        let scratch = try Scratch()
        let variables = ["DRONE": "true", "DRONE_REPO_LINK": link, "DRONE_COMMIT_SHA": Self.commit]
        let statement = try provenance(of: scratch.write("tree/file"), in: scratch, variables)
        let names = statement["predicate"]?["buildDefinition"]?["resolvedDependencies"]?.array?.map(
            \.["name"])
        #expect(names?.last == .some("rootfs"))
    }

    @Test(arguments: ["tree", "tree/", "tree/sub", "../DIR/tree/sub/..", "link", "link/sub"])
    func `git at the source names the commit, the branch and the remote`(path: String) throws {
        let (scratch, commit) = try checkout(remote: "https://user:canary@example.com/app.git")
        try Command(["ln", "-s", "tree", scratch["link"].string]).succeed()
        let name = scratch.path.lastComponent.map { "\($0)" } ?? ""
        let words = path.split(separator: "DIR", omittingEmptySubsequences: false).joined(separator: name)
        let statement = try provenance(of: FilePath(words), in: scratch, [:])
        let definition = try #require(statement["predicate"]?["buildDefinition"])
        #expect(
            definition["externalParameters"]?["codeMetadata"] == [
                "repositoryURL": "https://example.com/app", "branch": "trunk", "commitSha": .string(commit),
            ])
        #expect(
            definition["resolvedDependencies"]?.array?.first
                == ["uri": "git+https://example.com/app", "digest": ["gitCommit": .string(commit)]])
    }

    @Test(arguments: ["pack-refs --all", "checkout -q --detach"])
    func `the commit is found however git keeps it`(change: String) throws {
        let (scratch, commit) = try checkout(remote: "https://example.com/app")
        try Command(shell: "git \(change)").at(scratch["tree"]).with("HOME", scratch.path.string).succeed()
        let statement = try provenance(of: scratch["tree"], in: scratch, [:])
        let code = statement["predicate"]?["buildDefinition"]?["externalParameters"]?["codeMetadata"]
        #expect(code?["commitSha"]?.string == commit)
    }

    @Test func `the checkout beside the tree is not its source`() throws {
        let (scratch, _) = try checkout(remote: "https://example.com/app")
        try scratch.write("other/file")
        let statement = try provenance(of: scratch["tree/../other"], in: scratch, [:])
        let external = statement["predicate"]?["buildDefinition"]?["externalParameters"]
        #expect(external?["codeMetadata"] == nil)
    }

    @Test(arguments: [
        ("/srv/git/app.git", "file:///srv/git/app.git"),
        ("git@example.com:team/app.git", "git+ssh://example.com/team/app"),
        ("ssh://git@example.com/team/app", "git+ssh://example.com/team/app"),
    ])
    func `a remote of any sort becomes a location`(remote: String, uri: String) throws {
        let (scratch, commit) = try checkout(remote: remote)
        let statement = try provenance(of: scratch["tree"], in: scratch, [:])
        let dependency = statement["predicate"]?["buildDefinition"]?["resolvedDependencies"]?.array?.first
        #expect(dependency == ["uri": .string(uri), "digest": ["gitCommit": .string(commit)]])
    }

    private func checkout(remote: String) throws -> (Scratch, String) {
        try Requirement.program("git")
        let scratch = try Scratch()
        try scratch.write("tree/sub/file", "content")
        let script = """
            git init -q -b trunk; git remote add origin '\(remote)'; git add .
            git -c user.name=n -c user.email=e@x commit -qm first; git rev-parse HEAD
            """
        let commit = try Command(shell: script).at(scratch["tree"]).with("HOME", scratch.path.string)
            .succeed().line
        return (scratch, commit)
    }

    private func provenance(
        of tree: FilePath, in scratch: Scratch, _ variables: [String: String]
    ) throws -> JSONValue {
        var tree = tree
        // A file stands for the tree it was written into.
        if tree.lastComponent == "file" { tree.removeLastComponent() }
        let command = Command.varve(
            "pack", tree.string, "-o", "oci:out", "--provenance", "p", "--exclude", ".git")
        try variables.reduce(command.withoutPipeline()) { $0.with($1.key, $1.value) }.at(scratch.path)
            .succeed()
        return try JSONValue(parsing: content(of: scratch["p"]))
    }
}
