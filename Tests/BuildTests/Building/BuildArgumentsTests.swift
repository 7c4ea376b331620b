import DockerfileSyntax
import OCI
import Testing

@testable import Build

@Suite struct BuildArgumentsTests {
    private func arguments(_ texts: [String], _ variables: [String: String] = [:]) throws -> BuildArguments {
        try BuildArguments(
            texts, build: Platform(os: "linux", architecture: "amd64"),
            target: Platform(os: "linux", architecture: "arm", variant: "v7"), variables: variables)
    }

    private func globals(_ file: String, _ arguments: BuildArguments) throws -> Variables {
        try arguments.global(Dockerfile(parsing: Array(file.utf8)).globalArguments)
    }

    @Test func `a name alone is a variable of varve's own, or nothing`() throws {
        let arguments = try arguments(["A=1", "B", "C", "A=2"], ["B": "b"])
        #expect(arguments["A"] == "2")
        #expect(arguments["B"] == "b")
        #expect(arguments["C"] == nil)
        #expect(arguments.names == ["A", "B"])
        #expect(throws: BuildError.self) { try self.arguments(["=1"]) }
    }

    @Test func `a value may begin with a combining character, which is no part of the =`() throws {
        let arguments = try arguments(["A=\u{301}x=y", "B="])
        #expect(arguments["A"] == "\u{301}x=y")
        #expect(arguments["B"] == "")
    }

    @Test func `an ARG before FROM sees those before it, and what was given goes before its default`() throws
    {
        let variables = try globals("ARG A=1\nARG B=${A}2\nARG C\nARG D=x\nFROM a", arguments(["D=y"]))
        #expect(variables["B"] == "12")
        #expect(variables["C"] == nil)
        #expect(variables["D"] == "y")
    }

    @Test(
        "platforms are there without an ARG",
        arguments: [
            ("BUILDPLATFORM", "linux/amd64"), ("BUILDVARIANT", ""), ("TARGETPLATFORM", "linux/arm/v7"),
            ("TARGETOS", "linux"), ("TARGETARCH", "arm"), ("TARGETVARIANT", "v7"),
        ])
    func platforms(name: String, expected: String) throws {
        #expect(try globals("FROM a", arguments([]))[name] == expected)
    }

    @Test func `of a variable the later of ARG and ENV counts`() {
        var variables = StageVariables(environment: ["PATH=/bin", "A=base"])
        variables.declare("A", "argument")
        #expect(variables.words["A"] == "argument")
        variables.set("A", "environment")
        variables.declare("B", nil)
        #expect(variables.words["A"] == "environment")
        #expect(variables.words["B"] == nil)
        #expect(variables.all.map(\.name) == ["PATH", "A"])
        #expect(variables.arguments == ["A", "B"])
    }
}
