import Linux
import OCI
import SystemPackage

/// One entry of a docker archive's `manifest.json`, and what it names.
struct DockerImage {
    /// A member that is a blob.
    struct Blob {
        let name: String
        let content: Range<Int64>
    }

    /// `REPOSITORY:TAG` as it stands, and with its registry.
    struct Name {
        let text: String
        let full: String
    }

    let names: [Name]
    let manifest: Manifest
    let platform: Platform
    private(set) var blobs: [Digest: Blob] = [:]

    /// What was read for earlier entries, by its place: an archive may name one member a million times.
    struct Known {
        fileprivate var configurations: [Range<Int64>: (configuration: ImageConfiguration, digest: Digest)] =
            [:]
        fileprivate var layers: [Range<Int64>: Digest] = [:]
    }

    /// - Throws: `OCIError` for an entry that is malformed, ``ImageError``, `FileError`, `Interruption`.
    init(_ entry: JSONValue, in members: ArchiveMembers, _ known: inout Known) throws {
        let configName = try Self.text(entry["Config"], "Config")
        names = try Self.texts(entry["RepoTags"] ?? .null, "RepoTags").map { text in
            let reference = try Reference(parsing: text)
            return Name(text: text, full: reference.completed.description)
        }
        let content = try members.followedContent(configName)
        let place = members.place(of: configName)
        let (configuration, digest) =
            try known.configurations[content] ?? Self.configuration(configName, content, members)
        known.configurations[content] = (configuration, digest)
        let config = Descriptor(
            mediaType: .imageConfiguration, digest: digest, size: content.upperBound - content.lowerBound)
        if let expected = Self.digest(in: configName), expected != digest {
            throw ImageError.blobMismatch(place, expected: expected, found: "\(digest)")
        }
        var blobs = [config.digest: Blob(name: configName, content: content)]
        let layerNames = try Self.texts(entry["Layers"] ?? .null, "Layers")
        let diffIDs = configuration.diffIDs
        guard layerNames.count == diffIDs.count else {
            throw ImageError.malformedDocument(
                place, "it has \(diffIDs.count) diff IDs, and manifest.json has \(layerNames.count) layers")
        }
        var layers: [Descriptor] = []
        for (name, diffID) in zip(layerNames, diffIDs) {
            let content = try members.followedContent(name)
            let place = members.place(of: name)
            let layer = try Self.layer(
                members.slice(at: content), name, diffID, place, &known.layers[content])
            blobs[layer.digest] = Blob(name: name, content: content)
            layers.append(layer)
        }
        manifest = Manifest(config: config, layers: layers)
        platform = configuration.platform
        self.blobs = blobs
    }

    private static func configuration(
        _ name: String, _ content: Range<Int64>, _ members: ArchiveMembers
    ) throws -> (ImageConfiguration, Digest) {
        let slice = try members.slice(at: content)
        guard slice.size <= Int64(ImageSource.documentLimit) else {
            throw ImageError.malformedDocument(
                members.place(of: name), "it has more than \(ImageSource.documentLimit) bytes")
        }
        let bytes = try slice.readAll(limit: ImageSource.documentLimit)
        return (try members.decode(ImageConfiguration.self, bytes, name), try Digest.of(bytes))
    }

    /// Whether a manifest names the same configuration and the same layers.
    func isDescribed(by other: Manifest) -> Bool {
        other.config.digest == manifest.config.digest
            && other.layers.map(\.digest) == manifest.layers.map(\.digest)
    }

    /// A layer as it is stored: its form is told by its first bytes, for `manifest.json` does not say it.
    private static func layer(
        _ slice: FileSlice, _ name: String, _ diffID: Digest, _ place: FilePath, _ known: inout Digest?
    ) throws -> Descriptor {
        let mediaType: MediaType
        switch try ArchiveMembers.program(inflating: slice) {
        case nil: return Descriptor(mediaType: .layerTar, digest: diffID, size: slice.size)
        case "gunzip": mediaType = .layerTarGzip
        case "unzstd": mediaType = .layerTarZstd
        case let program?:
            throw ImageError.malformedDocument(
                place, "no layer is compressed so that \(program) is needed")
        }
        let named = name.hasPrefix("blobs/sha256/") ? digest(in: name) : nil
        let digest = try named ?? known ?? Digest.of(slice)
        known = digest
        return Descriptor(mediaType: mediaType, digest: digest, size: slice.size)
    }

    /// The digest that a member is named by: `blobs/sha256/HEX`, `HEX.json`, `sha256:HEX`.
    private static func digest(in name: String) -> Digest? {
        let last = name.split(separator: "/").last ?? ""
        let stem = last.hasSuffix(".json") ? last.dropLast(5) : last
        return try? Digest(parsing: stem.hasPrefix("sha256:") ? String(stem) : "sha256:\(stem)")
    }

    private static func text(_ value: JSONValue?, _ key: String) throws -> String {
        guard let value else { throw OCIError.missingMember(path: key) }
        guard let text = value.string else {
            throw OCIError.wrongMember(path: key, expected: "a string", found: "something else")
        }
        return text
    }

    /// `null` is an empty list: an image without names has it.
    private static func texts(_ value: JSONValue, _ key: String) throws -> [String] {
        if value.isNull { return [] }
        let texts = value.array?.compactMap(\.string)
        guard let texts, texts.count == value.array?.count else {
            throw OCIError.wrongMember(path: key, expected: "an array of strings", found: "something else")
        }
        guard texts.count <= 10_000 else { throw OCIError.tooManyDescriptors(path: key, count: texts.count) }
        return texts
    }
}
