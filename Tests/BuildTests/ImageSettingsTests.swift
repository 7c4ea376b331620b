import OCI
import Testing

@testable import Build

struct ImageSettingsTests {
    private func configuration(_ change: (inout ImageSettings) -> Void) throws -> ImageConfiguration {
        var settings = ImageSettings()
        settings.platform = "linux/amd64"
        change(&settings)
        return try settings.configuration(variables: ["HOME": "/root"], hardware: "x86_64")
    }

    @Test(arguments: [
        (["8080"], ["8080/tcp"]), (["53/UDP"], ["53/udp"]),
        (["8000-8002"], ["8000/tcp", "8001/tcp", "8002/tcp"]),
        (["9/sctp", "8"], ["8/tcp", "9/sctp"]),
    ])
    func `ports are written as Docker writes them`(ports: [String], expected: [String]) throws {
        #expect(try configuration { $0.ports = ports }.exposedPorts == expected)
    }

    @Test(arguments: ["", "0", "65536", "http", "80/xyz", "9-8", "-", "80-", "80/", "1/tcp/2"])
    func `what is no port is refused`(port: String) {
        #expect(throws: BuildError.self) { try configuration { $0.ports = [port] } }
    }

    @Test(arguments: [
        (#"["/usr/bin/app","-v"]"#, ["/usr/bin/app", "-v"]), (#" ["a b"]"#, ["a b"]),
        ("app -v", ["/bin/sh", "-c", "app -v"]), ("", []), ("[]", []),
    ])
    func `a JSON array is the words, all else a shell's line`(text: String, expected: [String]) throws {
        #expect(try configuration { $0.entrypoint = text }.entrypoint == expected)
        #expect(try configuration { $0.command = text }.command == expected)
    }

    @Test(arguments: [#"["a",]"#, #"["a""#, "[1]", #"[["a"]]"#, "['a']"])
    func `a broken array is refused`(text: String) {
        #expect(throws: BuildError.self) { try configuration { $0.entrypoint = text } }
    }

    @Test func `variables keep their order, the later value counts, and a name alone takes varve's`() throws {
        let made = try configuration { $0.environment = ["A=1", "B=x=y", "A=2", "HOME"] }
        #expect(made.environment == ["A=2", "B=x=y", "HOME=/root"])
    }

    @Test(arguments: ["=x", "", "NOT_SET"])
    func `a variable without name or value is refused`(text: String) {
        #expect(throws: BuildError.self) { try configuration { $0.environment = [text] } }
    }

    @Test(arguments: [
        ("linux/arm64/v8", "linux/arm64"), ("linux/x86_64", "linux/amd64"), ("linux/arm", "linux/arm/v7"),
    ])
    func `a platform is written in its usual form`(text: String, expected: String) throws {
        #expect(try configuration { $0.platform = text }.platform.description == expected)
    }

    @Test func `a relative working directory is refused`() {
        #expect(throws: BuildError.usage("--workingdir", "srv must begin with /")) {
            try configuration { $0.workingDirectory = "srv" }
        }
    }
}
