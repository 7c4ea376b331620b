import ArgumentParser
import Build

/// Where layers are cached, and whose are believed.
struct CacheFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The local cache; $VARVE_CACHE_DIR, or varve in $XDG_CACHE_HOME or ~/.cache by default.",
            valueName: "directory"))
    var cacheDir: PathArgument?

    @Flag(help: "Take nothing from a cache; what is built goes into it.")
    var noCache = false

    @Option(help: ArgumentHelp("How large the local cache may be; 10GiB by default.", valueName: "size"))
    var cacheSize: TextArgument?

    @Option(
        help: ArgumentHelp(
            "Look for layers in this repository, too, such as registry.example.com/team/cache.",
            valueName: "repository"))
    var cacheFrom: [TextArgument] = []

    @Option(help: ArgumentHelp("Send what is built to this repository.", valueName: "repository"))
    var cacheTo: [TextArgument] = []

    @Option(help: ArgumentHelp("Sign what goes to --cache-to.", valueName: "key"))
    var cacheSignKey: PathArgument?

    @Option(help: ArgumentHelp("Believe only what this public key signed.", valueName: "key"))
    var cacheTrustKey: [PathArgument] = []

    @Flag(help: "Write nothing into any cache.")
    var cacheReadOnly = false

    func validate() throws {
        if cacheReadOnly, !cacheTo.isEmpty {
            throw ValidationError("--cache-read-only and --cache-to exclude each other")
        }
    }

    /// The settings; no key is read yet.
    func settings() throws -> CacheSettings {
        var settings = CacheSettings()
        settings.directory = cacheDir?.path
        (settings.isRead, settings.isWritten) = (!noCache, !cacheReadOnly)
        if let cacheSize {
            settings.size = try StorageSize(parsing: cacheSize.text, of: "--cache-size").bytes
        }
        (settings.sources, settings.destinations) = (cacheFrom.map(\.text), cacheTo.map(\.text))
        settings.signKey = cacheSignKey.map { .key($0.bytes) }
        settings.trustKeys = cacheTrustKey.map(\.bytes)
        return settings
    }
}
