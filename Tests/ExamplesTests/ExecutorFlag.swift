/// A flag that Kaniko's executor takes: of Google's v1.24.0, or of the fork osscontainertools/kaniko 1.28 alone.
///
/// Source: both programs' `--help`, and their names for flags that were renamed.
struct ExecutorFlag: Sendable, CustomStringConvertible {
    /// The name behind the dashes.
    let name: String
    /// Whether a value follows it; else it is a truth value, which can stand behind `=` alone.
    let takesValue: Bool

    var description: String { "--\(name)" }

    private static func values(_ names: String) -> [ExecutorFlag] {
        names.split { $0 == " " || $0 == "\n" }.map { ExecutorFlag(name: String($0), takesValue: true) }
    }

    private static func flags(_ names: String) -> [ExecutorFlag] {
        names.split { $0 == " " || $0 == "\n" }.map { ExecutorFlag(name: String($0), takesValue: false) }
    }

    /// All of Kaniko's.
    static let all =
        values(
            """
            annotation bucket build-arg cache-dir cache-repo cache-ttl compression compression-level context
            context-sub-path credential-helpers custom-platform customPlatform destination digest-file dockerfile git
            ignore-path image-download-retry image-format image-fs-extract-retry image-name-tag-with-digest-file
            image-name-with-digest-file insecure-registry kaniko-dir label log-format oci-layout-path push-retry
            registry-certificate registry-client-cert registry-map registry-mirror secret skip-tls-verify-registry
            snapshot-mode snapshotMode tar-path tarPath target verbosity
            """)
        + flags(
            """
            cache cache-copy-layers cache-run-layers cleanup compressed-caching dryrun force force-build-metadata
            ignore-var-run insecure insecure-pull log-timestamp materialize no-push no-push-cache pre-cleanup
            preserve-context push-ignore-immutable-tag-errors reproducible single-snapshot
            skip-default-registry-fallback skip-push-permission-check skip-tls-verify skip-tls-verify-pull
            skip-unused-stages use-new-run whitelist-var-run
            """)

    /// What varve's executor has beyond them.
    static let own = values("ci-output")

    /// The words of a command line that the executor would not understand.
    static func misunderstood(_ words: [String]) -> [String] {
        var (found, rest): ([String], ArraySlice<String>) = ([], words.dropFirst())
        while let word = rest.popFirst() {
            let parts = word.split(separator: "=", maxSplits: 1)
            guard word.hasPrefix("--"), let flag = (all + own).first(where: { "--\($0.name)" == parts[0] })
            else {
                found.append(word)
                continue
            }
            if flag.takesValue, parts.count == 1, rest.popFirst() == nil { found.append(word) }
        }
        return found
    }
}
