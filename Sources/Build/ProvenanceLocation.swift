import Images
import Linux
import OCI
import SystemPackage

/// Where an image's provenance goes.
struct ProvenanceLocation: Sendable {
    /// The file, or the directory that gets one file an image; `nil` for nowhere.
    let path: FilePath?
    private let isDirectory: Bool

    init(_ request: PackRequest) {
        switch request.provenance.destination {
        case .none: self.init(path: nil, isDirectory: false)
        case .file(let file): self.init(path: file, isDirectory: false)
        case .besideLayout: self.init(beside: request.output)
        }
    }

    /// Beside a layout a directory, with a file for each image; beside an archive a file.
    init(beside image: ImageLocation) {
        guard image.transport == .layout else {
            let path = FilePath(bytes: image.path.bytes + ".provenance.json".utf8)
            self.init(path: image.isStandardStream ? nil : path, isDirectory: false)
            return
        }
        // Beside `.` or `..` means beside the directory that it is.
        let layout = image.path
        let isPlain = layout.lastComponent?.kind == .regular
        let beside = isPlain ? layout : Machine.absolute(layout).lexicallyNormalized()
        self.init(path: FilePath(bytes: beside.bytes + ".provenance".utf8), isDirectory: true)
    }

    private init(path: FilePath?, isDirectory: Bool) { (self.path, self.isDirectory) = (path, isDirectory) }

    /// Removes what killed writers left; of the directory beside a layout only, under the layout's lock.
    func sweep() {
        guard isDirectory, let path, let directory = try? Directory.open(path) else { return }
        try? directory.sweep()
    }

    /// The file of one image, if it is there.
    func existing(of manifest: Digest) -> FilePath? {
        guard let path = path(of: manifest), (try? File.reading(path)) != nil else { return nil }
        return path
    }

    /// The file of one image.
    func path(of manifest: Digest) -> FilePath? {
        isDirectory ? path?.appending("\(manifest.hex).json") : path
    }
}
