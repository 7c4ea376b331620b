import ArgumentParser
import Build

/// How the images are read.
struct ReadingFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Of an image for several platforms, which; this machine's by default.",
            valueName: "os/architecture"))
    var platform: TextArgument?

    @Option(name: .shortAndLong, help: "Threads that decompress. All processors by default, 16 at most.")
    var jobs: Int?

    @OptionGroup(title: "Limits") var limits: LimitFlags
    @OptionGroup(title: "Registry") var registry: RegistryFlags

    func settings() throws -> ReadingSettings {
        var settings = ReadingSettings()
        settings.distribution = try registry.settings()
        settings.platform = platform?.text
        settings.jobs = jobs
        settings.limits = limits.settings
        return settings
    }
}
