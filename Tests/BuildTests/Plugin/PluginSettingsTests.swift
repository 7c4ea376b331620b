import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Build

/// In a directory with a Dockerfile.
@Suite struct PluginSettingsTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try scratch.write("Dockerfile", "FROM scratch\n")
    }

    private func settings(_ kind: PluginKind, _ variables: [String: String]) throws
        -> PluginSettings
    {
        try PluginSettings(kind, PluginVariables(variables), in: scratch.path)
    }

    private func words(_ kind: PluginKind, _ variables: [String: String]) -> String {
        let error = #expect(throws: PluginError.self) { try settings(kind, variables) }
        return error.map { "\($0)" } ?? ""
    }

    @Test(
        "the image's name has the registry where the kind of plugin says so",
        arguments: [
            (PluginKind.docker, nil, "a/b", nil, "a/b", "a/b"),
            (.docker, "https://index.docker.io/v1/", "a/b", "true", "a/b", "a/b"),
            (.docker, "https://index.docker.io/v2/", "a/b", "true", "a/b", "a/b"),
            (.docker, "r.example.com", "a/b", nil, "a/b", "a/b"),
            (.docker, "r.example.com", "a/b", "true", "r.example.com/a/b", "r.example.com/a/b"),
            (.docker, "r.example.com", "r.example.com/a/b", "true", "r.example.com/a/b", "r.example.com/a/b"),
            (
                .docker, "https://r.example.com:5000/v2/", "a", "1", "r.example.com:5000/a",
                "r.example.com:5000/a"
            ),
            (.docker, "r.example.com/team/", "a", "1", "r.example.com/team/a", "r.example.com/team/a"),
            (.ecr, "1.dkr.ecr.eu-west-1.amazonaws.com", "a", nil, "1.dkr.ecr.eu-west-1.amazonaws.com/a", "a"),
            (.ecr, "public.ecr.aws/x", "a", nil, "public.ecr.aws/x/a", "a"),
            (.gcr, nil, "project/a", nil, "gcr.io/project/a", "project/a"),
            (.gar, "eu-docker.pkg.dev", "p/r/a", nil, "eu-docker.pkg.dev/p/r/a", "p/r/a"),
            (.gar, "eu-docker.pkg.dev", "eu-docker.pkg.dev/p/a", nil, "eu-docker.pkg.dev/p/a", "p/a"),
            (.acr, "x.azurecr.io", "x.azurecr.io/a", nil, "x.azurecr.io/a", "x.azurecr.io/a"),
            (.acr, "x.azurecr.io", "a", nil, "x.azurecr.io/a", "x.azurecr.io/a"),
        ] as [(PluginKind, String?, String, String?, String, String)])
    func names(
        kind: PluginKind, registry: String?, repository: String, expand: String?, destination: String,
        artifact: String
    ) throws {
        var variables = ["PLUGIN_REPO": repository, "PLUGIN_TAGS": "1"]
        variables["PLUGIN_REGISTRY"] = registry
        variables["PLUGIN_EXPAND_REPO"] = expand
        let settings = try settings(kind, variables)
        #expect(settings.name == .init(destination: destination, artifact: artifact))
        #expect(settings.destinations == ["\(destination):1"])
    }

    @Test func `a cache's repository is in the registry, and none is none`() throws {
        var variables = [
            "PLUGIN_REGISTRY": "1.example.com", "PLUGIN_REPO": "a", "PLUGIN_ENABLE_CACHE": "true",
        ]
        #expect(try settings(.ecr, variables).cacheRepository == nil)
        variables["PLUGIN_CACHE_REPO"] = "cache"
        #expect(try settings(.ecr, variables).cacheRepository == "1.example.com/cache")
        #expect(try settings(.docker, variables).cacheRepository == "cache")
        variables["PLUGIN_EXPAND_REPO"] = "true"
        #expect(try settings(.docker, variables).cacheRepository == "1.example.com/cache")
    }

    @Test func `Google's elder registry has a variable of its own`() throws {
        let settings = try settings(.gcr, ["BASE_REGISTRY": "eu.gcr.io", "PLUGIN_REPO": "p/a"])
        #expect(settings.registry == "eu.gcr.io")
        #expect(settings.destinations == ["eu.gcr.io/p/a:latest"])
    }

    @Test func `tags come from the variable, else from the file, else there is one`() throws {
        #expect(try settings(.docker, ["PLUGIN_REPO": "a"]).tags == ["latest"])
        try scratch.write(".tags", "1.0, 1\nnext\n")
        #expect(try settings(.docker, ["PLUGIN_REPO": "a"]).tags == ["1.0", "1", "next"])
        #expect(try settings(.docker, ["PLUGIN_REPO": "a", "PLUGIN_TAGS": " 2,3 ,2"]).tags == ["2", "3"])
        try scratch.write(".tags", "\n")
        #expect(try settings(.docker, ["PLUGIN_REPO": "a"]).tags == ["latest"])
    }

    @Test func `tags are expanded where that is wanted, each once`() throws {
        let variables = ["PLUGIN_REPO": "a", "PLUGIN_TAGS": "v1.2.3,1.2.4,x", "PLUGIN_EXPAND_TAG": "true"]
        #expect(try settings(variables).tags == ["1", "1.2", "1.2.3", "1.2.4", "x"])
    }

    private func settings(_ variables: [String: String]) throws -> PluginSettings {
        try settings(.docker, variables)
    }

    @Test func `automatic tags follow the commit`() throws {
        let variables = [
            "PLUGIN_REPO": "a", "PLUGIN_AUTO_TAG": "true", "PLUGIN_AUTO_TAG_SUFFIX": "arm",
            "DRONE_COMMIT_REF": "refs/tags/v2.1.0", "DRONE_REPO_BRANCH": "main",
        ]
        #expect(try settings(variables).tags == ["2-arm", "2.1-arm", "2.1.0-arm"])
    }

    @Test func `an image that goes nowhere but into a tarball has names there`() throws {
        var variables = ["PLUGIN_NO_PUSH": "true", "PLUGIN_REPO": "a"]
        #expect(try settings(variables).destinations == [])
        variables["PLUGIN_DESTINATION_TAR_PATH"] = "out/a.tar"
        #expect(try settings(variables).destinations == ["a:latest"])
        #expect(try settings(variables).tarPath == "out/a.tar")
        variables["PLUGIN_REPO"] = nil
        #expect(try settings(variables).destinations == [])
        variables["PLUGIN_TAR_PATH"] = "b.tar"
        #expect(try settings(variables).tarPath == "b.tar")
    }

    @Test(
        "what contradicts itself or is missing is told in the plugin's words",
        arguments: [
            (
                PluginKind.docker, ["PLUGIN_NO_PUSH": "true", "PLUGIN_PUSH_ONLY": "true"],
                "inputs no-push and push-only cannot be used together. please define only one"
            ),
            (
                .ecr, ["PLUGIN_NO_PUSH": "1", "PLUGIN_PUSH_ONLY": "1", "PLUGIN_REGISTRY": "r"],
                "no-push and push-only flags cannot be used together"
            ),
            (.docker, [:], "repository name to publish image must be specified"),
            (.gcr, [:], "repository name to publish image must be specified"),
            (.ecr, ["PLUGIN_REPO": "a"], "registry must be specified"),
            (.gar, ["PLUGIN_REPO": "a"], "registry must be specified"),
            (.acr, ["PLUGIN_REPO": "a"], "registry must be specified"),
            (
                .docker, ["PLUGIN_PUSH_ONLY": "true", "PLUGIN_REPO": "a"],
                "source_tar_path is required when push_only is set. please provide a valid tarball path"
            ),
            (
                .docker,
                ["PLUGIN_PUSH_ONLY": "true", "PLUGIN_REPO": "a", "PLUGIN_SOURCE_TAR_PATH": "none.tar"],
                "image tarball does not exist at path: none.tar"
            ),
            (
                .docker, ["PLUGIN_PUSH_ONLY": "true", "PLUGIN_SOURCE_TAR_PATH": "Dockerfile"],
                "missing required destination repository for push-only operation"
            ),
            (
                .docker, ["PLUGIN_REPO": "a", "PLUGIN_AUTO_TAG": "true", "PLUGIN_EXPAND_TAG": "true"],
                "The auto-tag flag conflicts with the expand-tag flag"
            ),
            (
                .docker, ["PLUGIN_REPO": "a", "PLUGIN_AUTO_TAG": "true", "PLUGIN_TAGS": "v1"],
                "The auto-tag flag does not work with user provided tags [v1]"
            ),
            (
                .docker, ["PLUGIN_REPO": "a:1"],
                "PLUGIN_REPO: \"a:1\" has a tag; PLUGIN_TAGS is for those"
            ),
            (
                .docker, ["PLUGIN_REPO": "a", "PLUGIN_TAGS": "1.2.3+x", "PLUGIN_EXPAND_TAG": "true"],
                "\"1+x\" is no tag that a registry takes: + is not legal in one; leave the build metadata away, or write it behind a - or _"
            ),
            (
                .docker, ["PLUGIN_REPO": "a", "PLUGIN_TAGS": "-x"],
                "\"-x\" is no tag that a registry takes: one has 1 to 128 letters, digits and _ . - and begins with none of the last two"
            ),
            (
                .docker, ["PLUGIN_REPO": "a", "PLUGIN_EXPAND_TAG": "yes"],
                "PLUGIN_EXPAND_TAG: \"yes\" is neither true nor false"
            ),
        ] as [(PluginKind, [String: String], String)])
    func mistakes(kind: PluginKind, variables: [String: String], expected: String) {
        #expect(words(kind, variables) == expected)
    }

    @Test func `a name that is none is told with its setting`() {
        #expect(words(.docker, ["PLUGIN_REPO": "A/b"]).hasPrefix("PLUGIN_REPO: "))
    }

    @Test func `tags of an image that has no names are not looked at`() throws {
        _ = try settings(["PLUGIN_NO_PUSH": "true", "PLUGIN_TAGS": "1+x"])
    }

    @Test func `a Dockerfile that is nowhere is told by its absolute path`() throws {
        let variables = ["PLUGIN_REPO": "a", "PLUGIN_DOCKERFILE": "docker/../Other", "PLUGIN_CONTEXT": "app"]
        #expect(words(.docker, variables) == "dockerfile does not exist at path: \(scratch["Other"])")
        try scratch.write("app/Other")
        _ = try settings(variables.merging(["PLUGIN_DOCKERFILE": "Other"]) { $1 })
        try scratch.write("app/sub/Third")
        let below = ["PLUGIN_DOCKERFILE": "Third", "PLUGIN_CONTEXT_SUB_PATH": "sub"]
        _ = try settings(variables.merging(below) { $1 })
        _ = try settings(variables.merging(["PLUGIN_DOCKERFILE": "\(scratch["Dockerfile"])"]) { $1 })
        _ = try settings(variables.merging(["PLUGIN_DOCKERFILE": "https://example.com/Dockerfile"]) { $1 })
    }

    @Test(
        "what means nothing is noted in one line",
        arguments: [
            (PluginKind.acr, "PLUGIN_CREATE_REPOSITORY", "true", 1),
            (.docker, "PLUGIN_LIFECYCLE_POLICY", "f", 1),
            (.ecr, "PLUGIN_CREATE_REPOSITORY", "true", 0), (.docker, "PLUGIN_CACHE_REPO", "a/cache", 1),
            (.docker, "ARTIFACTORY_OIDC_PROVIDER_NAME", "p", 1), (.docker, "PLUGIN_TARGET", "t", 0),
        ])
    func notes(kind: PluginKind, name: String, value: String, count: Int) throws {
        let notes = try settings(
            kind, ["PLUGIN_REPO": "a", "PLUGIN_REGISTRY": "r.example.com", name: value]
        ).notes
        #expect(notes.count == count)
        #expect(notes.allSatisfy { $0.hasPrefix("\(name): ") && !$0.contains("\n") })
    }
}
