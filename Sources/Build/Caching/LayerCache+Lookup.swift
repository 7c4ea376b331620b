import Cryptography
import Linux
import OCI

extension LayerCache {
    /// Looks for a key's layer: here first, then in the repositories, in their order.
    ///
    /// A layer that is here is verified by then, unless nobody will open it; one in a repository is fetched when
    /// somebody opens it.
    ///
    /// - Parameters:
    ///   - key: What the layer depends on; it is remembered for the next build's ``CacheMiss``.
    ///   - place: Who asks.
    ///   - isOpened: Whether the layer's bytes are wanted; else it is enough that as many are there.
    /// - Returns: The layer, or why there is none.
    /// - Throws: `Interruption`, `CryptographyError`.
    func find(_ key: CacheKey, at place: CachePlace, isOpened: Bool = true) throws -> CacheAnswer {
        try Interruption.check()
        let answer = try look(for: key, at: place, isOpened: isOpened)
        try remember(key, at: place)
        return answer
    }

    private func look(for key: CacheKey, at place: CachePlace, isOpened: Bool) throws -> CacheAnswer {
        guard settings.isRead else { return .miss(.turnedOff) }
        if let reason = state.update({ $0.rejected[key.digest] }) { return .miss(.damaged(reason)) }
        var damage: String?
        var isTooOld = false
        for store in stores {
            do {
                guard let layer = try entry(of: key, in: store, isOpened: isOpened) else {
                    return .nothing
                }
                // A repository's word is not passed on as one's own.
                if let pushes, layer.origin == .local {
                    let blob = try store.open(layer.descriptor, isVerified: true)
                    pushes.add(layer, blob, for: key.digest, isNew: false)
                }
                return .hit(layer)
            } catch CacheDamage.tooOld {
                isTooOld = true
            } catch CacheDamage.damaged(let reason) {
                warn(.damaged(place.name, reason))
                damage = reason
                if settings.isWritten { CacheStore.remove(CacheStore.name(key.digest), in: store.entries) }
            } catch is CacheDamage {}
        }
        for repository in sources where !state.update({ $0.failed.contains(repository.reference) }) {
            guard let layer = try find(key, at: place, in: repository) else { continue }
            if isYoung(layer.made) { return .hit(layer) }
            isTooOld = true
        }
        if isTooOld { return .miss(.tooOld) }
        if let damage { return .miss(.damaged(damage)) }
        return .miss(try missed(key, at: place))
    }

    /// Whether what was made then still counts; where nobody knows when, nobody knows that.
    private func isYoung(_ made: Int64?) -> Bool {
        guard let maximum = settings.maximumAge else { return true }
        return made.map { Machine.now.seconds - $0 < maximum } ?? false
    }

    /// A store's entry, whose layer is there as well; `nil` for one that says there is none.
    private func entry(of key: CacheKey, in store: CacheStore, isOpened: Bool) throws -> CachedLayer? {
        let content = try store.read(key.digest, in: store.entries, limit: CacheEntry.limit)
        if let empty = EmptyEntry(parsing: content), empty.key == key.digest {
            guard isYoung(empty.made) else { throw CacheDamage.tooOld }
            return nil
        }
        guard let entry = CacheEntry(parsing: content) else {
            throw CacheDamage.damaged("it is no entry of this version's cache")
        }
        guard entry.key == key.digest else { throw CacheDamage.damaged("it is another key's entry") }
        guard isBelieved(entry.layer) else { throw CacheDamage.missing }
        guard isYoung(entry.layer.made) else { throw CacheDamage.tooOld }
        let descriptor = entry.layer.descriptor
        try busy.exclusively(descriptor.digest) {
            let isVerified = state.update { $0.verified.contains(descriptor.digest) }
            do {
                _ = try store.open(descriptor, isVerified: isVerified || !isOpened)
            } catch let error as CacheDamage {
                if settings.isWritten, error != .missing { store.remove(descriptor.digest) }
                throw error
            }
            if isOpened { state.update { _ = $0.verified.insert(descriptor.digest) } }
        }
        return entry.layer
    }

    /// Whether a layer would be taken from where it came from: what a repository gave to an earlier build is no more
    /// worth here than there.
    private func isBelieved(_ layer: CachedLayer) -> Bool {
        guard case .registry(let reference, _, let signer) = layer.origin else { return true }
        guard trusted.isEmpty else { return trusted.contains { $0.fingerprint == signer } }
        return sources.contains { $0.reference == reference }
    }

    private func find(
        _ key: CacheKey, at place: CachePlace, in repository: CacheRepository
    ) throws -> CachedLayer? {
        let reference = repository.reference
        do {
            guard let layer = try repository.find(key.digest, trusting: trusted, in: registries) else {
                return nil
            }
            if trusted.isEmpty, state.update({ $0.untrusted.insert(reference).inserted }) {
                warn(.untrusted(reference))
            }
            state.update {
                $0.remote[layer.descriptor.digest] = Remote(
                    key: key, place: place.name, layer: layer, repository: repository)
            }
            return layer
        } catch let error as Interruption {
            throw error
        } catch {
            guard CacheRefusal.isOne(error) else {
                let isFirst = state.update { $0.failed.insert(reference).inserted }
                if isFirst { warn(.registryFailed(reference, "\(error)")) }
                return nil
            }
            warn(.refused(reference, place.name, "\(error)"))
            return nil
        }
    }

    /// What is wrong with a layer that ``find(_:at:)`` gave, and somebody found out later: its key is a miss from now on.
    func reject(_ layer: CachedLayer, of key: CacheKey, at place: CachePlace, because reason: String) {
        state.update { state in
            state.rejected[key.digest] = reason
            state.remote[layer.descriptor.digest] = nil
            state.verified.remove(layer.descriptor.digest)
        }
        warn(.damaged(place.name, reason))
        guard settings.isWritten else { return }
        for store in stores { CacheStore.remove(CacheStore.name(key.digest), in: store.entries) }
    }
}
