import Layers
import Linux
import OCI
import Registry
import SystemPackage

extension LayerCache {
    /// Makes a layer and keeps it.
    ///
    /// - Parameters:
    ///   - key: What it depends on.
    ///   - pack: Writes the blob; called once more, with another file, where the cache's directory took no more bytes.
    /// - Returns: The layer, whether it could be kept or not.
    /// - Throws: What `pack` throws, `FileError` where no directory takes the layer.
    func keep(
        for key: CacheKey, packing pack: (borrowing TemporaryFile) throws -> Layer
    ) throws -> CachedLayer {
        try intoBlob { blob in
            let layer = try pack(blob)
            return try keep(layer, blob: blob, for: key)
        }
    }

    /// Writes into the user's directory; where that takes no more bytes, once more into another one.
    private func intoBlob<Value>(_ write: (consuming TemporaryFile) throws -> Value) throws -> Value {
        do {
            return try write(temporaryBlob())
        } catch let error as FileError {
            // A full disk is not the build's end while there is another one.
            guard isOfStore(error) else { throw error }
            writingFailed(error)
        }
        return try write(temporaryBlob())
    }

    /// Whether the user's directory took no more bytes.
    private func isOfStore(_ error: FileError) -> Bool {
        let reasons: [Errno] = [
            .noSpace, .diskQuotaExceeded, .readOnlyFileSystem, .permissionDenied, .fileTooLarge, .ioError,
        ]
        guard let store, reasons.contains(error.errno) else { return false }
        return state.update { $0.isWritable } && error.path.starts(with: store.home.path)
    }

    /// A file that a new layer is written to; nothing of it is brought to the disk.
    ///
    /// - Throws: `FileError`.
    func temporaryBlob() throws -> TemporaryFile {
        let target = try writableStore()
        do {
            return try target.temporaryBlob()
        } catch {
            guard target === store else { throw error }
            writingFailed(error)
            return try writableStore().temporaryBlob()
        }
    }

    /// Keeps a layer that was just made.
    ///
    /// - Parameters:
    ///   - layer: What was written.
    ///   - blob: Where; of ``temporaryBlob()``.
    ///   - key: What it depends on.
    /// - Returns: The layer; it can be opened also where it could not be kept.
    /// - Throws: `FileError`, `CryptographyError`.
    func keep(_ layer: Layer, blob: consuming TemporaryFile, for key: CacheKey) throws -> CachedLayer {
        let kept = CachedLayer(
            descriptor: layer.descriptor, diffID: layer.diffID, uncompressedSize: layer.uncompressedSize,
            entries: layer.contents.entries, newestTime: layer.contents.newestTime, origin: .local,
            made: Machine.now.seconds)
        let slice = try blob.slice()
        state.update { $0.rejected[key.digest] = nil }
        store(slice, blob, of: kept, for: key)
        pushes?.add(kept, slice, for: key.digest, isNew: true)
        return kept
    }

    /// Keeps a layer that is there for one more key.
    func keep(_ layer: CachedLayer, alsoFor key: CacheKey) {
        guard settings.isWritten else { return }
        do {
            for store in stores where store.holds(layer.descriptor) {
                try store.write(CacheEntry(key, layer).serialized(), as: key.digest, in: store.entries)
                guard layer.origin == .local, let pushes else { return }
                pushes.add(
                    layer, try store.open(layer.descriptor, isVerified: true), for: key.digest, isNew: true)
                return
            }
        } catch {
            writingFailed(error)
        }
    }

    /// Keeps that an instruction changes nothing; in a shared cache nobody would look for it.
    func keepNothing(for key: CacheKey) {
        state.update { $0.rejected[key.digest] = nil }
        guard settings.isWritten else { return }
        do {
            let store = try writableStore()
            try store.write(
                EmptyEntry(key, made: Machine.now.seconds).serialized(), as: key.digest, in: store.entries)
        } catch {
            writingFailed(error)
        }
    }

    /// Publishes a verified blob and its entry.
    private func store(
        _ slice: FileSlice, _ blob: consuming TemporaryFile, of layer: CachedLayer, for key: CacheKey
    ) {
        publish(slice, blob, as: layer.descriptor.digest) {
            guard let store = stores.first(where: { $0.holds(layer.descriptor) }) else { return }
            try store.write(CacheEntry(key, layer).serialized(), as: key.digest, in: store.entries)
        }
    }

    /// Gives a verified blob its name; where that cannot be, or what comes then, it stays open.
    private func publish(
        _ slice: FileSlice, _ blob: consuming TemporaryFile, as digest: Digest,
        then: () throws -> Void = {}
    ) {
        do {
            try blob.publish(as: CacheStore.name(digest))
            state.update { _ = $0.verified.insert(digest) }
            try then()
        } catch {
            state.update { $0.held[digest] = slice }
            writingFailed(error)
        }
    }

    // MARK: Opening

    /// Opens a layer that ``find(_:at:)`` or ``keep(for:packing:)`` gave; every byte of it is verified.
    ///
    /// - Throws: ``BuildError/cachedLayerLost(_:_:)`` for one that turned out not to be what its entry says: its key is a
    ///   miss from now on, and the build that asks again carries the instruction out; `FileError`, `Interruption`.
    func open(_ descriptor: Descriptor) throws -> FileSlice {
        try busy.exclusively(descriptor.digest) {
            if let slice = try openHere(descriptor) { return slice }
            guard let remote = state.update({ $0.remote[descriptor.digest] }) else {
                throw BuildError.cachedLayerLost(descriptor.digest, "it was removed from the cache")
            }
            return try fetch(remote)
        }
    }

    /// A base image's layer, fetched once: it lies where the built ones lie.
    ///
    /// - Parameters:
    ///   - descriptor: As the manifest has it.
    ///   - place: The repository that has it.
    /// - Returns: All of it, verified.
    /// - Throws: `RegistryError`, `HTTPError`, `FileError`, `Interruption`.
    func fetch(base descriptor: Descriptor, from place: Registries.Place) throws -> FileSlice {
        try busy.exclusively(descriptor.digest) {
            if let slice = try openHere(descriptor) { return slice }
            return try fetching { file in
                try registries.withClient(at: place.endpoint) { client in
                    _ = try client.pullBlob(
                        descriptor.digest, size: descriptor.size, from: place.repository
                    ) { try file.write($0) }
                }
            } then: { slice, file in
                publish(slice, file, as: descriptor.digest)
            }
        }
    }

    /// The repository that a layer came from, whence a registry may take it over by itself; `nil` for one made here.
    ///
    /// - Throws: `URLError`.
    func place(of layer: CachedLayer) throws -> Registries.Place? {
        guard case .registry(let reference, _, _) = layer.origin else { return nil }
        return try registries.placeToPush(reference)
    }

    /// A blob that is on this machine, verified.
    private func openHere(_ descriptor: Descriptor) throws -> FileSlice? {
        let digest = descriptor.digest
        let (held, isVerified) = state.update { ($0.held[digest], $0.verified.contains(digest)) }
        if let held { return held }
        for store in stores {
            do {
                let slice = try store.open(descriptor, isVerified: isVerified)
                state.update { _ = $0.verified.insert(digest) }
                return slice
            } catch CacheDamage.damaged(let reason) {
                warn(.damaged("\(digest)", reason))
                if settings.isWritten { store.remove(digest) }
            } catch is CacheDamage {}
        }
        return nil
    }

    private func fetch(_ remote: Remote) throws -> FileSlice {
        do {
            return try fetching { file in
                try remote.repository.fetch(remote.layer, into: file, in: registries)
            } then: { slice, file in
                store(slice, file, of: remote.layer, for: remote.key)
            }
        } catch let error as Interruption {
            throw error
        } catch let error as FileError {
            throw error
        } catch {
            let reason = "\(error)"
            state.update { state in
                state.rejected[remote.key.digest] = reason
                state.remote[remote.layer.descriptor.digest] = nil
            }
            warn(.refused(remote.repository.reference, remote.place, reason))
            throw BuildError.cachedLayerLost(remote.layer.descriptor.digest, reason)
        }
    }

    private func fetching(
        _ fetch: (borrowing TemporaryFile) throws -> Void,
        then store: (FileSlice, consuming TemporaryFile) -> Void
    ) throws -> FileSlice {
        try intoBlob { file in
            try fetch(file)
            let slice = try file.slice()
            store(slice, file)
            return slice
        }
    }
}
