import Provenance
import Testing

private let sha1 = "4b220de5058abfd01ff619c9d2ff6b09a049bea0"

struct CIEnvironmentTests {
    @Test func `Harness gives Drone's variables and its own`() {
        let ci = CIEnvironment(variables: [
            "DRONE": "true", "DRONE_REPO_LINK": "https://u:p@github.com/ORG/REPO",
            "DRONE_GIT_HTTP_URL": "https://other.example/x.git", "DRONE_COMMIT_BRANCH": "main",
            "DRONE_BRANCH": "other", "DRONE_COMMIT_SHA": sha1, "DRONE_TAG": "v1", "DRONE_PULL_REQUEST": "7",
            "DRONE_BUILD_EVENT": "push", "DRONE_BUILD_TRIGGER": "", "CI_COMMIT_AUTHOR": "alice",
            "HARNESS_EXECUTION_ID": "exec-1", "HARNESS_ACCOUNT_ID": "acct-1", "HARNESS_PIPELINE_ID": "pipe-1",
            "STEP_EXECUTION_ID": "step-1",
        ])
        #expect(ci.system == .harness)
        #expect(
            ci.codeMetadata
                == CodeMetadata(
                    repositoryURL: "https://github.com/ORG/REPO", branch: "main", prNumber: "7", tag: "v1",
                    commitSha: sha1))
        #expect(
            ci.triggerMetadata
                == TriggerMetadata(triggerType: "push", triggeredBy: "alice", triggerEvent: "push"))
        #expect(
            ci.pipelineMetadata
                == PipelineMetadata(
                    pipelineExecutionId: "exec-1", accountId: "acct-1", pipelineIdentifier: "pipe-1"))
        #expect(ci.invocationID == "step-1")
        #expect(ci.versions == [])
    }

    @Test func `Drone alone has no account and falls back to the clone URL`() {
        let ci = CIEnvironment(variables: [
            "DRONE_GIT_HTTP_URL": "https://example.com/o/r.git", "DRONE_BRANCH": "main",
            "DRONE_BUILD_LINK": "https://drone.example.com/o/r/1",
        ])
        #expect(ci.system == .drone)
        #expect(ci.codeMetadata == CodeMetadata(repositoryURL: "https://example.com/o/r", branch: "main"))
        #expect(ci.pipelineMetadata.isEmpty)
        #expect(ci.invocationID == "https://drone.example.com/o/r/1")
    }

    static let gitHub = [
        "GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "o/r",
        "GITHUB_SHA": sha1, "GITHUB_EVENT_NAME": "push", "GITHUB_ACTOR": "alice", "GITHUB_RUN_ID": "11",
        "GITHUB_RUN_ATTEMPT": "2", "GITHUB_REPOSITORY_OWNER": "o", "GITHUB_REPOSITORY_OWNER_ID": "99",
        "GITHUB_WORKFLOW": "Build", "GITHUB_WORKFLOW_REF": "o/r/.github/workflows/b.yml@refs/heads/main",
        "HARNESS_ACCOUNT_ID": "used to call another system",
    ]

    @Test func `GitHub Actions names its run by a URL`() {
        let more = ["GITHUB_REF": "refs/heads/main", "ImageOS": "ubuntu24", "ImageVersion": "20250101.1.0"]
        let ci = CIEnvironment(variables: Self.gitHub.merging(more) { $1 })
        #expect(ci.system == .gitHubActions)
        #expect(
            ci.codeMetadata
                == CodeMetadata(repositoryURL: "https://github.com/o/r", branch: "main", commitSha: sha1))
        #expect(
            ci.triggerMetadata
                == TriggerMetadata(triggerType: "push", triggeredBy: "alice", triggerEvent: "push"))
        #expect(
            ci.pipelineMetadata
                == PipelineMetadata(
                    pipelineExecutionId: "11", accountId: "99",
                    pipelineIdentifier: "o/r/.github/workflows/b.yml@refs/heads/main"))
        #expect(ci.invocationID == "https://github.com/o/r/actions/runs/11/attempts/2")
        #expect(ci.versions == [ComponentVersion(name: "github-runner-image", version: "20250101.1.0")])
    }

    @Test(
        "GitHub's ref is a branch, a tag or a pull request",
        arguments: [
            (["GITHUB_REF": "refs/heads/a/b", "GITHUB_REF_NAME": "a/b"], "a/b", nil, nil),
            (["GITHUB_REF": "refs/tags/v1", "GITHUB_REF_TYPE": "tag"], nil, "v1", nil),
            (
                ["GITHUB_REF": "refs/pull/7/merge", "GITHUB_REF_NAME": "7/merge", "GITHUB_HEAD_REF": "fix"],
                "fix", nil, "7"
            ),
            (["GITHUB_REF_NAME": "v2", "GITHUB_REF_TYPE": "tag"], nil, "v2", nil),
            (["GITHUB_REF_NAME": "dev", "GITHUB_REF_TYPE": "branch"], "dev", nil, nil),
        ] as [([String: String], String?, String?, String?)])
    func gitHubRef(variables: [String: String], branch: String?, tag: String?, request: String?) {
        let code = CIEnvironment(variables: Self.gitHub.merging(variables) { $1 }).codeMetadata
        #expect(code.branch == branch)
        #expect(code.tag == tag)
        #expect(code.prNumber == request)
    }

    @Test func `GitLab tells its runner's version`() {
        let ci = CIEnvironment(variables: [
            "GITLAB_CI": "true", "CI_PROJECT_URL": "https://gitlab.example.com/g/p",
            "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "fix", "CI_COMMIT_SHA": sha1.uppercased(),
            "CI_MERGE_REQUEST_IID": "8", "CI_PIPELINE_SOURCE": "merge_request_event",
            "GITLAB_USER_LOGIN": "bob",
            "CI_PIPELINE_ID": "5", "CI_PROJECT_NAMESPACE": "g", "CI_PROJECT_PATH": "g/p",
            "CI_JOB_URL": "https://gitlab.example.com/g/p/-/jobs/3", "CI_RUNNER_VERSION": "17.0.0",
        ])
        #expect(ci.system == .gitLab)
        #expect(
            ci.codeMetadata
                == CodeMetadata(
                    repositoryURL: "https://gitlab.example.com/g/p", branch: "fix", prNumber: "8",
                    commitSha: sha1))
        #expect(ci.triggerMetadata.triggeredBy == "bob")
        #expect(ci.triggerMetadata.triggerType == "merge_request_event")
        #expect(
            ci.pipelineMetadata
                == PipelineMetadata(pipelineExecutionId: "5", accountId: "g", pipelineIdentifier: "g/p"))
        #expect(ci.invocationID == "https://gitlab.example.com/g/p/-/jobs/3")
        #expect(ci.versions == [ComponentVersion(name: "gitlab-runner", version: "17.0.0")])
    }

    @Test(
        "A commit that is no 40 or 64 hexadecimal digits is dropped",
        arguments: ["", "abc", sha1 + "0", "HEAD"])
    func dropsCommit(text: String) {
        #expect(CIEnvironment(variables: ["DRONE": "true", "DRONE_COMMIT_SHA": text]).codeMetadata.isEmpty)
    }

    @Test(
        "Elsewhere there is nothing",
        arguments: [[:], ["CI": "true", "HARNESS_ACCOUNT_ID": "a", "HOME": "/"]])
    func unknown(variables: [String: String]) {
        let ci = CIEnvironment(variables: variables)
        #expect(ci.system == nil)
        #expect(ci.codeMetadata.isEmpty && ci.triggerMetadata.isEmpty && ci.pipelineMetadata.isEmpty)
        #expect(ci.invocationID == nil)
        #expect(ci.versions == [])
    }
}
