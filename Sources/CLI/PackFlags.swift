import ArgumentParser
import Build

/// How layers are stored.
struct LayerFlags: ParsableArguments {
    @Option(help: "gzip, zstd or none.")
    var compression = "gzip"

    @Option(
        help: ArgumentHelp(
            "gzip: 1 to 12, 2 by default, or fastest, whose bytes differ between processors; zstd: 1 to 19, 3 by default.",
            valueName: "level"))
    var compressionLevel: String?

    @Option(
        name: .shortAndLong,
        help: "Threads that compress; they change no byte. All processors by default, 16 at most.")
    var jobs: Int?

    @Option(
        help: ArgumentHelp(
            "Set later file times back to this; SOURCE_DATE_EPOCH by default.", valueName: "seconds"))
    var sourceDateEpoch: String?

    var settings: LayerSettings {
        var settings = LayerSettings()
        settings.compression = compression
        settings.compressionLevel = compressionLevel
        settings.jobs = jobs
        settings.sourceDateEpoch = sourceDateEpoch
        return settings
    }
}

/// How a tree becomes a layer.
struct TreeFlags: ParsableArguments {
    @OptionGroup var layer: LayerFlags

    @Option(help: ArgumentHelp("The owner of every file.", valueName: "uid:gid"))
    var owner: String?

    @Flag(help: "Keep a plain user's own files as that user's; they become 0:0 otherwise.")
    var keepOwner = false

    @Option(
        help: ArgumentHelp(
            "An mtree file, as varve unpack writes one: owners, modes, times, devices that are not on disk.",
            valueName: "file"))
    var owners: PathArgument?

    @Option(
        help: ArgumentHelp(
            "Leave out what matches: a name at any depth, or with a / the path from the root. * ? [] **.",
            valueName: "pattern"))
    var exclude: [PathArgument] = []

    @Option(
        help: ArgumentHelp(
            "Keep further extended attributes; always kept are user.*, file capabilities and POSIX ACLs.",
            valueName: "pattern"))
    var xattr: [TextArgument] = []

    @Flag(help: "Give the root directory itself an entry in the layer.")
    var rootEntry = false

    func fill(_ request: inout PackRequest) {
        request.layer = layer.settings
        request.owner = owner
        request.owners = owners?.path
        request.keepsOwners = keepOwner
        request.exclusions = exclude.map(\.path)
        request.attributes = xattr.map(\.text)
        request.hasRootEntry = rootEntry
    }
}

struct ImageFlags: ParsableArguments {
    @Option(help: #"A JSON array such as '["/usr/bin/app"]', or a command line for /bin/sh."#)
    var entrypoint: TextArgument?

    @Option(help: "The command or the entry point's arguments, written like --entrypoint.")
    var cmd: TextArgument?

    @Option(name: .shortAndLong, help: ArgumentHelp("An environment variable.", valueName: "name=value"))
    var env: [TextArgument] = []

    @Option(name: .shortAndLong, help: ArgumentHelp("A label.", valueName: "name=value"))
    var label: [TextArgument] = []

    @Option(help: ArgumentHelp("An annotation of the manifest.", valueName: "name=value"))
    var annotation: [TextArgument] = []

    @Option(name: .shortAndLong, help: "The user, as user, uid, user:group or uid:gid.")
    var user: TextArgument?

    @Option(
        name: [.long, .customLong("workdir")],
        help: ArgumentHelp("Where the command starts.", valueName: "dir"))
    var workingdir: TextArgument?

    @Option(
        name: [.customShort("p"), .long, .customLong("expose")],
        help: "A port, such as 8080, 53/udp or 8000-8010.")
    var port: [TextArgument] = []

    @Option(name: .shortAndLong, help: ArgumentHelp("A volume's directory.", valueName: "dir"))
    var volume: [TextArgument] = []

    @Option(help: ArgumentHelp("The signal that stops the container.", valueName: "signal"))
    var stopSignal: TextArgument?

    @Option(help: "Who made the image.")
    var author: TextArgument?

    @Option(help: "The platform, such as linux/arm64; the base's or this machine's by default.")
    var platform: TextArgument?

    func fill(_ image: inout ImageSettings) {
        image.entrypoint = entrypoint?.text
        image.command = cmd?.text
        image.environment = env.map(\.text)
        image.labels = label.map(\.text)
        image.annotations = annotation.map(\.text)
        image.user = user?.text
        image.workingDirectory = workingdir?.text
        image.ports = port.map(\.text)
        image.volumes = volume.map(\.text)
        image.stopSignal = stopSignal?.text
        image.author = author?.text
        image.platform = platform?.text
    }
}

struct ProvenanceFlags: ParsableArguments {
    @Option(
        name: .customLong("provenance"),
        help: ArgumentHelp(
            "The statement's file; DIR.provenance/DIGEST.json and FILE.provenance.json by default.",
            valueName: "file"))
    var file: PathArgument?

    @Flag(help: "Write no provenance.")
    var noProvenance = false

    @OptionGroup var platform: PlatformFlags

    @Option(
        help: ArgumentHelp(
            "Sign the provenance with this private key: a file or env://NAME. It goes to DIR.provenance/DIGEST.intoto.jsonl and FILE.intoto.jsonl then.",
            valueName: "key"))
    var signKey: PathArgument?

    @Flag(help: "Write the run's metadata in Harness' old spelling as well.")
    var harnessCompat = false

    func validate() throws {
        if file != nil, noProvenance { throw ValidationError("--provenance contradicts --no-provenance") }
        if signKey != nil, noProvenance { throw ValidationError("--sign-key contradicts --no-provenance") }
    }

    var settings: ProvenanceSettings {
        var settings = ProvenanceSettings()
        if let file { settings.destination = .file(file.path) }
        if noProvenance { settings.destination = .none }
        platform.fill(&settings)
        settings.key = signKey.map { .key($0.bytes) }
        settings.isHarnessCompatible = harnessCompat
        return settings
    }
}

/// What only the platform knows of a build.
struct PlatformFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The sources, such as git+https://example.com/app@refs/heads/main.", valueName: "url"))
    var source: TextArgument?

    @Option(help: ArgumentHelp("The commit of the sources.", valueName: "hex"))
    var commit: TextArgument?

    @Option(
        name: .customLong("builder-id"), help: ArgumentHelp("The platform that builds.", valueName: "url"))
    var builderID: TextArgument?

    @Option(help: ArgumentHelp("A part of the pipeline and its version.", valueName: "name=version"))
    var plugin: [TextArgument] = []

    @Option(help: ArgumentHelp("The image of a part of the pipeline.", valueName: "reference"))
    var pluginImage: [TextArgument] = []

    @Option(name: .customLong("invocation-id"), help: ArgumentHelp("What names this run.", valueName: "text"))
    var invocationID: TextArgument?

    func fill(_ settings: inout ProvenanceSettings) {
        settings.source = source?.text
        settings.commit = commit?.text
        settings.builderID = builderID?.text
        settings.plugins = plugin.map(\.text)
        settings.pluginImages = pluginImage.map(\.text)
        settings.invocationID = invocationID?.text
    }
}

struct ResultFlags: ParsableArguments {
    @Option(help: ArgumentHelp("Write the manifest digest to a file, without a newline.", valueName: "file"))
    var digestFile: PathArgument?

    @Option(
        name: .customLong("image-name-with-digest-file"),
        help: ArgumentHelp("Write NAME@DIGEST to a file.", valueName: "file"))
    var imageNameFile: PathArgument?

    @Option(help: ArgumentHelp("Write digests and names to a file, as JSON.", valueName: "file"))
    var metadataFile: PathArgument?

    @Option(
        help: ArgumentHelp(
            "Tell the CI system: auto, drone, github, gitlab[=file], tekton[=directory] or azure.",
            valueName: "system"))
    var ciOutput: PathArgument?

    @Option(
        help: ArgumentHelp(
            "The image's time: now, RFC 3339 or seconds; the newest file's by default.", valueName: "time"))
    var created: TextArgument?

    var paths: ResultPaths {
        var paths = ResultPaths()
        (paths.digest, paths.imageName, paths.metadata) = (
            digestFile?.path, imageNameFile?.path, metadataFile?.path
        )
        return paths
    }
}
