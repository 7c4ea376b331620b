/// A flag of Kaniko's executor.
///
/// Source: Kaniko v1.24.0 and v1.28.3 of its fork, README, "Additional Flags".
struct ExecutorFlag: Sendable {
    /// What follows its name.
    enum Form: Equatable, Sendable {
        case text
        case list
        case number
        /// Such as `336h`.
        case duration
        /// Nothing, or `=true` or `=false`; and what holds without it.
        case toggle(Bool)
    }

    let name: String
    let letter: Character?
    let form: Form
    /// What varve does in place of what the flag asks for; `nil` where it does that.
    let reason: String?

    private init(_ name: String, _ letter: Character? = nil, _ form: Form = .text, _ reason: String? = nil) {
        (self.name, self.letter, self.form, self.reason) = (name, letter, form, reason)
    }

    /// The flag of a name, or of an elder one.
    static func named(_ name: String) -> ExecutorFlag? {
        let current = formerNames[name] ?? name
        return (all + own).first { $0.name == current }
    }

    /// The flag of a letter.
    static func lettered(_ letter: Character) -> ExecutorFlag? { all.first { $0.letter == letter } }

    /// Names that Kaniko calls deprecated.
    static let formerNames = [
        "snapshotMode": "snapshot-mode", "customPlatform": "custom-platform", "tarPath": "tar-path",
        "whitelist-var-run": "ignore-var-run",
    ]

    /// What varve has beside them.
    static let own = [ExecutorFlag("ci-output")]

    /// All of them.
    static let all = source + outputs + registries + caching + programs + messages

    private static let source = [
        ExecutorFlag("context", "c"), ExecutorFlag("context-sub-path"), ExecutorFlag("bucket", "b"),
        ExecutorFlag("dockerfile", "f"), ExecutorFlag("git"), ExecutorFlag("build-arg", nil, .list),
        ExecutorFlag("target"), ExecutorFlag("custom-platform"), ExecutorFlag("label", nil, .list),
        ExecutorFlag("annotation", nil, .list), ExecutorFlag("secret", nil, .list),
        ExecutorFlag("ignore-path", nil, .list),
        ExecutorFlag(
            "skip-unused-stages", nil, .toggle(false), "only the stages that the target needs are ever built"),
        ExecutorFlag("dryrun", nil, .toggle(false)),
    ]

    private static let outputs = [
        ExecutorFlag("destination", "d", .list), ExecutorFlag("no-push", nil, .toggle(false)),
        ExecutorFlag("tar-path"), ExecutorFlag("oci-layout-path"), ExecutorFlag("digest-file"),
        ExecutorFlag("image-name-with-digest-file"), ExecutorFlag("image-name-tag-with-digest-file"),
        ExecutorFlag("compression"), ExecutorFlag("compression-level", nil, .number),
        ExecutorFlag("image-format"), ExecutorFlag("reproducible", nil, .toggle(false)),
        ExecutorFlag(
            "single-snapshot", nil, .toggle(false),
            "each instruction keeps a layer of its own, which the cache and registries know again"),
        ExecutorFlag(
            "force-build-metadata", nil, .toggle(false),
            "instructions that change no file are in the history, and need no layer"),
    ]

    private static let registries = [
        ExecutorFlag("insecure", nil, .toggle(false)), ExecutorFlag("insecure-pull", nil, .toggle(false)),
        ExecutorFlag("skip-tls-verify", nil, .toggle(false)),
        ExecutorFlag("skip-tls-verify-pull", nil, .toggle(false)),
        ExecutorFlag("insecure-registry", nil, .list), ExecutorFlag("skip-tls-verify-registry", nil, .list),
        ExecutorFlag("registry-certificate", nil, .list), ExecutorFlag("registry-client-cert", nil, .list),
        ExecutorFlag("registry-map", nil, .list), ExecutorFlag("registry-mirror", nil, .list),
        ExecutorFlag("skip-default-registry-fallback", nil, .toggle(false)),
        ExecutorFlag("push-retry", nil, .number), ExecutorFlag("image-download-retry", nil, .number),
        ExecutorFlag("push-ignore-immutable-tag-errors", nil, .toggle(false)),
        ExecutorFlag(
            "image-fs-extract-retry", nil, .number,
            "what breaks off while it is fetched goes on where it was, and what is on the disk is extracted once"
        ),
        ExecutorFlag(
            "skip-push-permission-check", nil, .toggle(false),
            "who may not push hears it before the build; it costs one request"),
        ExecutorFlag(
            "credential-helpers", nil, .list,
            "logins are those of config.json and the programs that it names, and of variables"),
    ]

    private static let caching = [
        ExecutorFlag("cache", nil, .toggle(false)), ExecutorFlag("cache-repo"), ExecutorFlag("cache-dir"),
        ExecutorFlag("cache-ttl", nil, .duration), ExecutorFlag("cache-run-layers", nil, .toggle(true)),
        ExecutorFlag("no-push-cache", nil, .toggle(false)),
        ExecutorFlag(
            "cache-copy-layers", nil, .toggle(false),
            "with --cache the layers of COPY and ADD are always cached"),
        ExecutorFlag("compressed-caching", nil, .toggle(true), "no layer is kept in memory"),
    ]

    private static let programs = [
        ExecutorFlag("force", nil, .toggle(false)),
        ExecutorFlag(
            "snapshot-mode", nil, .text, "every change is found, at a cost that follows the change"),
        ExecutorFlag(
            "use-new-run", nil, .toggle(false), "every change is found, at a cost that follows the change"),
        ExecutorFlag(
            "ignore-var-run", nil, .toggle(true),
            "nothing of the container's is mounted below a program's /var/run, so it is as the image has it"),
        ExecutorFlag(
            "kaniko-dir", nil, .text,
            "temporary files are in $TMPDIR or /var/tmp, and those of the cache in --cache-dir"),
        ExecutorFlag("cleanup", nil, .toggle(false), "what a build made is always removed at its end"),
        ExecutorFlag("pre-cleanup", nil, .toggle(false), "nothing of the container's is in an image"),
        ExecutorFlag("preserve-context", nil, .toggle(false), "no build changes its context"),
        ExecutorFlag(
            "materialize", nil, .toggle(false), "the image is not left in /; varve unpack makes its files"),
    ]

    private static let messages = [
        ExecutorFlag("verbosity", "v"), ExecutorFlag("log-format"),
        ExecutorFlag(
            "log-timestamp", nil, .toggle(false), "each system of continuous integration stamps its log"),
    ]
}
