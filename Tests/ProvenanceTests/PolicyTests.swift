import Linux
import OCI
import Provenance
import SystemPackage
import Testing

struct PolicyTests {
    @Test func `a policy with every key gives its expectations`() throws {
        let commit = String(repeating: "0f", count: 20)
        let digest = "sha256:" + String(repeating: "0f", count: 32)
        let policy = try Policy(
            parsing: Array(
                """
                version: 1
                builders:
                  - key: cosign.pub
                    ids: [https://ci.example.com/builder, "https://ci.example.com/other"]
                    level: 2
                  - key: |
                      -----BEGIN PUBLIC KEY-----
                      AAAA
                      -----END PUBLIC KEY-----
                    ids:
                      - https://laptop.example.com/
                verifiers:
                  - key: keys/verifier.pub
                    ids: [https://verifier.example.com]
                    levels: [SLSA_BUILD_LEVEL_2]
                    resource: oci://registry.example.com/team/app
                    policyDigest: \(digest)
                    maxAge: 2w
                predicateType: https://slsa.dev/provenance/v1.1
                buildTypes: [https://example.com/build]
                source: git+https://example.com/app
                branch: main
                tag: 1.10
                commit: \(commit)
                builderVersions:
                  - plugins/kaniko>=1.7.5,<2
                  - varve
                maxAge: 30d
                parameters:
                  codeMetadata.branch: main
                  codeMetadata:
                    repositoryURL: [https://example.com/app, https://example.com/fork]
                  pack.label.org\\.example\\.title: '1.10'
                  pack:
                    keepOwner: true
                    jobs: 4
                    exclude: [[a, b]]
                  triggerMetadata: "*"
                """.utf8))
        let found = policy.expectations
        #expect(
            found.builders == [
                Expectations.Builder(
                    key: .reference(Array("cosign.pub".utf8)),
                    ids: ["https://ci.example.com/builder", "https://ci.example.com/other"], level: 2),
                Expectations.Builder(
                    key: .pem(Array("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n".utf8)),
                    ids: ["https://laptop.example.com/"]),
            ])
        #expect(
            found.verifiers == [
                Expectations.Verifier(
                    key: .reference(Array("keys/verifier.pub".utf8)), ids: ["https://verifier.example.com"],
                    levels: ["SLSA_BUILD_LEVEL_2"], resource: "oci://registry.example.com/team/app",
                    policyDigest: digest, maxAge: 1_209_600)
            ])
        #expect(found.predicateType == "https://slsa.dev/provenance/v1.1")
        #expect(found.buildTypes == ["https://example.com/build"])
        #expect(found.source == "git+https://example.com/app")
        #expect([found.branch, found.tag, found.commit] == ["main", "1.10", commit])
        #expect(found.builderVersions.map(\.description) == ["plugins/kaniko>=1.7.5,<2", "varve"])
        #expect(found.maxAge == 2_592_000)
        #expect(
            found.parameters == [
                ParameterRule(path: ["codeMetadata", "branch"], rule: .equals("main")),
                ParameterRule(
                    path: ["codeMetadata", "repositoryURL"],
                    rule: .oneOf(["https://example.com/app", "https://example.com/fork"])),
                ParameterRule(path: ["pack", "label", "org.example.title"], rule: .equals("1.10")),
                ParameterRule(path: ["pack", "keepOwner"], rule: .equals(true)),
                ParameterRule(path: ["pack", "jobs"], rule: .equals(4)),
                ParameterRule(path: ["pack", "exclude"], rule: .oneOf([["a", "b"]])),
                ParameterRule(path: ["triggerMetadata"], rule: .any),
            ])
        #expect(found.isStrict == false)
    }

    @Test func `a policy of its version alone expects nothing but SLSA provenance`() throws {
        #expect(try Policy(parsing: Array("version: 1\n".utf8)).expectations == Expectations())
        #expect(Expectations().predicateType == "https://slsa.dev/provenance/v1")
    }

    @Test func `the policy in the documentation is one`() throws {
        let file = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
            .appending("docs/policy.md")
        let page = String(decoding: try File.reading(file).readAll(limit: 1 << 20), as: UTF8.self)
        let example = try #require(
            page.split(separator: "```yaml\n").dropFirst().first?.split(separator: "```").first)
        let found = try Policy(parsing: Array(example.utf8)).expectations
        #expect(found.builders.map(\.level) == [2, nil])
        #expect(found.verifiers.map(\.maxAge) == [1_209_600])
        #expect(
            found.builderVersions.map(\.description) == ["plugins/kaniko>=1.7.5,<2", "ci-manager>=1.0.5801"])
        #expect(
            found.parameters?.map { $0.path.joined(separator: ".") } == [
                "codeMetadata.repositoryURL", "codeMetadata.branch", "triggerMetadata",
            ])
    }

    @Test(
        "A key in PEM is the same however its block ends",
        arguments: ["|", "|-", "|+", "|2"])
    func blocks(style: String) throws {
        let text = "version: 1\nbuilders:\n- key: \(style)\n    -----BEGIN A-----\n    B\n\n  ids: ['a:b']\n"
        let key = try Policy(parsing: Array(text.utf8)).expectations.builders.first?.key
        #expect(key == .pem(Array("-----BEGIN A-----\nB\n".utf8)))
    }

    @Test(
        "A parameter's value is what it is written as",
        arguments: [
            ("main", .equals("main")), ("'4'", .equals("4")), ("4", .equals(4)), ("-4", .equals(-4)),
            ("true", .equals(true)), ("'true'", .equals("true")), ("1.7.5", .equals("1.7.5")),
            ("'1.10'", .equals("1.10")), ("''", .equals("")), ("'yes'", .equals("yes")),
            ("v1.10", .equals("v1.10")),
            ("0f3a", .equals("0f3a")), ("[a]", .oneOf(["a"])), ("[1, 'x', false]", .oneOf([1, "x", false])),
            ("'*'", .any), ("\"*\"", .any), ("'**'", .equals("**")), ("'null'", .equals("null")),
            ("[[]]", .oneOf([[]])), ("2026-01-31T12:00:00Z", .equals("2026-01-31T12:00:00Z")),
        ] as [(String, ParameterRule.Rule)])
    func values(written: String, rule: ParameterRule.Rule) throws {
        let policy = try Policy(parsing: Array("version: 1\nparameters:\n  a: \(written)\n".utf8))
        #expect(policy.expectations.parameters == [ParameterRule(path: ["a"], rule: rule)])
    }
}
