import Glibc
import OCI
import SystemPackage
import TestSupport
import Testing

/// What `make dist` makes of a built program.
struct ReleaseTests {
    private static let key = "VARVE_SIGN_KEY"
    private let scratch: Scratch

    /// A program that is varve and small, and two keys.
    init() throws {
        scratch = try Scratch()
        try Requirement.program("python3")
        try scratch.write("varve", "#!/bin/sh\nexec \(Command.varvePath) \"$@\"\n")
        chmod(scratch["varve"].string, 0o755)
        for name in ["release", "other"] {
            try Command.varve("key", "generate", "--output-prefix", name).with("COSIGN_PASSWORD", "secret")
                .at(scratch.path).succeed()
        }
    }

    /// Makes a release, and gives the tarball.
    private func release(into directory: String) throws -> FilePath {
        let tests = FilePath(#filePath).removingLastComponent().removingLastComponent()
        let script = tests.removingLastComponent().appending("dist").appending("release.sh")
        guard access(script.string, X_OK) == 0 else { try Test.cancel("this user may not run \(script)") }
        let outcome = try Command([script.string, scratch["varve"].string, scratch[directory].string])
            .with(Self.key, text(of: scratch["release.key"])).with("COSIGN_PASSWORD", "secret")
            .with("SOURCE_DATE_EPOCH", "1700000000").with(
                "VARVE_BUILDER_ID", "https://ci.example.com/release"
            )
            .succeed()
        let files = outcome.text.split(separator: "\n").map { FilePath(String($0)) }
        #expect(files.count == 4)
        return try #require(files.first)
    }

    @Test func `a release has the program, its pages and completions, and says who made it of what`() throws {
        let tarball = try release(into: "dist")
        let version = try Command.varve("--version").succeed().text.prefix { $0 != "\n" }.dropFirst(6)
        let root = "varve-\(version)-linux-"
        #expect(tarball.lastComponent?.string.hasPrefix(root) == true)
        let listing = try Command(["tar", "-tvzf", tarball.string, "--numeric-owner"]).succeed().text
        for member in [
            "bin/varve", "share/man/man1/varve.1", "share/man/man1/varve-key-generate.1",
            "share/bash-completion/completions/varve", "share/zsh/site-functions/_varve",
            "share/fish/vendor_completions.d/varve.fish", "README.md", "LICENSE", "docs/from-kaniko.md",
            "examples/kubernetes/job.yaml",
        ] {
            #expect(listing.split(separator: "\n").contains { $0.hasSuffix("/\(member)") }, "\(member)")
        }
        for line in listing.split(separator: "\n") {
            #expect(line.contains(" 0/0 ") && line.contains("2023-11-14"), "\(line)")
        }

        let place = tarball.removingLastComponent()
        try Command(["sha256sum", "-c", "SHA256SUMS"]).at(place).succeed()
        let verify = Command.varve(
            "verify", tarball.string, "--builder-id", "https://ci.example.com/release",
            "--require-builder-version", "varve=\(version)", "--json")
        let report = try JSONValue(
            parsing: verify.adding("--key", scratch["release.pub"].string).succeed().output)
        let definition = report["attestations"]?.array?.first?["predicate"]?["buildDefinition"]
        #expect(definition?["externalParameters"]?["version"]?.string == String(version))
        #expect(try text(of: place.appending("varve.pub")) == text(of: scratch["release.pub"]))
        #expect(try verify.adding("--key", scratch["other.pub"].string).run().status == 3)
    }

    @Test func `the same program gives the same tarball`() throws {
        let (first, second) = (try release(into: "first"), try release(into: "second"))
        #expect(try content(of: first) == content(of: second))
    }

    @Test func `pages are manual pages, one for each command`() throws {
        try Requirement.program("man")
        let tarball = try release(into: "dist")
        try Command(["tar", "-xzf", tarball.string, "--strip-components=1"]).at(scratch.path).succeed()
        for page in ["varve.1", "varve-build.1", "varve-cache-prune.1"] {
            let path = scratch["share/man/man1"].appending(page)
            let shown = try Command(["man", "--warnings", "-l", path.string]).with("MANWIDTH", "80")
                .with("LC_ALL", "C.UTF-8").succeed()
            #expect(shown.text.contains("EXIT STATUS") && shown.errors.isEmpty, "\(shown.errors)")
        }
        let script = "source share/bash-completion/completions/varve && complete -p varve"
        #expect(try Command(shell: script).at(scratch.path).succeed().text.contains("varve"))
    }
}
