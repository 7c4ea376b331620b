import Compression
import DockerfileSyntax
import Images
import Layers
import Linux
import OCI
import SystemPackage

/// What all stages of a build share.
final class BuildSession: Sendable {
    let request: BuildRequest
    let method: CompressionMethod
    let jobs: Int
    /// The latest time of a file, in seconds since 1970.
    let latestTime: Int64?
    let filter: AttributeFilter
    let limits: UnpackLimits
    /// Where nothing that a program changes is kept: paths below the root.
    let ignoredPaths: [[UInt8]]
    let contexts: BuildContexts
    let cache: LayerCache
    let events: BuildEvents
    /// What tells this build from those of other Dockerfiles.
    let identity: String
    /// Digests of files, for all stages, by where the files are.
    private let digests = Monitor<[ObjectIdentifier: (source: CopySource, digests: ContentDigests)]>([:])
    let arguments: BuildArguments
    let secrets: [BuildSecret]
    let agents: [BuildAgent]
    /// How programs are run, once somebody asked.
    private let running = Monitor<RunGround?>(nil)
    /// The variables that FROM may use, for ARG without a value.
    let globals: Variables

    init(
        _ request: BuildRequest, _ contexts: BuildContexts, _ cache: LayerCache,
        _ events: BuildEvents, _ arguments: BuildArguments, globals: Variables
    ) throws {
        (self.request, self.contexts) = (request, contexts)
        (self.cache, self.events, self.arguments, self.globals) = (cache, events, arguments, globals)
        method = try request.layers.method()
        jobs = try LayerSettings.jobs(request.layers.jobs)
        // As BuildKit has it, for those who cannot set varve's own environment.
        var variables = request.variables
        if let epoch = arguments["SOURCE_DATE_EPOCH"] { variables["SOURCE_DATE_EPOCH"] = epoch }
        latestTime = try request.layers.latestTime(variables)
        filter = try AttributeFilter(alsoKeeping: request.attributes)
        limits = try request.limits.limits()
        ignoredPaths = request.ignoredPaths.map(PathText.normalized).filter { !$0.isEmpty }
        secrets = try request.run.secrets.map { try BuildSecret(parsing: $0) }
        agents = try request.run.agents.map { try BuildAgent(parsing: $0, variables: request.variables) }
        let context = Machine.resolved(FilePath(bytes: request.context))
        identity = "\(context)\n\(contexts.dockerfile.name)"
    }

    /// How programs are run here.
    ///
    /// - Throws: ``BuildError/noIsolation(_:)``, `FileError`, `Interruption`.
    func ground() throws -> RunGround {
        // Under the lock: others wait for what is tried.
        try running.update { known in
            if let known { return known }
            let made = try RunGround(request.run, limits, jobs: jobs) { events.show(.note($0)) }
            known = made
            return made
        }
    }

    /// The directories that programs of several builds share; of a build that keeps nothing, its own.
    ///
    /// - Throws: `FileError`.
    func cacheMounts() throws -> CacheMounts { try CacheMounts(in: cache.writableStore().home) }

    /// The files of an image, listed once for all builds that have its base.
    ///
    /// - Throws: `LayerError`, and what opening a layer throws.
    func listing(of layers: [StageLayer]) throws -> FileListing {
        var height = layers.count
        var found: FileListing?
        while height > 0, found == nil {
            found = try cache.listing(chain: Digest.chain(of: layers[..<height].map(\.diffID)))
            if found == nil { height -= 1 }
        }
        var listing = found ?? FileListing()
        do {
            for (number, layer) in layers.enumerated().dropFirst(height) {
                var bytes: Int64 = 0
                try listing.apply(contents(of: layer)) { [events] more in
                    bytes += Int64(more)
                    events.show(.reading(layer: number + 1, of: layers.count, bytes: bytes))
                }
            }
        } catch {
            throw blame(error, layers)
        }
        if height < layers.count { try cache.keep(listing, chain: Digest.chain(of: layers.map(\.diffID))) }
        return listing
    }

    /// An error of reading layers; where one of the cache is not what its entry says, that is made anew.
    func blame(_ error: any Error, _ layers: [StageLayer]) -> any Error {
        guard case LayerError.diffIDMismatch(let expected, _) = error,
            let layer = layers.first(where: { $0.diffID == expected }), let reject = layer.reject
        else { return error }
        reject("\(error)")
        return BuildError.cachedLayerLost(layer.descriptor.digest, "\(error)")
    }

    /// What is known of the files of a source.
    ///
    /// - Throws: `FileError`, `CryptographyError`.
    func digests(of source: CopySource) throws -> ContentDigests {
        try digests.update { known in
            if let found = known[ObjectIdentifier(source)] { return found.digests }
            // Without a place for it nothing is known; it is hashed then.
            let made =
                if let directory = try? cache.knownFileDigests() {
                    try ContentDigests(of: source, in: directory, filter)
                } else {
                    try ContentDigests(filter)
                }
            known[ObjectIdentifier(source)] = (source, made)
            return made
        }
    }

    /// Leaves what is worth keeping to the next build.
    ///
    /// - Throws: `Interruption`.
    func finish() throws {
        if request.cache.isWritten, let directory = try? cache.fileDigestsDirectory() {
            // Without them the next build takes longer, and that is all.
            for known in digests.update({ $0.values }) { try? known.digests.write(in: directory) }
        }
        try cache.finish()
    }

    /// A layer, to be read.
    func contents(of layer: StageLayer) throws -> LayerListing {
        LayerListing(
            try layer.open(), layer.descriptor, diffID: layer.diffID, jobs: jobs, limits)
    }
}
