import Cryptography
import Linux
import OCI
import Registry
import SystemPackage
import TestSupport
import Testing

@testable import Build

/// The whole step, with another executor than Kaniko's.
@Suite struct PluginStepTests {
    private let scratch: Scratch
    private let digest = "sha256:" + String(repeating: "0", count: 64)

    init() throws {
        scratch = try Scratch()
        try scratch.write("Dockerfile", "FROM scratch\n")
    }

    /// Runs it, and says what was built with, and what the user was told.
    private func run(_ kind: PluginKind, _ texts: [String: String]) throws -> (
        words: [String], notes: [String]
    ) {
        var notes: [String] = []
        let step = try PluginStep(kind, PluginVariables(texts), in: scratch.path, digestFile: nil) {
            progress in
            if case .note(let note) = progress { notes.append("\(note)") }
        }
        var words: [String] = []
        let found = try step.run({ .anonymous }) { arguments, _ in
            words = arguments
            return digest
        }
        #expect(found == digest)
        return (words, notes)
    }

    @Test func `the artifact lists the names that were really pushed`() throws {
        _ = try run([
            "PLUGIN_REPO": "a/b", "PLUGIN_TAGS": "v1.2.3,x", "PLUGIN_EXPAND_TAG": "true",
            "PLUGIN_ARTIFACT_FILE": "new/dir/artifact.json", "DRONE_OUTPUT": "out.env",
        ])
        let artifact = try JSONValue(parsing: content(of: scratch["new/dir/artifact.json"]))
        let images = try #require(artifact["data"]?["images"]?.array)
        #expect(images.map { $0["image"]?.string } == ["a/b:1", "a/b:1.2", "a/b:1.2.3", "a/b:x"])
        #expect(images.allSatisfy { $0["digest"]?.string == digest })
        #expect(artifact["data"]?["registryUrl"]?.string == "https://index.docker.io/v1/")
        #expect(try text(of: scratch["out.env"]) == "digest=\"\(digest)\"\n")
        let status = try Directory.open(scratch["new/dir"]).status(of: "artifact.json")
        #expect(status.permissions == 0o644)
    }

    private func run(_ texts: [String: String]) throws -> (words: [String], notes: [String]) {
        try run(.docker, texts)
    }

    @Test(
        "the registry stands apart from the name where the kind of plugin has it so",
        arguments: [
            (PluginKind.gar, "GAR", "r.example.com", "p/a:1"), (.gcr, "GCR", "r.example.com", "p/a:1"),
            (.docker, "Docker", "r.example.com", "p/a:1"),
        ])
    func artifact(kind: PluginKind, type: String, registry: String, image: String) throws {
        let (words, _) = try run(
            kind,
            [
                "PLUGIN_REGISTRY": registry, "PLUGIN_REPO": "p/a", "PLUGIN_TAGS": "1",
                "PLUGIN_ARTIFACT_FILE": "artifact.json",
            ])
        let data = try JSONValue(parsing: content(of: scratch["artifact.json"]))["data"]
        #expect(data?["registryType"]?.string == type)
        #expect(data?["registryUrl"]?.string == registry)
        #expect(data?["images"]?.array?.first?["image"]?.string == image)
        #expect(words.contains("--destination=" + (kind == .docker ? "" : "\(registry)/") + "p/a:1"))
    }

    @Test func `what was not pushed is no artifact, and a tarball is an output`() throws {
        let (words, _) = try run([
            "PLUGIN_REPO": "a/b", "PLUGIN_NO_PUSH": "true", "PLUGIN_TAR_PATH": "deep/er/a.tar",
            "PLUGIN_ARTIFACT_FILE": "artifact.json", "DRONE_OUTPUT": "out.env",
        ])
        #expect(words.contains("--destination=a/b:latest") && words.contains("--tar-path=deep/er/a.tar"))
        #expect(Machine.kind(of: scratch["deep/er"]) == .directory)
        let artifact = try JSONValue(parsing: content(of: scratch["artifact.json"]))
        #expect(artifact["data"]?["images"]?.isNull == true)
        #expect(
            try text(of: scratch["out.env"]) == "IMAGE_TAR_PATH=\"deep/er/a.tar\"\ndigest=\"\(digest)\"\n")
    }

    @Test func `a file that cannot be written is told, and fails nothing`() throws {
        try scratch.write("file")
        let (_, notes) = try run([
            "PLUGIN_REPO": "a/b", "PLUGIN_ARTIFACT_FILE": "file/artifact.json", "DRONE_OUTPUT": "file/out",
        ])
        #expect(notes.count == 2)
        #expect(
            notes.first?.hasPrefix(
                "failed to write plugin artifact file at path: file/artifact.json with error: cannot ")
                == true)
        #expect(
            notes.last?.hasPrefix("failed to write plugin output file at path: file/out with error: ") == true
        )
    }

    @Test func `a tarball's directory that cannot be made is told before anything is built`() throws {
        try scratch.write("file")
        let error = #expect(throws: PluginError.self) {
            try run(["PLUGIN_REPO": "a", "PLUGIN_TAR_PATH": "file/dir/a.tar"])
        }
        #expect(
            error?.description.hasPrefix("failed to create directory for tar path file/dir: cannot ") == true)
        #expect(error.map { ErrorClass(of: $0) } == .system)
    }

    @Test func `a tarball that holds no image is told in the plugin's words`() throws {
        try scratch.write("a.tar", "hello")
        let error = #expect(throws: PluginError.self) {
            try run(["PLUGIN_REPO": "a", "PLUGIN_PUSH_ONLY": "true", "PLUGIN_SOURCE_TAR_PATH": "a.tar"])
        }
        #expect(error?.description.hasPrefix("failed to load image from tarball: ") == true)
        #expect(error.map { ErrorClass(of: $0) } == .input)
    }

    @Test func `digests of the executor's go to Kaniko's directory where there is one`() throws {
        let step = try PluginStep(
            .docker, PluginVariables(["PLUGIN_REPO": "a"]), in: scratch.path,
            digestFile: "/kaniko/digest-file"
        ) { _ in }
        #expect(step.line?.hasSuffix(" --digest-file=/kaniko/digest-file") == true)
    }
}
