import Cryptography
import Glibc
import Linux
import Registry
import SystemPackage
import TestSupport
import Testing

@testable import Build

/// With programs of the test's own in Amazon's place, which write down what they were asked.
@Suite struct AmazonProgramsTests {
    private let scratch: Scratch
    private let host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"

    init() throws { scratch = try Scratch() }

    private func secret(_ text: String) throws -> SecretBytes { try SecretBytes(Array(text.utf8).span) }

    private func program(_ name: String, _ script: String) throws {
        let note = #"echo "$* | $AWS_ACCESS_KEY_ID $AWS_SECRET_ACCESS_KEY $AWS_SESSION_TOKEN $AWS_REGION" >>"#
        try scratch.write("bin/\(name)", "#!/bin/sh\n\(note) '\(scratch["asked"])'\n\(script)\n")
        chmod(scratch["bin/\(name)"].string, 0o755)
    }

    private func programs(
        _ host: String? = nil, role: AmazonPrograms.Role? = nil, hasKeys: Bool = true
    ) throws -> AmazonPrograms {
        AmazonPrograms(
            host: host ?? self.host, region: "eu-west-1", accessKey: hasKeys ? try secret("id") : nil,
            secretKey: hasKeys ? try secret("hush") : nil, role: role, directories: [scratch["bin"]])
    }

    private func login(_ programs: AmazonPrograms) throws -> String? {
        guard case .basic(let user, let password)? = try programs.credential() else { return nil }
        return "\(user):\(password.text)"
    }

    private var asked: [String] {
        ((try? text(of: scratch["asked"])) ?? "").split(separator: "\n").map(String.init)
    }

    @Test(
        "a registry's host names its region",
        arguments: [
            ("123456789012.dkr.ecr.eu-west-1.amazonaws.com", "eu-west-1"),
            ("123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
            ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1"),
            ("public.ecr.aws", nil), ("dkr.ecr.example.com", nil), ("", nil),
        ])
    func region(host: String, expected: String?) { #expect(AmazonPrograms.region(of: host) == expected) }

    @Test func `the credential program is asked with the keys in its environment`() throws {
        try program(
            "docker-credential-ecr-login",
            #"read host; test "$AWS_ECR_DISABLE_CACHE" = true && echo "{\"Username\":\"AWS\",\"Secret\":\"$host\"}""#
        )
        try program("aws", "exit 9")
        #expect(try login(programs()) == "AWS:\(host)")
        #expect(asked == ["get | id hush  eu-west-1"])
    }

    @Test func `without it aws is asked, and the public registry in its own region`() throws {
        try program("aws", "echo password")
        #expect(try login(programs()) == "AWS:password")
        #expect(try login(programs("public.ecr.aws")) == "AWS:password")
        #expect(
            asked == [
                "ecr get-login-password --region eu-west-1 --output json | id hush  eu-west-1",
                "ecr-public get-login-password --region us-east-1 --output json | id hush  us-east-1",
            ])
    }

    @Test func `a role is taken with keys, and asked with its own`() throws {
        try program(
            "aws",
            #"case $1 in sts) echo '{"Credentials":{"AccessKeyId":"rid","SecretAccessKey":"rs","SessionToken":"rt"}}';; *) echo password;; esac"#
        )
        let role = AmazonPrograms.Role(name: "arn:aws:iam::1:role/r", externalID: "x", token: nil)
        #expect(try login(programs(role: role)) == "AWS:password")
        #expect(
            asked == [
                "sts assume-role --role-arn arn:aws:iam::1:role/r --duration-seconds 3600 --role-session-name kaniko-ecr --external-id x --region eu-west-1 --output json | id hush  eu-west-1",
                "ecr get-login-password --region eu-west-1 --output json | rid rs rt eu-west-1",
            ])
    }

    @Test func `a token for a role is in no argument`() throws {
        try program(
            "aws",
            #"case $1 in sts) printf '{"Credentials":{"AccessKeyId":"rid","SecretAccessKey":"%s","SessionToken":"rt"}}' "$(cat)";; *) echo password;; esac"#
        )
        let role = AmazonPrograms.Role(name: "r", externalID: nil, token: try secret("token"))
        #expect(try login(programs(role: role, hasKeys: false)) == "AWS:password")
        #expect(asked.count == 2)
        #expect(asked[0].hasPrefix("sts assume-role-with-web-identity --role-arn r --duration-seconds 3600"))
        #expect(asked[0].contains("--web-identity-token file:///dev/stdin"))
        #expect(!asked[0].contains("token  "))
        #expect(asked[1].hasSuffix("| rid token rt eu-west-1"))
    }

    @Test func `without the programs keys are an error, and no keys are none`() throws {
        #expect(try programs(hasKeys: false).credential() == nil)
        let error = #expect(throws: PluginError.self) { try programs().credential() }
        #expect(error?.description.contains("takes docker-credential-ecr-login or aws") == true)
    }

    @Test(
        "what a program says last stands in the error",
        arguments: [
            (
                "echo x >&2; echo 'An error occurred (AccessDenied)' >&2; exit 254",
                "it failed with status 254: \"An error occurred (AccessDenied)\""
            ),
            ("exit 0", "it says nothing"), ("kill -9 $$", "was ended by signal 9"),
        ])
    func failures(script: String, reason: String) throws {
        try program("aws", script)
        let error = #expect(throws: CredentialError.self) { try programs().credential() }
        #expect(error?.description.hasPrefix("aws gave no credentials for \(host): ") == true)
        #expect(error?.description.hasSuffix(reason) == true, "\(String(describing: error))")
    }

    @Test func `the programs get no secret of varve's and no login for elsewhere`() async {
        await #expect(processExitsWith: .success) {
            for name in [
                "VARVE_H_PASSWORD", "DOCKER_AUTH_CONFIG", "GIT_TOKEN", "COSIGN_PASSWORD", "VARVE_SIGN_KEY",
            ] {
                setenv(name, "hush", 1)
            }
            let scratch = try Scratch()
            for name in ["aws", "docker-credential-ecr-login"] {
                try scratch.write(name, "#!/bin/sh\nenv >>'\(scratch["environment"])'\nexit 1\n")
                chmod(scratch[name].string, 0o755)
            }
            let programs = AmazonPrograms(
                host: "public.ecr.aws", region: "r", accessKey: nil, secretKey: nil, role: nil,
                directories: [scratch.path])
            #expect(throws: CredentialError.self) { try programs.credential() }
            #expect(throws: CredentialError.self) { try programs.createRepository("a") }
            let seen = try text(of: scratch["environment"])
            #expect(seen.contains("AWS_REGION=us-east-1") && !seen.contains("hush"))
        }
    }

    @Test func `a repository is made unless it is there, and has its policies`() throws {
        try program(
            "aws",
            "case $2 in create-repository) echo '(RepositoryAlreadyExistsException)' >&2; exit 254;; esac")
        try programs().createRepository("a/b")
        try programs().setLifecyclePolicy(of: "a/b", to: "l.json")
        try programs("public.ecr.aws").setRepositoryPolicy(of: "a/b", to: "/p.json")
        #expect(
            asked.map { String($0.prefix { $0 != "|" }) } == [
                "ecr create-repository --repository-name a/b --region eu-west-1 --output json ",
                "ecr put-lifecycle-policy --repository-name a/b --lifecycle-policy-text file://l.json --region eu-west-1 --output json ",
                "ecr-public set-repository-policy --repository-name a/b --policy-text file:///p.json --region us-east-1 --output json ",
            ])
        try program("aws", "echo no >&2; exit 1")
        #expect(throws: CredentialError.self) { try programs().createRepository("a/b") }
    }
}
