public import Linux
public import OCI
public import SystemPackage

/// A directory in the form of an OCI image layout, to write to.
///
/// What is written goes through ``LayoutWriter``, under the layout's lock; who reads, reads an ``ImageSource``.
///
/// Source: OCI image-spec v1.1, image-layout.md.
public struct ImageLayout: ~Copyable {
    /// Where it lies.
    public let path: FilePath
    let blobs: Directory
    private let home: LayoutDirectory

    var directory: Directory { _read { yield home.directory } }

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
    static func isMarked(_ directory: borrowing Directory) throws -> Bool {
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

    /// Which directory it is: two paths may lead to one.
    public func identity() throws -> FileStatus.Identity { try directory.status().identity }

    /// A file with a copy of a layer, in the directory it will stay in; on the disk, and checked.
    ///
    /// - Throws: ``ImageError/blobMismatch(_:expected:found:)``, `FileError`, `Interruption`.
    public func copy(_ layer: NewImage.Layer) throws -> TemporaryFile {
        let file = try temporaryBlob()
        try layer.copy(to: file)
        return file
    }

    /// Whether a blob is there already, and is what its digest says: it is read for that.
    ///
    /// - Throws: `FileError`, `Interruption`.
    public func holdsGood(_ descriptor: Descriptor) throws -> Bool {
        guard let file = try? blobs.openFile(FileName(descriptor.digest.hex.utf8)),
            let slice = try? FileSlice(file), slice.size == descriptor.size
        else { return false }
        return try Digest.of(slice) == descriptor.digest
    }

    static func index(of directory: borrowing Directory) throws -> Document<Index>? {
        guard let bytes = try directory.content(of: "index.json", limit: ImageSource.documentLimit) else {
            return nil
        }
        do {
            return try Document<Index>(parsing: bytes)
        } catch {
            throw ImageError.malformedDocument(directory.childPath("index.json"), "\(error)")
        }
    }
}
