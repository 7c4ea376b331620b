import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

/// What the provenance says of an image and of its builder.
struct StatementTests {
    @Test func `the one subject is the image's manifest`() throws {
        let (packed, statement) = try pack([])
        let hex = String(packed.digest.dropFirst(7))
        #expect(statement["subject"] == [["name": "app", "digest": ["sha256": .string(hex)]]])
    }

    @Test func `the rootfs is a dependency by its diff ID`() throws {
        let (packed, statement) = try pack([])
        let dependencies = statement["predicate"]?["buildDefinition"]?["resolvedDependencies"]
        let hex = String(packed.diffID.dropFirst(7))
        #expect(dependencies == [["name": "rootfs", "digest": ["sha256": .string(hex)]]])
    }

    @Test func `the layer is a by-product with its digests, sizes and number of entries`() throws {
        let (packed, statement) = try pack([])
        let layer = try #require(packed.manifest["layers"]?.array?.first)
        let byproduct = try #require(run(statement)["byproducts"]?.array?.first)
        let tar = try Command(shell: "gzip -dc | wc -c").reading(packed.layer).succeed().line
        #expect("sha256:\(byproduct["digest"]?["sha256"]?.string ?? "")" == layer["digest"]?.string)
        #expect(byproduct["mediaType"] == layer["mediaType"])
        #expect(byproduct["annotations"]?["diffID"]?.string == packed.diffID)
        #expect(byproduct["annotations"]?["size"] == layer["size"])
        #expect(byproduct["annotations"]?["uncompressedSize"]?.int64.map { "\($0)" } == tar)
        #expect(byproduct["annotations"]?["entries"] == 2)
    }

    @Test(arguments: [
        ([String](), ["libarchive", "libcrypto", "libdeflate", "swift", "varve"]),
        (["--compression", "zstd"], ["libarchive", "libcrypto", "libzstd", "swift", "varve"]),
        (["--compression", "none"], ["libarchive", "libcrypto", "swift", "varve"]),
        (["--compression-level", "fastest"], ["isa-l", "libarchive", "libcrypto", "swift", "varve"]),
    ])
    func `versions name what shaped the bytes, as --version does`(flags: [String], names: [String]) throws {
        let (_, statement) = try pack(flags)
        let versions = try #require(run(statement)["builder"]?["version"]?.object)
        let lines = try Command.varve("--version").succeed().text.split(separator: "\n").map(String.init)
        #expect(versions.keys.sorted() == names)
        let unknown = versions.members.map { "\($0.key) \($0.value.string ?? "")" }
            .filter { !lines.contains($0) }
        #expect(unknown == [])
    }

    @Test func `the program and each shared object are dependencies by what sha256sum says`() throws {
        let (_, statement) = try pack([])
        let dependencies = try #require(run(statement)["builder"]?["builderDependencies"]?.array)
        let libraries = try Command(
            shell: "ldd '\(Command.varvePath)' | grep -o '/[^ ]*' | xargs -n1 realpath"
        )
        .succeed().text.split(separator: "\n").map { FilePath(String($0)) }
        let named = Set(dependencies.compactMap { $0["digest"]?["sha256"]?.string })
        let real = Set(try (libraries + [Command.varvePath]).map { String(try sha256sum($0).dropFirst(7)) })
        #expect(named == real)
        #expect(dependencies.first?["name"] == "varve")
    }

    @Test func `plugins are named by flags`() throws {
        let digest = String(repeating: "5", count: 64)
        let (_, statement) = try pack([
            "--plugin", "ci-manager=1.0.6402-000", "--plugin", "a=b=c", "--plugin-image",
            "plugins/kaniko:1.7.5",
            "--plugin-image", "registry:5000/team/tool:2@sha256:\(digest)",
        ])
        let builder = try #require(run(statement)["builder"])
        let names = ["ci-manager", "a", "plugins/kaniko", "team/tool"]
        let found = names.map { builder["version"]?[$0]?.string }
        #expect(found == ["1.0.6402-000", "b=c", "1.7.5", "2"])
        let images = builder["builderDependencies"]?.array?.filter { $0["uri"] != nil } ?? []
        #expect(
            images == [
                ["uri": "pkg:docker/plugins/kaniko@1.7.5"],
                [
                    "uri": "pkg:docker/team/tool@2?repository_url=registry%3A5000",
                    "digest": ["sha256": .string(digest)],
                ],
            ])
    }

    @Test func `source, commit, builder and run are named by flags`() throws {
        let commit = String(repeating: "c", count: 40)
        let (_, statement) = try pack([
            "--source", "git+https://example.com/app.git@refs/heads/main#sub", "--commit", commit,
            "--builder-id", "https://ci.example.com", "--invocation-id", "run-7",
        ])
        let definition = try #require(statement["predicate"]?["buildDefinition"])
        #expect(
            definition["externalParameters"]?["codeMetadata"] == [
                "repositoryURL": "https://example.com/app", "branch": "main", "commitSha": .string(commit),
            ])
        #expect(
            definition["resolvedDependencies"]?.array?.first == [
                "uri": "git+https://example.com/app@refs/heads/main#sub",
                "digest": ["gitCommit": .string(commit)],
            ])
        #expect(run(statement)["builder"]?["id"] == "https://ci.example.com")
        #expect(run(statement)["metadata"]?["invocationId"] == "run-7")
    }

    @Test func `every flag that was set is a parameter`() throws {
        let (_, statement) = try pack([
            "--compression", "zstd", "--compression-level", "5", "--source-date-epoch", "9", "--owner", "1:2",
            "--exclude", "x", "--xattr", "trusted.*", "--root-entry", "--platform", "linux/arm64", "--cmd",
            "c",
            "--env", "A=b", "--label", "l=m", "--user", "u", "--port", "1", "--volume", "/v", "--author",
            "me",
        ])
        let parameters = statement["predicate"]?["buildDefinition"]?["externalParameters"]?["parameters"]
        #expect(
            parameters == [
                "command": "pack", "compression": "zstd", "compressionLevel": "5", "sourceDateEpoch": "9",
                "owner": "1:2", "exclude": ["x"], "xattr": ["trusted.*"], "rootEntry": true,
                "platform": "linux/arm64", "cmd": "c", "env": ["A": "b"], "label": ["l": "m"], "user": "u",
                "port": ["1"], "volume": ["/v"], "author": "me",
            ])
    }

    @Test func `the metadata has a run's name and its times`() throws {
        let before = try Command(["date", "-u", "+%FT%T.000Z"]).succeed().line
        let (_, statement) = try pack([])
        let metadata = try #require(run(statement)["metadata"])
        let started = try #require(metadata["startedOn"]?.string)
        let finished = try #require(metadata["finishedOn"]?.string)
        #expect(before <= started && started <= finished)
        #expect(metadata["invocationId"]?.string?.hasPrefix("urn:uuid:") == true)
    }

    @Test func `the old spelling of the metadata is written on demand and beside the new`() throws {
        let (_, plain) = try pack([])
        let (_, compatible) = try pack(["--harness-compat"])
        #expect(run(plain)["runDetailsMetadata"] == nil)
        let metadata = try #require(run(compatible)["metadata"])
        #expect(run(compatible)["runDetailsMetadata"] == metadata)
    }

    @Test(arguments: [
        ([String](), true), (["--compression-level", "fastest"], false), (["--created", "now"], false),
        (["--compression", "zstd"], true),
    ])
    func `it says whether another machine makes the same bytes`(flags: [String], isSame: Bool) throws {
        let (_, statement) = try pack(flags)
        let parameters = statement["predicate"]?["buildDefinition"]?["internalParameters"]
        #expect(parameters?["varve_reproducible"]?.bool == isSame)
    }

    private func run(_ statement: JSONValue) -> JSONValue {
        statement["predicate"]?["runDetails"] ?? [:]
    }

    private func pack(_ flags: [String]) throws -> (PackedTree, JSONValue) {
        let scratch = try Scratch()
        try scratch.write("tree/dir/file", "content")
        let packed = try PackedTree(scratch["tree"], in: scratch, flags) { $0.withoutPipeline() }
        return (packed, try packed.provenance())
    }
}

extension Command {
    /// The same outside of any pipeline, whatever runs these tests.
    func withoutPipeline() -> Command {
        let prefixes = [
            "CI", "DRONE", "HARNESS", "GITHUB", "GITLAB", "STEP_", "SOURCE_DATE_EPOCH", "ImageOS",
        ]
        return ProcessArguments.environment.keys.filter { name in prefixes.contains { name.hasPrefix($0) } }
            .reduce(self) { $0.with($1, nil) }
    }
}
