import ArgumentParser
import Build

/// What images that others made may hold.
struct LimitFlags: ParsableArguments {
    @Option(help: ArgumentHelp("The most bytes of one layer; 256 GiB by default.", valueName: "bytes"))
    var maxBytes: Int64?

    @Option(
        help: ArgumentHelp(
            "How many times its stored size a layer may have, beyond 1 GiB; 1000 by default.",
            valueName: "times"))
    var maxRatio: Int?

    @Option(help: ArgumentHelp("The most entries of an image; 2000000 by default.", valueName: "number"))
    var maxEntries: Int?

    @Option(help: ArgumentHelp("The longest path of an entry; 4096 by default.", valueName: "bytes"))
    var maxPath: Int?

    @Option(
        help: ArgumentHelp("The largest zstd window, 2 to this power; 27 by default.", valueName: "power"))
    var zstdWindow: Int?

    var settings: LimitSettings {
        var settings = LimitSettings()
        settings.bytes = maxBytes
        settings.ratio = maxRatio
        settings.entries = maxEntries
        settings.pathLength = maxPath
        settings.zstdWindow = zstdWindow
        return settings
    }
}
