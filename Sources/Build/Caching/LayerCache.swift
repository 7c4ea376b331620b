import Cryptography
import Layers
import Linux
import OCI
import SystemPackage

/// The layers of earlier builds, of this machine and of those that share a repository; threads share it.
///
/// A cache never fails a build: what it cannot read is a miss, what it cannot write stays in a directory that ends with
/// the build, and a note says so. ``finish()`` or ``cancel()`` ends it on every way.
final class LayerCache: Sendable {
    struct State {
        /// Blobs that this process hashed.
        var verified: Set<Digest> = []
        /// Blobs that could not be kept.
        var held: [Digest: FileSlice] = [:]
        /// Keys whose entries proved wrong: misses from now on.
        var rejected: [Digest: String] = [:]
        /// Layers of repositories, by their blobs.
        var remote: [Digest: Remote] = [:]
        /// Repositories that failed.
        var failed: Set<Reference> = []
        /// Repositories whose users were warned.
        var untrusted: Set<Reference> = []
        /// Whether the directory can be written to, as far as is known.
        var isWritable = true
    }

    /// A layer that lies in a repository.
    struct Remote {
        let key: CacheKey
        let place: String
        let layer: CachedLayer
        let repository: CacheRepository
    }

    /// How long to wait for somebody who prunes, in seconds.
    private static let lockSeconds = 600

    let settings: CacheSettings
    let registries: Registries
    let sources: [CacheRepository]
    let trusted: [VerificationKey]
    let warn: @Sendable (CacheNote) -> Void
    /// The user's; `nil` where it cannot be used.
    let store: CacheStore?
    let state = Monitor(State())
    /// Blobs that a thread reads or fetches just now.
    let busy = KeyedLock<Digest>()
    private let scratch = Monitor<CacheStore?>(nil)
    let pushes: CachePushes?

    /// Reads keys and opens the directory; no registry is asked yet.
    ///
    /// - Parameters:
    ///   - settings: What the user wants.
    ///   - keys: The keys of this run.
    ///   - registries: How they are spoken to.
    ///   - warn: Told what is otherwise than expected, on any thread.
    /// - Throws: ``BuildError/usage(_:_:)`` and what reading a key throws, for what the user wrote; `Interruption`.
    init(
        _ settings: CacheSettings, keys: SigningKeys = SigningKeys(), registries: Registries,
        warn: @escaping @Sendable (CacheNote) -> Void
    ) throws {
        (self.settings, self.registries, self.warn) = (settings, registries, warn)
        sources = try settings.sources.map { try CacheRepository($0, of: "--cache-from", in: registries) }
        let destinations = try settings.destinations.map {
            try CacheRepository($0, of: "--cache-to", in: registries)
        }
        if settings.signKey != nil, destinations.isEmpty {
            throw BuildError.usage("--cache-sign-key", "it goes with --cache-to")
        }
        if !settings.trustKeys.isEmpty, sources.isEmpty {
            throw BuildError.usage("--cache-trust-key", "it goes with --cache-from")
        }
        trusted = try settings.trustKeys.map {
            try KeyReference(parsing: $0).verificationKey(password: nil) { _ in }
        }
        store = try Self.open(settings, warn)
        guard settings.isWritten, !destinations.isEmpty else {
            pushes = nil
            return
        }
        let signer = try settings.signKey.map { try keys.signer(for: $0) { _ in } }
        pushes = CachePushes(destinations, signedBy: signer, in: registries, warn: warn)
    }

    private static func open(_ settings: CacheSettings, _ warn: (CacheNote) -> Void) throws -> CacheStore? {
        guard let path = settings.directory ?? CacheSettings.defaultDirectory else {
            warn(.nowhere)
            return nil
        }
        // Who may not write makes nothing either.
        if !settings.isWritten, !Machine.exists(path.appending("v1")) { return nil }
        do {
            return try CacheStore(at: path, waitingSeconds: lockSeconds, isWritten: settings.isWritten)
        } catch let error as Interruption {
            throw error
        } catch {
            warn(.unusableDirectory(path, "\(error)"))
            return nil
        }
    }

    /// Ends the cache: waits for what is sent, and removes what is too much.
    ///
    /// To be called once the image is where it shall be: what is removed may be a layer of it.
    ///
    /// - Throws: `Interruption`.
    func finish() throws {
        pushes?.finish()
        guard let store, settings.isWritten else { return }
        do {
            try store.pruneIfAlone(keeping: settings.size)
        } catch let error as Interruption {
            throw error
        } catch {
            writingFailed(error)
        }
    }

    /// Ends the cache of a build that failed.
    func cancel() { pushes?.cancel() }

    // MARK: Where things are

    /// Where something new goes: the user's directory, or one that ends with the build.
    ///
    /// - Throws: `FileError`.
    func writableStore() throws -> CacheStore {
        if let store, settings.isWritten, state.update({ $0.isWritable }) { return store }
        return try temporaryStore()
    }

    private func temporaryStore() throws -> CacheStore {
        try scratch.update { scratch in
            if let scratch { return scratch }
            let made = try CacheStore.temporary()
            scratch = made
            return made
        }
    }

    /// All directories that something may be in.
    var stores: [CacheStore] { [store, scratch.update { $0 }].compactMap { $0 } }

    /// Notes once that the user's directory takes no more.
    func writingFailed(_ error: any Error) {
        let isFirst = state.update { state in
            defer { state.isWritable = false }
            return state.isWritable
        }
        if isFirst { warn(.notWritten("\(error)")) }
    }
}
