import Cryptography
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Registry

struct CredentialProgramTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// A credential program that a shell reads.
    private func find(_ script: String, seconds: Int = 20, withheld: [String] = []) throws
        -> Credentials.Found
    {
        try scratch.write("docker-credential-test", "#!/bin/sh\n\(script)\n")
        chmod(scratch["docker-credential-test"].string, 0o755)
        try scratch.write("config.json", #"{"credHelpers":{"h.example":"test"},"credsStore":"missing"}"#)
        let places = AuthFilePlaces(environment: ["DOCKER_CONFIG": scratch.path.string], user: 1)
        var credentials = Credentials(places: places, withheld: withheld, seconds: seconds)
        credentials.programs.directory = scratch.path
        return try credentials.find(registry: "h.example", repository: "a/b")
    }

    @Test(
        "a program's answer is a login",
        arguments: [
            (
                #"read host; echo "{\"ServerURL\":\"$host\",\"Username\":\"u\",\"Secret\":\"$1 $host\"}""#,
                ["u", "get h.example"]
            ),
            (#"echo '{"Username":"<token>","Secret":"t"}'"#, ["", "t"]),
        ])
    func answers(script: String, expected: [String]) throws {
        let found = try find(script)
        #expect(found.source == "docker-credential-test")
        let secret = try SecretBytes(expected[1])
        #expect(
            found.credential
                == (expected[0].isEmpty
                    ? .identityToken(secret) : .basic(user: expected[0], password: secret)))
    }

    @Test(
        "a program that fails is an error without secrets in it",
        arguments: [
            ("exit 3", "it failed with status 3"),
            (
                #"echo "cannot reach the keychain"; exit 1"#,
                #"it failed with status 1: "cannot reach the keychain""#
            ),
            (#"echo '{"Secret":"hunter2"}'; exit 1"#, "it failed with status 1"),
            ("echo hunter2", "its answer is no JSON object with Username and Secret"),
            (#"echo '{"Username":"u"}'"#, "its answer is no JSON object with Username and Secret"),
            ("head -c 100000 /dev/zero", "docker-credential-test was killed: it wrote more than 65536 bytes"),
            ("kill -9 $$", "docker-credential-test was ended by signal 9"),
        ])
    func fails(script: String, reason: String) {
        let error = #expect(throws: CredentialError.self) { try find(script) }
        guard case .program("docker-credential-test", "h.example", let found) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        // The program is named by its whole path.
        #expect(found.hasSuffix(reason), "\(found)")
        #expect(!"\(found)".contains("hunter2"))
    }

    @Test(.timeLimit(.minutes(30)))
    func `a program that hangs is killed`() {
        #expect(throws: CredentialError.self) { try find("exec sleep 600", seconds: 1) }
    }

    @Test func `a program that is not there is named`() {
        let error = #expect(throws: CredentialError.self) {
            // It says that it knows nothing, so the next one is asked: it is missing.
            try find(#"echo "credentials not found in native keychain"; exit 1"#)
        }
        #expect("\(String(describing: error))".contains("docker-credential-missing"))
    }

    @Test func `a program gets no secret of another`() throws {
        let found = try find(
            #"echo "{\"Username\":\"u\",\"Secret\":\"${PATH-none}\"}""#, withheld: ["PATH"])
        #expect(
            found.credential == .basic(user: "u", password: try SecretBytes("none"))
                || found.credential.isDefaultPath)
    }

    @Test(
        "a word that leads elsewhere is refused",
        arguments: ["../x", "a/b", "a b", "", "x\n", String(repeating: "a", count: 65), "ä"])
    func words(word: String) {
        #expect(throws: CredentialError.self) {
            try CredentialProgram(word, namedBy: "f", .init(withheld: [], seconds: 1))
        }
    }
}

extension Credential {
    /// The shell sets PATH where it has none.
    fileprivate var isDefaultPath: Bool {
        guard case .basic(_, let password) = self else { return false }
        return password.text != ProcessArguments.environment["PATH"]
    }
}
