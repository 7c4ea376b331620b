import ArgumentParser
import Build
import Linux
import OCI
import SystemPackage

struct CacheCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cache",
        abstract: "Shows, fills and clears the local cache of layers that varve build keeps.",
        subcommands: [CacheListCommand.self, CacheWarmCommand.self, CachePruneCommand.self])
}

/// Which cache.
struct CachePlaceFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The cache; $VARVE_CACHE_DIR, or varve in $XDG_CACHE_HOME or ~/.cache by default.",
            valueName: "directory"))
    var cacheDir: PathArgument?

    func contents() throws -> CacheContents { try CacheContents(cacheDir?.path) }
}

struct CacheListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Prints the cached layers, the one that was used last first.")

    @OptionGroup var place: CachePlaceFlags

    @Flag(help: "One JSON object a line.")
    var json = false

    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        let console = Console(messages)
        let contents = try place.contents()
        let records = try contents.records()
        let output = ResultStream(console)
        for record in records {
            try output.write(json ? String(decoding: record.json.serialized(), as: UTF8.self) : line(record))
            try output.write("\n")
        }
        try output.flush()
        let size = Quantity.bytes(try contents.size())
        console.say("\(Quantity.count(records.count, "layer")); the cache takes \(size)")
    }

    /// Key, size, last use, platform and instruction; what a Dockerfile says is escaped.
    private func line(_ record: CacheRecord) -> String {
        func column(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(1, width - text.count))
        }
        let time = Timestamp(seconds: record.lastUsed).map { "\($0)" } ?? "-"
        return column(String(record.key.hex.prefix(12)), 14) + column(Quantity.bytes(record.size), 10)
            + column(time, 22) + column(escaped(record.platform.utf8), 14) + escaped(record.instruction.utf8)
    }
}

struct CachePruneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Removes what was not used for longest, and says how much that was.",
        discussion: "Waits for builds that use the cache. Without flags it keeps 10 GiB, as a build does.")

    @OptionGroup var place: CachePlaceFlags

    @Option(help: ArgumentHelp("How much may stay, such as 5GB.", valueName: "size"))
    var keepSize: TextArgument?

    @Option(help: ArgumentHelp("Remove what nobody used for so long: 7d, 12h.", valueName: "age"))
    var olderThan: TextArgument?

    @Flag(help: "Remove everything.")
    var all = false

    @OptionGroup(title: "Messages") var messages: OutputOptions

    func validate() throws {
        if all, keepSize != nil || olderThan != nil {
            throw ValidationError("--all keeps nothing; leave --keep-size and --older-than out")
        }
    }

    func run() throws {
        let console = Console(messages)
        var size = olderThan == nil ? CacheSettings.defaultSize : Int64.max
        if let keepSize { size = try StorageSize(parsing: keepSize.text, of: "--keep-size").bytes }
        if all { size = -1 }
        let age = try olderThan.map { try CacheSettings.age($0.text, of: "--older-than") }
        // Programs may have given files there to users whom only the namespace of a build knows.
        _ = try? OwnNamespaces.enter()
        let freed = try place.contents().prune(keeping: size, olderThan: age)
        console.sayResult("removed \(Quantity.count(freed.files, "file")), \(Quantity.bytes(freed.bytes))")
    }
}
