import Testing

@testable import Build

struct ExecutorArgumentsTests {
    private static func parse(_ words: String...) throws -> ExecutorArguments {
        try ExecutorArguments(parsing: words.map { Array($0.utf8) })
    }

    /// All flags of Kaniko 1.24.0, of the fork's 1.28.3, and their former names.
    private static let names = """
        verbosity log-format log-timestamp force dockerfile context context-sub-path bucket destination snapshot-mode
        single-snapshot use-new-run custom-platform build-arg target label annotation image-format compression
        compression-level reproducible cache cache-repo cache-dir cache-ttl cache-copy-layers cache-run-layers
        compressed-caching no-push-cache no-push tar-path oci-layout-path digest-file image-name-with-digest-file
        image-name-tag-with-digest-file push-retry image-download-retry image-fs-extract-retry
        push-ignore-immutable-tag-errors skip-push-permission-check insecure insecure-pull skip-tls-verify
        skip-tls-verify-pull insecure-registry skip-tls-verify-registry registry-certificate registry-client-cert
        registry-map registry-mirror skip-default-registry-fallback credential-helpers git ignore-path ignore-var-run
        kaniko-dir cleanup pre-cleanup preserve-context materialize secret dryrun skip-unused-stages
        force-build-metadata snapshotMode customPlatform tarPath whitelist-var-run
        """.split { $0.isWhitespace }.map(String.init)

    @Test func `no flag of Kaniko's or its fork's is missing, and there is no other`() {
        for name in Self.names { #expect(ExecutorFlag.named(name) != nil, "--\(name)") }
        let former = Set(ExecutorFlag.formerNames.keys)
        #expect(Set(ExecutorFlag.all.map(\.name)).union(former) == Set(Self.names))
        #expect(ExecutorFlag.all.count + former.count == Self.names.count)
    }

    @Test(arguments: [
        ["--destination=a/b:1"], ["--destination", "a/b:1"], ["-d", "a/b:1"], ["-d=a/b:1"], ["-da/b:1"],
    ]) func `a value stands behind its flag in each way`(words: [String]) throws {
        let arguments = try ExecutorArguments(parsing: words.map { Array($0.utf8) })
        #expect(try arguments.texts("destination") == ["a/b:1"])
    }

    @Test func `what may stand often is kept in order, of the rest the last counts`() throws {
        let arguments = try Self.parse("-d", "a:1", "--target", "x", "-d", "b:1", "--target=y", "--no-push")
        #expect(try arguments.texts("destination") == ["a:1", "b:1"])
        #expect(try arguments.text("target") == "y")
        #expect(arguments.given.map(\.name) == ["destination", "target", "no-push"])
    }

    @Test(arguments: [
        ("--cache", true), ("--cache=true", true), ("--cache=1", true), ("--cache=T", true),
        ("--cache=false", false),
        ("--cache=0", false), ("--cache=F", false),
    ]) func `a flag is on or off as Go reads it`(word: String, isOn: Bool) throws {
        #expect(try Self.parse(word).isOn("cache") == isOn)
    }

    @Test func `a flag that is on or off takes no further argument`() {
        #expect(throws: BuildError.self) { try Self.parse("--cache", "false") }
    }

    @Test func `what was not given has Kaniko's default`() throws {
        let arguments = try Self.parse()
        #expect(!arguments.isOn("cache") && arguments.isOn("cache-run-layers"))
        #expect(arguments.isOn("compressed-caching") && arguments.isOn("ignore-var-run"))
    }

    @Test func `former names are the flags' own`() throws {
        let arguments = try Self.parse("--tarPath", "a.tar", "--customPlatform=linux/arm64")
        #expect(arguments.bytes("tar-path") == Array("a.tar".utf8))
        #expect(try arguments.text("custom-platform") == "linux/arm64")
    }

    @Test func `a path is bytes, a text is not`() throws {
        let path = Array("--tar-path=/a/".utf8) + [0xFF]
        let arguments = try ExecutorArguments(parsing: [path, Array("--target=".utf8) + [0xFF]])
        #expect(arguments.bytes("tar-path") == Array("/a/".utf8) + [0xFF])
        #expect(throws: BuildError.usage("--target", "\\xff is no text")) { try arguments.text("target") }
    }

    @Test(arguments: [
        (["--destinaton=x"], "did you mean --destination?"), (["--frobnicate"], "no such flag"),
        (["-x"], "no such flag"), (["--context"], "a value is missing"), (["/workspace"], "takes flags only"),
        (["--cache=maybe"], "neither true nor false"), (["--push-retry=many"], "no number"),
        (["--cache-ttl=2w"], "no time"),
    ]) func `what cannot be read is told`(words: [String], saying text: String) {
        let error = #expect(throws: BuildError.self) {
            try ExecutorArguments(parsing: words.map { Array($0.utf8) })
        }
        #expect(error.map { "\($0)".contains(text) } ?? false, "\(String(describing: error))")
        #expect(error.map { ErrorClass(of: $0) } == .usage)
    }

    @Test(arguments: [
        ("336h", Int64(1_209_600)), ("1h30m", 5400), ("90m", 5400), ("1.5h", 5400), ("0", 0),
        ("2h0m10s", 7210),
        ("1500ms", 1),
    ]) func `a time is Go's`(text: String, seconds: Int64) {
        #expect(ExecutorArguments.seconds(text) == seconds)
    }

    @Test(arguments: ["", "1", "h", "1d", "1h2", "-", "1.h.m", "٣h"])
    func `what is no time is none`(text: String) { #expect(ExecutorArguments.seconds(text) == nil) }
}
