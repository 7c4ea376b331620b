import SystemPackage
import Testing

@testable import Build

struct CIOutputTests {
    private static let github = [
        "GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": "/out", "GITHUB_STEP_SUMMARY": "/summary",
    ]

    private func read(_ text: String, _ variables: [String: String] = [:]) throws -> CIOutput? {
        try CIOutput(parsing: Array(text.utf8), variables)
    }

    @Test(arguments: [
        ("drone", ["DRONE_OUTPUT": "/out"], CIOutput.drone("/out")),
        ("github", ["GITHUB_OUTPUT": "/out"], .github(output: "/out", summary: nil)),
        ("github", github, .github(output: "/out", summary: "/summary")),
        ("gitlab", [:], .gitlab("varve.env")), ("gitlab=a=b.env", [:], .gitlab("a=b.env")),
        ("tekton", [:], .tekton("/tekton/results")), ("tekton=/r", [:], .tekton("/r")),
        ("azure", [:], .azure),
    ])
    func `a system is named`(text: String, variables: [String: String], expected: CIOutput) throws {
        #expect(try read(text, variables) == expected)
    }

    @Test(arguments: [
        (["DRONE": "true", "DRONE_OUTPUT": "/out"], CIOutput.drone("/out")),
        (["HARNESS_EXECUTION_ID": "e", "DRONE_OUTPUT": "/out"], .drone("/out")),
        (["DRONE_OUTPUT": "/out"], .drone("/out")), (github, .github(output: "/out", summary: "/summary")),
        (["GITLAB_CI": "true"], .gitlab("varve.env")), (["TF_BUILD": "True"], .azure),
    ])
    func `auto finds the system by its variables`(variables: [String: String], expected: CIOutput) throws {
        #expect(try read("auto", variables) == expected)
    }

    @Test(arguments: [
        [:], ["CI": "true"], ["DRONE": "true"], ["GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": ""],
        ["TF_BUILD": ""],
    ])
    func `auto is nothing where there is no such system, or no file of its`(variables: [String: String])
        throws
    {
        #expect(try read("auto", variables) == nil)
    }

    @Test(arguments: [
        ("", "is none of auto, drone"), ("jenkins", "jenkins is none of"), ("a\nb", "a\\nb is none of"),
        ("drone", "DRONE_OUTPUT is not set"), ("github", "GITHUB_OUTPUT is not set"),
        ("azure=x", "only gitlab and tekton take a path"), ("auto=x", "only gitlab and tekton take a path"),
        ("gitlab=", "no path follows gitlab="),
    ])
    func `what is no system is refused`(text: String, reason: String) {
        #expect {
            try read(text)
        } throws: {
            "\($0)".hasPrefix("--ci-output: ") && "\($0)".contains(reason)
        }
    }

    @Test func `azure's lines and an archive have no room on one stream`() throws {
        #expect(throws: BuildError.self) { try CIOutput.azure.expectRoom(usesStandardOutput: true) }
        try CIOutput.azure.expectRoom(usesStandardOutput: false)
        try CIOutput.gitlab("x").expectRoom(usesStandardOutput: true)
    }
}
