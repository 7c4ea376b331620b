import DockerfileSyntax
import OCI
import Testing

@testable import Build

@Suite struct RunStepTests {
    /// What a base's configuration may hold: its texts come from JSON, and a Dockerfile's do not.
    @Test func `what would be cut at a NUL is refused`() throws {
        let file = try Dockerfile(parsing: Array("FROM scratch\nRUN echo\n".utf8))
        guard case .run(let run) = file.stages[0].instructions[0].content else { return }
        let usual = StageState(scratchFor: Platform(os: "linux", architecture: "amd64"))
        _ = try RunStep(run, in: usual)
        let changes: [(reason: String, change: (inout StageState) -> Void)] = [
            ("the variable A has", { $0.variables.set("A", "b\0c") }),
            ("the name of a variable has", { $0.variables.set("A\0", "b") }),
            ("the user has", { $0.configuration.user = "root\0x" }),
            ("the working directory has", { $0.configuration.workingDirectory = "/a\0b" }),
            ("a word of the command has", { $0.configuration.shell = ["/bin/sh\0x", "-c"] }),
        ]
        for (reason, change) in changes {
            var state = usual
            change(&state)
            let error = #expect(throws: BuildError.self) { _ = try RunStep(run, in: state) }
            #expect("\(try #require(error))".contains("\(reason) a NUL byte in it"))
        }
    }
}
