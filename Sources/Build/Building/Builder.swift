import DockerfileSyntax
import Images
import Layers
import Linux
import OCI
import Provenance

/// Makes an image of a Dockerfile and its context, and says how it came to be.
public struct Builder {
    private let request: BuildRequest
    private let progress: (Progress) -> Void

    /// Gets ready; progress is told on the caller's thread.
    public init(_ request: BuildRequest, progress: @escaping (Progress) -> Void) {
        (self.request, self.progress) = (request, progress)
    }

    /// Builds.
    ///
    /// After an error every image and its provenance are as they were before; layers that were made are kept for the
    /// next build.
    ///
    /// - Throws: ``BuildError``, ``InstructionError``, ``DockerfileError`` and the errors of the rooms below;
    ///   ``ErrorClass`` sorts them.
    public func build() throws -> PublishedImage {
        let started = Machine.now
        guard !request.outputs.isEmpty else { throw BuildError.usage("--output", "give at least one") }
        let created = try CreationTime(request.created)
        for output in request.outputs { _ = try output.writtenName }
        let registries = try Registries(request.distribution)
        let plan = try BuildPlan(request, registries, progress: progress)
        do {
            return try make(plan, registries, created, started: started)
        } catch {
            plan.session.cache.cancel()
            plan.session.events.drain(progress)
            throw error
        }
    }

    private func make(
        _ plan: BuildPlan, _ registries: Registries, _ created: CreationTime, started: FileStatus.Time
    ) throws -> PublishedImage {
        let account = try BuildAccount(request, plan)
        let names = try request.outputs.map { try $0.writtenName }
        let program = Worker { [destination = request.provenance.destination] in
            destination.isSomewhere ? BuilderVersions.mappedFiles() : []
        }
        var isJoined = false
        // A process that ends while a thread hashes crashes in libcrypto.
        defer { if !isJoined { _ = try? program.join() } }
        for attempt in 1... {
            do {
                let outputs = try ImageOutputs(request.outputs, registries, progress: progress)
                let publication = Publication(outputs, request.provenance, progress: progress)
                let stage = try plan.carryOut(progress: progress)
                let image = try image(of: stage, created, latestTime: plan.session.latestTime)
                try outputs.write(image, mounting: mounts(of: stage, plan.session.cache))
                warnOfSecrets(stage)
                isJoined = true
                let provenance = try account.provenance(
                    stage, program.join(), started: started, finished: Machine.now)
                let published = try publication.publish(image, as: names, request.results, provenance)
                try plan.session.finish()
                plan.session.events.drain(progress)
                return published
            } catch {
                guard attempt < Self.attempts, Self.isLostLayer(error) else { throw error }
                plan.session.events.resume()
            }
        }
        preconditionFailure("the last attempt ended in no way")
    }

    /// How often a build is begun again because a layer of a shared cache proved to be none: each costs that one.
    private static let attempts = 20

    private static func isLostLayer(_ error: any Error) -> Bool {
        switch error {
        case BuildError.cachedLayerLost: true
        case let error as InstructionError: isLostLayer(error.cause)
        default: false
        }
    }

    /// The repositories that have a layer already, whence a registry may take it over by itself.
    private func mounts(of stage: StageState, _ cache: LayerCache) throws -> [Digest: Registries.Place] {
        var mounts: [Digest: Registries.Place] = [:]
        for layer in stage.layers {
            switch layer.origin {
            case .base: mounts[layer.descriptor.digest] = stage.base?.origin
            case .kept(_, let kept): mounts[layer.descriptor.digest] = try cache.place(of: kept)
            case .made: break
            }
        }
        return mounts
    }

    /// Says what a build would do, and does nothing.
    ///
    /// - Throws: As ``build()``.
    public func outline() throws -> BuildOutline {
        var request = request
        request.cache.isWritten = false
        let plan = try BuildPlan(request, Registries(request.distribution), progress: progress)
        return try plan.outline(progress: progress)
    }

    private func image(
        of stage: StageState, _ created: CreationTime, latestTime: Int64?
    ) throws -> NewImage {
        var configuration = stage.configuration
        let newest = stage.layers.compactMap(\.newestTime).max()
        let time = try created.time(
            newestFile: newest ?? plainTime(stage), base: stage.base?.configuration.created,
            latest: latestTime)
        configuration.created = time
        configuration.diffIDs = stage.diffIDs
        configuration.history = stage.history.map { entry in
            var entry = entry
            // The base's entries have their times.
            if entry.created == nil, entry.comment == StageState.comment { entry.created = time }
            return entry
        }
        let labels = try ImageSettings.pairs(request.labels, "--label")
        var all = configuration.labels
        for (name, text) in labels.entries { all[name] = text }
        if !labels.isEmpty { configuration.labels = all }
        var annotations = stage.base?.annotations ?? [:]
        for (name, text) in try ImageSettings.pairs(request.annotations, "--annotation").entries {
            annotations[name] = text
        }
        return try NewImage(
            configuration: configuration, layers: stage.layers.map(\.image), annotations: annotations.sorted)
    }

    /// The time of an image without layers of its own.
    private func plainTime(_ stage: StageState) -> Int64 {
        stage.base?.configuration.created?.seconds ?? 0
    }

    private func warnOfSecrets(_ stage: StageState) {
        for text in stage.configuration.environment {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let (name, value) = (String(parts[0]), parts.count == 2 ? String(parts[1]) : "")
            if Redaction.looksSecret(name: name) || Redaction.looksSecret(value: value) {
                progress(.note(.secretInImage(kind: "environment variable", name: name)))
            }
        }
    }
}
