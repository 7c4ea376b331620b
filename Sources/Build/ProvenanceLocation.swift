import Images
import Linux
import OCI
import SystemPackage

/// Where an image's provenance goes.
enum ProvenanceLocation: Sendable {
    /// A file.
    case file(FilePath)
    /// A directory that gets one file an image.
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
        .file(FilePath(bytes: archive.bytes + ".provenance.json".utf8))
    }

    /// Beside an image, whatever its form.
    static func beside(_ image: ImageLocation) -> ProvenanceLocation {
        image.transport == .layout ? beside(layout: image.path) : beside(archive: image.path)
    }

    /// The file, or the directory.
    var path: FilePath {
        switch self {
        case .file(let path), .directory(let path): path
        }
    }

    /// Removes what killed writers left; of the directory beside a layout only, under the layout's lock.
    func sweep() {
        guard case .directory(let path) = self, let directory = try? Directory.open(path) else { return }
        try? directory.sweep()
    }

    /// The file of one image, if it is there.
    func existing(of manifest: Digest) -> FilePath? {
        let path = path(of: manifest)
        return (try? File.reading(path)) == nil ? nil : path
    }

    /// The file of one image.
    func path(of manifest: Digest) -> FilePath {
        switch self {
        case .file(let path): path
        case .directory(let path): path.appending("\(manifest.hex).json")
        }
    }
}
