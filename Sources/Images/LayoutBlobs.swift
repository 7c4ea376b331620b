import Linux
import OCI
import SystemPackage

/// The blobs of a layout that is read.
final class LayoutBlobs: Sendable {
    /// `blobs/sha256`.
    let directory: Directory
    private let home: Directory

    /// - Throws: ``ImageError/noLayout(_:)``, ``ImageError/malformedDocument(_:_:)``, `FileError`.
    init(reading path: FilePath) throws {
        let home = try Directory.open(path)
        guard try ImageLayout.isMarked(home) else { throw ImageError.noLayout(path) }
        directory = try home.openDirectory("blobs").openDirectory("sha256")
        self.home = home
    }

    /// Without an index there are no images.
    func index() throws -> Index { try ImageLayout.index(of: home)?.value ?? Index(manifests: []) }
}

extension ArchiveMembers {
    /// The index of an archive that is a layout.
    ///
    /// - Throws: ``ImageError/notAnArchive(_:_:)``, ``ImageError/malformedDocument(_:_:)``, `FileError`.
    func index() throws -> Index {
        guard let marker = try content(of: "oci-layout", limit: 4096) else {
            let isDocker = try slice("manifest.json") != nil
            throw ImageError.notAnArchive(
                path, "it has no oci-layout" + (isDocker ? "; write docker-archive:FILE" : ""))
        }
        _ = try decode(ImageLayoutVersion.self, marker, "oci-layout")
        guard let bytes = try content(of: "index.json", limit: ImageSource.documentLimit) else {
            return Index(manifests: [])
        }
        return try decode(Index.self, bytes, "index.json")
    }

    func decode<Value: JSONDocument>(_: Value.Type, _ bytes: [UInt8], _ name: String) throws -> Value {
        do {
            return try Document<Value>(parsing: bytes).value
        } catch {
            throw ImageError.malformedDocument(place(of: name), "\(error)")
        }
    }
}
