import Images
import Linux
import OCI
import SystemPackage

/// Where an image's provenance goes.
enum ProvenanceLocation: Sendable {
    /// A file.
    case file(FilePath)
    /// Files beside an archive, whose path this is.
    case archive(FilePath)
    /// A directory that gets files of each image.
    case directory(FilePath)

    /// Beside a layout: `DIR.provenance`.
    static func beside(layout: FilePath) -> ProvenanceLocation {
        // Beside `.` or `..` means beside the directory that it is.
        let isPlain = layout.lastComponent?.kind == .regular
        let beside = isPlain ? layout : Machine.absolute(layout).lexicallyNormalized()
        return .directory(FilePath(bytes: beside.bytes + ".provenance".utf8))
    }

    /// Beside an archive: `FILE.provenance.json`.
    static func beside(archive: FilePath) -> ProvenanceLocation {
        .archive(archive)
    }

    /// Beside an image, whatever its form; `nil` in a registry.
    static func beside(_ image: ImagePlace) -> ProvenanceLocation? {
        guard let path = image.path else { return nil }
        return image.isLayout ? beside(layout: path) : beside(archive: path)
    }

    /// The files, or the directory.
    var paths: [FilePath] {
        switch self {
        case .file(let path), .directory(let path): [path]
        case .archive(let path): [Self.record(beside: path), Self.attestations(beside: path)]
        }
    }

    private static func record(beside path: FilePath) -> FilePath {
        FilePath(bytes: path.bytes + ".provenance.json".utf8)
    }

    /// Where envelopes about a file lie.
    static func attestations(beside path: FilePath) -> FilePath {
        FilePath(bytes: path.bytes + ".intoto.jsonl".utf8)
    }

    /// Removes what killed writers left; of the directory beside a layout only, under the layout's lock.
    func sweep() {
        guard case .directory(let path) = self, let directory = try? Directory.open(path) else { return }
        try? directory.sweep()
    }

    /// The statement of one image, if it is there.
    func existing(of manifest: Digest) -> FilePath? {
        [attestations(of: manifest), path(of: manifest)].first { (try? File.reading($0)) != nil }
    }

    /// The file of one image's statement that nobody signed.
    func path(of manifest: Digest) -> FilePath {
        switch self {
        case .file(let path): path
        case .archive(let path): Self.record(beside: path)
        case .directory(let path): path.appending("\(manifest.hex).json")
        }
    }

    /// The file of one image's envelopes.
    func attestations(of manifest: Digest) -> FilePath {
        switch self {
        case .file(let path): path
        case .archive(let path): Self.attestations(beside: path)
        case .directory(let path): path.appending("\(manifest.hex).intoto.jsonl")
        }
    }
}
