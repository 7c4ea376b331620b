import ArgumentParser
import Build

/// Which part of an image is copied, and how.
struct CopyFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Of an index which image; this machine's by default.", valueName: "os/architecture"))
    var platform: TextArgument?

    @Flag(help: "The index, and all its images.")
    var allPlatforms = false

    @OptionGroup var transfer: TransferFlags

    var messages: OutputOptions { transfer.messages }

    func validate() throws {
        guard platform == nil || !allPlatforms else {
            throw ValidationError("give either --platform or --all-platforms")
        }
    }

    func fill(_ request: inout CopyRequest) throws {
        request.platforms = allPlatforms ? .all : .one(platform?.text)
        try transfer.fill(&request)
    }
}

/// What every way to copy an image has.
struct TransferFlags: ParsableArguments {
    @Flag(name: .customLong("no-attachments"), help: "Leave attestations and signatures where they are.")
    var hasNoAttachments = false

    @OptionGroup(title: "Registry") var registry: RegistryFlags
    @OptionGroup(title: "Messages") var messages: OutputOptions

    func fill(_ request: inout CopyRequest) throws {
        request.hasAttachments = !hasNoAttachments
        request.distribution = try registry.settings()
    }
}
