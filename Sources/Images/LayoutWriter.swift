public import Linux
public import OCI
import SystemPackage

/// Adds one image to a layout, while nobody else does.
///
/// Blobs come first, the index last: whoever reads, or finds the layout after a
/// crash at any moment, sees the old images or the old ones and the new one.
/// Without ``tag(_:as:)`` everything that was added is taken away again.
public struct LayoutWriter: ~Copyable {
    static let lockName: FileName = ".lock"

    private let layout: ImageLayout
    private let lock: File
    private var added: [FileName] = []
    /// The index as it was when the lock was taken; `nil` in a new layout.
    private let before: Document<Index>?
    private let hadLock: Bool
    private var isTagged = false

    /// Waits for the layout's lock, and sweeps what killed writers left.
    ///
    /// - Parameters:
    ///   - layout: Taken over; it ends with the writer.
    ///   - seconds: How long to wait for another process.
    /// - Throws: ``ImageError/locked(_:seconds:)``, `FileError`, `Interruption`.
    public init(_ layout: consuming ImageLayout, waitingSeconds seconds: Int = 600) throws {
        let hadLock = try layout.directory.holds(Self.lockName)
        let lock = try Self.takeLock(of: layout, seconds: seconds)
        let before: Document<Index>?
        do {
            try layout.directory.sweep()
            try layout.blobs.sweep()
            before = try ImageLayout.index(of: layout.directory)
        } catch {
            if !hadLock { try? layout.directory.remove(Self.lockName) }
            throw error
        }
        self.layout = layout
        self.lock = lock
        self.before = before
        self.hadLock = hadLock
    }

    deinit {
        guard !isTagged else { return }
        for name in added { try? layout.blobs.remove(name) }
        if before == nil { try? layout.directory.remove("oci-layout") }
        if !hadLock { try? layout.directory.remove(Self.lockName) }
    }

    private static func takeLock(of layout: borrowing ImageLayout, seconds: Int) throws -> File {
        let deadline = Machine.ticks + UInt64(seconds) * 1_000_000_000
        while true {
            let lock = try layout.directory.openLockFile(lockName)
            while try !tryLock(lock, of: layout) {
                try Interruption.check()
                guard Machine.ticks < deadline else {
                    throw ImageError.locked(layout.directory.childPath(lockName), seconds: seconds)
                }
                Machine.sleep(milliseconds: 20)
            }
            // Its last holder may have removed it: then the name is free, or another file's.
            if (try? layout.directory.status(of: lockName).identity) == (try lock.status().identity) {
                return lock
            }
        }
    }

    /// Leaves no lock file where nobody can lock it.
    private static func tryLock(_ lock: borrowing File, of layout: borrowing ImageLayout) throws -> Bool {
        do {
            return try lock.tryLock()
        } catch {
            if try !layout.directory.holds("index.json") { try? layout.directory.remove(lockName) }
            throw error
        }
    }

    /// Makes a finished file a blob of the layout.
    ///
    /// - Parameters:
    ///   - file: Its content is on the disk, and has been hashed while it was written.
    ///   - digest: That hash.
    /// - Throws: `FileError`.
    public mutating func adopt(_ file: consuming TemporaryFile, as digest: Digest) throws {
        let name = note(digest)
        // In place of a blob of that name, if there is one: ours is good, and that one nobody has checked.
        try file.publish(as: name)
    }

    /// Writes a manifest or configuration.
    ///
    /// - Returns: Its descriptor.
    public mutating func put(_ bytes: [UInt8], _ mediaType: MediaType) throws -> Descriptor {
        let digest = try Digest.of(bytes)
        let name = note(digest)
        try layout.blobs.replace(name, with: bytes)
        return Descriptor(mediaType: mediaType, digest: digest, size: Int64(bytes.count))
    }

    /// Writes a new image's manifest and configuration.
    public mutating func put(_ image: NewImage) throws {
        for (descriptor, bytes) in image.documents { _ = try put(bytes, descriptor.mediaType) }
    }

    /// Whether a blob that was good before is still there: nobody takes it away while the lock is held.
    public func holds(_ descriptor: Descriptor) -> Bool {
        let status = try? layout.blobs.status(of: FileName(descriptor.digest.hex.utf8))
        return status?.kind == .regular && status?.size == descriptor.size
    }

    /// A file with a copy of a layer, in the directory it will stay in.
    ///
    /// - Throws: ``ImageError/blobMismatch(_:expected:found:)``, `FileError`, `Interruption`.
    public func copy(_ layer: NewImage.Layer) throws -> TemporaryFile { try layout.copy(layer) }

    private mutating func note(_ digest: Digest) -> FileName {
        let name = FileName(digest.hex.utf8)
        if (try? layout.blobs.status(of: name)) == nil { added.append(name) }
        return name
    }

    /// Gives an image its names, each in place of the image that has it.
    ///
    /// The last of the writing: nothing is taken away after it.
    public mutating func tag(_ manifest: Descriptor, as names: [String]) throws {
        try publish { index in
            for name in names {
                var entry = manifest
                entry.annotations["org.opencontainers.image.ref.name"] = name
                index.set(entry) { $0.referenceName == name }
            }
        }
    }

    /// The layout as a reader sees it.
    func source() throws -> ImageSource { try ImageSource(reading: ImageLocation(layout: layout.path)) }

    /// The index as it is now.
    var index: Index { before?.value ?? Index(manifests: []) }

    /// Changes the index: the last of the writing.
    mutating func publish(_ change: (inout Index) -> Void) throws {
        try layout.blobs.synchronize()
        try layout.directory.openDirectory("blobs").synchronize()
        if before == nil {
            try layout.directory.replace("oci-layout", with: Document(ImageLayoutVersion.current).bytes)
        }
        var index = index
        change(&index)
        try layout.directory.replace("index.json", with: Document(index).bytes)
        isTagged = true
        do {
            try layout.directory.synchronize()
            try layout.synchronizeParents()
        } catch {
            isTagged = !takeBack()
            throw error
        }
        layout.keep()
    }

    /// Puts the old index back in place; what is on the disk is anybody's guess by now, so it is not waited for.
    private func takeBack() -> Bool {
        do {
            if let before {
                let index = try TemporaryFile(in: layout.directory)
                try index.write(before.bytes)
                try index.publish(as: "index.json")
            } else {
                try layout.directory.remove("index.json")
            }
            return true
        } catch {
            return false
        }
    }
}

extension Index {
    /// Puts a descriptor in place of one, or behind all.
    mutating func set(_ entry: Descriptor, inPlaceOf isOld: (Descriptor) -> Bool) {
        if let place = manifests.firstIndex(where: isOld) {
            manifests[place] = entry
        } else {
            manifests.append(entry)
        }
    }
}

extension Directory {
    /// Whether there is an entry of this name, of whatever kind.
    fileprivate func holds(_ name: FileName) throws(FileError) -> Bool {
        do {
            _ = try status(of: name)
            return true
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            return false
        }
    }
}

/// A blob that a layout had and nothing named.
public struct UnnamedBlob: Sendable {
    /// What it was called.
    public let digest: Digest
    /// How many bytes it had.
    public let size: Int64
}

extension LayoutWriter {
    /// Removes the blobs that nothing names.
    ///
    /// A packer holds the lock from its first blob's name to the index that names it; until then its blobs are
    /// temporary files, which stay as long as it lives.
    ///
    /// - Throws: ``ImageError``, `FileError`, `Interruption`; also where a document is damaged: what it names nobody
    ///   knows then, and nothing is removed.
    /// - Returns: What was removed, in the order of the digests.
    public consuming func removeUnnamedBlobs() throws -> [UnnamedBlob] {
        isTagged = true
        let source = try source()
        let graph = ImageGraph(of: source, from: source.index().manifests)
        if let fault = graph.faults.first { throw fault }
        if let unknown = graph.unknownKinds.first {
            throw ImageError.malformedDocument(
                source.place(of: unknown.digest),
                "an index names it as \(unknown.mediaType), and what blobs that needs is not known")
        }
        var removed: [UnnamedBlob] = []
        for name in try source.storedNames() {
            try Interruption.check()
            guard let digest = Digest(blobName: name), !graph.digests.contains(digest) else { continue }
            let size = try layout.blobs.status(of: name).size
            try layout.blobs.remove(name)
            removed.append(UnnamedBlob(digest: digest, size: size))
        }
        try layout.blobs.synchronize()
        return removed
    }
}
