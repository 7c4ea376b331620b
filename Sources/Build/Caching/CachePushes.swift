import Linux
import OCI

/// Sends layers to shared caches while the build goes on.
final class CachePushes: Sendable {
    private struct Item: Sendable {
        let key: Digest
        let layer: CachedLayer
        let blob: FileSlice
        /// Whether an entry that is there is replaced: the layer was just made.
        let isNew: Bool
    }

    private struct State {
        var isCancelled = false
        var isJoined = false
        var failed: Set<Reference> = []
    }

    /// More layers than an image has: nobody waits for a slow registry.
    private static let capacity = 10_000

    private let queue = BoundedQueue<Item>(capacity: capacity)
    private let state: Monitor<State>
    private let worker: Worker<Void>

    /// Starts a thread, which ends with ``finish()`` or ``cancel()``.
    init(
        _ repositories: [CacheRepository], signedBy signer: Signer?, in registries: Registries,
        warn: @escaping @Sendable (CacheNote) -> Void
    ) {
        let (queue, state) = (queue, Monitor(State()))
        self.state = state
        worker = Worker {
            while let item = queue.pop() {
                for repository in repositories {
                    let isWanted = state.update {
                        !$0.isCancelled && !$0.failed.contains(repository.reference)
                    }
                    guard isWanted else { continue }
                    do {
                        if !item.isNew, try repository.holds(item.key, in: registries) { continue }
                        try repository.put(
                            item.layer, item.blob, for: item.key, signedBy: signer, in: registries)
                    } catch is Interruption {
                        state.update { $0.isCancelled = true }
                    } catch {
                        state.update { _ = $0.failed.insert(repository.reference) }
                        warn(.notPushed(repository.reference, "\(error)"))
                    }
                }
            }
        }
    }

    deinit { cancel() }

    /// Sends a layer and its entry, some time.
    func add(_ layer: CachedLayer, _ blob: FileSlice, for key: Digest, isNew: Bool) {
        // Without a thread nobody would ever take it.
        guard worker.isStarted else { return }
        _ = queue.push(Item(key: key, layer: layer, blob: blob, isNew: isNew))
    }

    /// Waits until all is sent.
    func finish() {
        queue.close()
        let isFirst = state.update { state in
            defer { state.isJoined = true }
            return !state.isJoined
        }
        if isFirst { try? worker.join() }
    }

    /// Sends nothing more than what is on its way, and waits for that.
    func cancel() {
        state.update { $0.isCancelled = true }
        finish()
    }
}
