public import Linux
public import OCI
public import SystemPackage

/// A directory in the form of an OCI image layout.
///
/// Readers need no lock: a document is either the old one or the new one.
/// What is written goes through ``LayoutWriter``, under the layout's lock.
///
/// Source: OCI image-spec v1.1, image-layout.md.
public struct ImageLayout: ~Copyable {
    /// The most bytes of a manifest, index or configuration that are read.
    public static let documentLimit = 4 << 20

    /// Where it lies.
    public let path: FilePath
    let blobs: Directory
    private let home: LayoutDirectory

    var directory: Directory { _read { yield home.directory } }

    /// Opens a layout to read it.
    ///
    /// - Throws: ``ImageError/noLayout(_:)``, ``ImageError/malformedDocument(_:_:)``, `FileError`.
    public init(reading path: FilePath) throws {
        let home = LayoutDirectory(try Directory.open(path))
        guard try Self.isMarked(home.directory) else { throw ImageError.noLayout(path) }
        let blobs = try home.directory.openDirectory("blobs").openDirectory("sha256")
        self.path = path
        self.blobs = blobs
        self.home = home
    }

    /// Opens a layout to add an image, or makes an empty directory ready for the first.
    ///
    /// What is made here is removed again when nothing was written into it.
    ///
    /// - Throws: ``ImageError/notALayout(_:)`` for a directory with anything else in it,
    ///   ``ImageError/malformedDocument(_:_:)`` and `FileError`.
    public init(writing path: FilePath) throws {
        let home = try LayoutDirectory(making: path)
        let isMarked = try Self.isMarked(home.directory)
        let isEmpty = try Self.isEmpty(home.directory)
        guard isMarked || isEmpty else { throw ImageError.notALayout(path) }
        // Before hours go into an image that its index could not take.
        _ = try Self.index(of: home.directory)
        let blobs = try home.makeBlobs()
        self.path = path
        self.blobs = blobs
        self.home = home
    }

    /// Leaves the directories that were made for the layout.
    func keep() { home.keep() }

    /// Waits until the names of the directories that were made for the layout are on the disk.
    func synchronizeParents() throws { try home.synchronizeParents() }

    /// Whether `oci-layout` is there and names version 1.0.0.
    private static func isMarked(_ directory: borrowing Directory) throws -> Bool {
        guard let bytes = try directory.content(of: "oci-layout", limit: 4096) else { return false }
        do {
            _ = try Document<ImageLayoutVersion>(parsing: bytes)
        } catch {
            throw ImageError.malformedDocument(directory.childPath("oci-layout"), "\(error)")
        }
        return true
    }

    /// Whether it holds nothing but what a killed first run leaves.
    private static func isEmpty(_ directory: borrowing Directory) throws -> Bool {
        try directory.names().allSatisfy { name in
            name == "blobs" || name == LayoutWriter.lockName || name.bytes.starts(with: ".tmp-".utf8)
        }
    }

    /// A file for a blob in the making, in the directory it will stay in.
    public func temporaryBlob() throws -> TemporaryFile { try TemporaryFile(in: blobs, owner: home) }

    /// The layout's index.
    ///
    /// - Returns: `nil` when no image was written yet.
    /// - Throws: ``ImageError/malformedDocument(_:_:)``, `FileError`.
    public func index() throws -> Index? { try Self.index(of: directory)?.value }

    static func index(of directory: borrowing Directory) throws -> Document<Index>? {
        guard let bytes = try directory.content(of: "index.json", limit: documentLimit) else {
            return nil
        }
        do {
            return try Document<Index>(parsing: bytes)
        } catch {
            throw ImageError.malformedDocument(directory.childPath("index.json"), "\(error)")
        }
    }

    /// The descriptor of the image that has this name or digest; `nil` means the only one there is.
    ///
    /// - Throws: ``ImageError/noSuchImage(_:_:names:)``, ``ImageError/ambiguous(_:names:)`` and what ``index()`` throws.
    public func resolve(_ selector: ImageLocation.Selector?) throws -> Descriptor {
        let manifests = try index()?.manifests ?? []
        let names = manifests.compactMap(\.referenceName)
        let found: Descriptor?
        let wanted: String
        switch selector {
        case .name(let name): (found, wanted) = (manifests.first { $0.referenceName == name }, name)
        case .digest(let digest): (found, wanted) = (manifests.first { $0.digest == digest }, "\(digest)")
        case nil:
            guard manifests.count <= 1 else { throw ImageError.ambiguous(path, names: names) }
            (found, wanted) = (manifests.first, "at all")
        }
        guard let found else { throw ImageError.noSuchImage(path, wanted, names: names) }
        return found
    }

    /// Opens a blob; a link in its place is refused.
    func openBlob(_ digest: Digest) throws -> File { try blobs.openFile(FileName(digest.hex.utf8)) }
}

extension Descriptor {
    /// The name that a layout's index gives the image.
    ///
    /// Source: OCI image-spec v1.1, annotations.md, `org.opencontainers.image.ref.name`.
    public var referenceName: String? { annotations["org.opencontainers.image.ref.name"] }
}
