import Testing

@testable import Build

@Suite struct TagExpansionTests {
    @Test(
        "a version has its shorter forms for tags, and everything else is its own",
        arguments: [
            ("v1.2.3", ["1", "1.2", "1.2.3"]), ("1.2.3", ["1", "1.2", "1.2.3"]),
            ("v1.2", ["1", "1.2", "1.2.0"]), ("v1", ["1", "1.0", "1.0.0"]),
            ("v1.2.3+build-info", ["1+build-info", "1.2+build-info", "1.2.3+build-info"]),
            ("v1.2.3+linux_amd64", ["1+linux-amd64", "1.2+linux-amd64", "1.2.3+linux-amd64"]),
            ("v1.2.3-rc1", ["1.2.3-rc1"]), ("v1.2.3-rc1+bld", ["1.2.3-rc1+bld"]), ("v1+bld", ["v1+bld"]),
            ("latest", ["latest"]), ("0.4.0", ["0", "0.4", "0.4.0"]), ("my_branch", ["my_branch"]),
            ("1.02.3", ["1.02.3"]), ("vv1.2.3", ["vv1.2.3"]), ("1.2.3.4", ["1.2.3.4"]),
            ("1.2.3-", ["1.2.3-"]),
            ("1.2.3-01", ["1.2.3-01"]), ("1..3", ["1..3"]), ("", [""]), ("v", ["v"]),
            ("1.2.3-a.b", ["1.2.3-a.b"]), ("1.2.3+", ["1.2.3+"]), ("1.2.3-ä", ["1.2.3-ä"]),
            ("20240131", ["20240131", "20240131.0", "20240131.0.0"]),
        ] as [(String, [String])])
    func expansion(tag: String, expected: [String]) { #expect(TagExpansion.tags(of: tag) == expected) }
}

@Suite struct AutomaticTagsTests {
    private func tags(
        _ reference: String, suffix: String = "", branch: String = "master", given: [String] = []
    )
        throws(PluginError) -> [String]
    {
        try AutomaticTags(reference: reference, branch: branch, suffix: suffix).tags(given: given)
    }

    @Test(
        "a tag that is a version has its shorter forms, and the default branch is the latest",
        arguments: [
            ("refs/heads/master", "", ["latest"]), ("refs/tags/0.9.0", "", ["0.9", "0.9.0"]),
            ("refs/tags/1.0.0", "", ["1", "1.0", "1.0.0"]), ("refs/tags/v1.0.0", "", ["1", "1.0", "1.0.0"]),
            ("refs/tags/v1.0.0-alpha.1", "", ["1.0.0-alpha.1"]),
            ("refs/tags/v1.0.0-beta.1", "", ["1.0.0-beta.1"]),
            ("refs/heads/master", "linux-amd64", ["linux-amd64"]),
            ("refs/tags/v1.0.0", "linux-amd64", ["1-linux-amd64", "1.0-linux-amd64", "1.0.0-linux-amd64"]),
            ("refs/tags/v1.9.2", "nanoserver", ["1-nanoserver", "1.9-nanoserver", "1.9.2-nanoserver"]),
            (
                "refs/tags/v18.06.0", "nanoserver",
                ["18-nanoserver", "18.06-nanoserver", "18.06.0-nanoserver"]
            ),
            ("refs/tags/v0.06.0", "", ["0.06", "0.06.0"]), ("master", "", ["latest"]),
        ] as [(String, String, [String])])
    func tags(reference: String, suffix: String, expected: [String]) throws {
        #expect(try tags(reference, suffix: suffix) == expected)
    }

    @Test(arguments: ["", "linux-amd64", "nanoserver"])
    func `a commit that nobody named is the latest of a branch that nobody named`(suffix: String) throws {
        #expect(try tags("", suffix: suffix, branch: "") == [suffix.isEmpty ? "latest" : suffix])
    }

    @Test(
        "a tag that is no version is not built",
        arguments: ["x1.0.0", "20190203", "v1.0", "1.0.0.0", "99999999999999999999.0.0", ""])
    func versions(tag: String) {
        let error = #expect(throws: PluginError.self) { try tags("refs/tags/\(tag)") }
        #expect(
            error?.description
                == "Invalid semantic version when auto detecting the tag. Skipping automated docker build for refs/tags/\(tag)."
        )
    }

    @Test func `another branch is not built`() {
        let error = #expect(throws: PluginError.self) { try tags("refs/heads/develop") }
        #expect(
            error?.description
                == "Could not auto detect the tag. Skipping automated docker build for commit refs/heads/develop"
        )
        #expect(error.map { ErrorClass(of: $0) } == .input)
    }

    @Test(
        "tags of the user's own do not go with automatic ones",
        arguments: ["refs/tags/v1.0.0", "refs/heads/master", "refs/heads/develop"])
    func given(reference: String) throws {
        let error = #expect(throws: PluginError.self) { try tags(reference, given: ["v1", "b"]) }
        #expect(error?.description == "The auto-tag flag does not work with user provided tags [v1 b]")
        #expect(try tags("refs/tags/v2.0.0", given: ["latest"]) == ["2", "2.0", "2.0.0"])
    }
}
