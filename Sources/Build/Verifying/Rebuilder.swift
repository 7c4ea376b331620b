import Compression
import Images
import Linux
import OCI
import Provenance
import SystemPackage

/// Packs a tree as a provenance says that it was packed, and looks whether the image comes out the same.
struct Rebuilder {
    private let settings: RebuildSettings
    private let artifact: Artifact
    private let image: StoredImage
    private let distribution: DistributionSettings?
    private let progress: (Progress) -> Void

    /// - Throws: ``BuildError/usage(_:_:)`` for an artifact that is no image.
    init(
        _ settings: RebuildSettings, _ artifact: Artifact, _ distribution: DistributionSettings?,
        progress: @escaping (Progress) -> Void
    ) throws(BuildError) {
        guard case .image(let image) = artifact.kind else {
            throw .usage("--rebuild", "the artifact is no image")
        }
        (self.settings, self.artifact, self.image) = (settings, artifact, image)
        (self.distribution, self.progress) = (distribution, progress)
    }

    /// Builds again, into a directory beside the artifact that is gone afterwards.
    ///
    /// - Throws: ``BuildError/usage(_:_:)`` for parameters that cannot be had, and what packing throws.
    func rebuild(as statement: ReceivedStatement) throws -> Rebuild {
        let external = statement.predicate["buildDefinition"]?["externalParameters"]
        guard statement.predicate["buildDefinition"]?["buildType"]?.string == ProvenanceAccount.buildType,
            let parameters = external?["parameters"]?.object
        else { throw BuildError.usage("--rebuild", "the provenance is none of varve pack's") }
        // Absolute, for a path may begin with anything, and a location's text ends at a colon.
        let beside = artifact.path.map { Machine.absolute($0.removingLastComponent()) }
        let place = (beside ?? Machine.temporaryDirectory)
            .appending("varve-rebuild-\(artifact.digest.hex.prefix(16))")
        let home = try TemporaryDirectory(for: place)
        let layout = home.directory.path.appending("layout")
        var request = try PackRequest(
            root: settings.root, outputs: [Array("oci:".utf8) + layout.bytes + Array(":again".utf8)])
        request.distribution = distribution
        try fill(&request, parameters)
        request.provenance.destination = ProvenanceSettings.Destination.none
        let again = try Packer(request, progress: progress).pack()
        if again.manifest.digest == artifact.digest {
            return Rebuild(isReproduced: true, detail: "the same manifest, \(artifact.digest)")
        }
        return try compare(statement, Array("oci:".utf8) + layout.bytes + Array(":again".utf8))
    }

    // MARK: The recorded parameters

    private func fill(_ request: inout PackRequest, _ parameters: JSONObject) throws {
        func texts(_ key: String) -> [String] { parameters[key]?.array?.compactMap(\.string) ?? [] }
        guard parameters["owners"] == nil else {
            throw BuildError.usage(
                "--rebuild", "the image was packed with --owners, whose table is not recorded")
        }
        request.base = parameters["base"]?.string.map { Array($0.utf8) }
        request.layer.compression = parameters["compression"]?.string ?? "gzip"
        request.layer.compressionLevel = parameters["compressionLevel"]?.string
        request.layer.sourceDateEpoch = parameters["sourceDateEpoch"]?.string
        request.created = parameters["created"]?.string
        guard request.created != "now" else {
            throw BuildError.usage(
                "--rebuild", "the image has the time of its build (--created now), which never comes again")
        }
        request.owner = parameters["owner"]?.string
        request.keepsOwners = parameters["keepOwner"]?.bool == true
        request.exclusions = texts("exclude").map { FilePath($0) }
        request.attributes = texts("xattr")
        request.hasRootEntry = parameters["rootEntry"]?.bool == true
        request.image.platform = parameters["platform"]?.string ?? recordedPlatform
        request.image.entrypoint = parameters["entrypoint"]?.string
        request.image.command = parameters["cmd"]?.string
        request.image.user = parameters["user"]?.string
        request.image.workingDirectory = parameters["workingdir"]?.string
        request.image.ports = texts("port")
        request.image.volumes = texts("volume")
        request.image.stopSignal = parameters["stopSignal"]?.string
        request.image.author = parameters["author"]?.string
        request.image.environment = try pairs(parameters["env"], "env")
        request.image.labels = try pairs(parameters["label"], "label")
        request.image.annotations = try pairs(parameters["annotation"], "annotation")
    }

    /// What the machine was that packed, where nobody said.
    private var recordedPlatform: String? {
        let platform = image.configuration.value.platform
        return "\(platform.os)/\(platform.architecture)" + (platform.variant.map { "/\($0)" } ?? "")
    }

    private func pairs(_ object: JSONValue?, _ kind: String) throws -> [String] {
        try (object?.object?.members ?? []).map { member in
            let given = settings.values.first { $0.utf8.starts(with: "\(member.key)=".utf8) }
            if let given { return given }
            guard let value = member.value.string, value != Redaction.redacted else {
                throw BuildError.usage(
                    "--value",
                    "the provenance does not show the \(kind) \(member.key); give --value \(member.key)=")
            }
            return "\(member.key)=\(value)"
        }
    }

    // MARK: What came out

    private func compare(_ statement: ReceivedStatement, _ again: [UInt8]) throws -> Rebuild {
        let rebuilt = try StoredImage(ImagePlace(parsing: again), in: Registries(distribution))
        // The configuration names the diff IDs: it is the image but for how its layers are stored.
        let isSame =
            rebuilt.configuration.bytes == image.configuration.bytes
            && rebuilt.manifest.value.annotations == image.manifest.value.annotations
        if isSame, let reason = otherCompressor(statement) {
            return Rebuild(isReproduced: true, detail: "the same configuration and diff IDs; \(reason)")
        }
        // An entry says more than the time or the size that follows from it.
        var (entry, other): (String?, String?)
        var reading = ReadingSettings()
        reading.distribution = distribution
        try ImageComparison(artifact.text, again, reading, progress: progress).run { difference in
            if case .entry = difference {
                entry = entry ?? difference.line
            } else {
                other = other ?? difference.line
            }
        }
        return Rebuild(isReproduced: false, detail: entry ?? other ?? "the manifests differ")
    }

    /// The recorded version of the compressor that was used, where it is not this machine's.
    private func otherCompressor(_ statement: ReceivedStatement) -> String? {
        let definition = statement.predicate["buildDefinition"]?["externalParameters"]
        let method = try? CompressionMethod(
            name: definition?["parameters"]?["compression"]?.string ?? "gzip",
            level: definition?["parameters"]?["compressionLevel"]?.string)
        let recorded = statement.predicate["runDetails"]?["builder"]?["version"]
        guard let library = method?.library, let version = recorded?[library.name]?.string,
            version != library.version
        else { return nil }
        return "compressed by \(library.name) \(version), which is \(library.version) here"
    }
}

extension ImageDifference {
    /// The difference in a line; `nil` for what is only the beginning of one.
    fileprivate var line: String? {
        switch self {
        case .manifest(let differences), .configuration(let differences):
            return differences.first.map {
                "\($0.path) was \(Self.text($0.first)), and is \(Self.text($0.second)) now"
            }
        case .layer: return nil
        case .entry(let entry):
            let path = escaped(entry.path)
            if entry.first == nil { return "\(path) is new" }
            guard entry.second != nil, let field = entry.fields.first else { return "\(path) is gone" }
            return
                "\(field.name) of \(path) was \(Self.text(field.first)), and is \(Self.text(field.second)) now"
        case .layerEnd(let findings):
            return findings.form.first.map {
                "\($0.name) of the layer was \(Self.text($0.first)), and is \(Self.text($0.second)) now"
            }
        }
    }

    private static func text(_ value: JSONValue?) -> String {
        value.map { String(decoding: $0.serialized(), as: UTF8.self) } ?? "missing"
    }

    private static func text(_ value: FieldDifference.Value?) -> String { value?.description ?? "missing" }
}
