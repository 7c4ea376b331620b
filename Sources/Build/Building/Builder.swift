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
    private let keys = SigningKeys()

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
        guard !request.outputs.isEmpty || request.isDiscarded else {
            throw BuildError.usage("--output", "give at least one")
        }
        let created = try CreationTime(request.created)
        let names = try request.outputs.map { try $0.writtenName }
        let registries = try Registries(request.distribution)
        let plan = try BuildPlan(request, registries, keys, progress: progress)
        do {
            let account = try BuildAccount(request, plan)
            let program = Worker { [destination = request.provenance.destination] in
                destination.isSomewhere ? BuilderVersions.mappedFiles() : []
            }
            // In place, those files will be others.
            let early = request.run.inplaceRoot == nil ? nil : Result { try program.join() }
            let written = Result { try write(plan, registries, created) }
            // Also after an error: a process that ends while a thread hashes crashes in libcrypto.
            let libraries = early ?? Result { try program.join() }
            let (stage, image, publication) = try written.get()
            let provenance = try account.provenance(
                stage, libraries.get(), started: started, finished: Machine.now)
            let published = try publication.publish(image, as: names, request.results, provenance)
            try plan.session.finish()
            plan.session.events.drain(progress)
            return published
        } catch {
            plan.session.cache.cancel()
            plan.session.events.drain(progress)
            throw error
        }
    }

    /// How often a build is begun because a layer of a shared cache proved to be none: each time costs that one.
    private static let attempts = 20

    private typealias Written = (stage: StageState, image: NewImage, publication: Publication)

    /// Carries the plan out, and writes everything but the image's names.
    private func write(
        _ plan: BuildPlan, _ registries: Registries, _ created: CreationTime
    ) throws -> Written {
        for _ in 1..<Self.attempts {
            do {
                return try writeOnce(plan, registries, created)
            } catch {
                guard Self.isLostLayer(error) else { throw error }
                plan.session.events.resume()
            }
        }
        return try writeOnce(plan, registries, created)
    }

    private func writeOnce(
        _ plan: BuildPlan, _ registries: Registries, _ created: CreationTime
    ) throws -> Written {
        let outputs = try ImageOutputs(request.outputs, registries, progress: progress)
        let publication = Publication(
            outputs, request.provenance, keys: keys, progress: progress)
        let stage = try plan.carryOut(progress: progress)
        let configuration = try configuration(of: stage, created, latestTime: plan.session.latestTime)
        var annotations = stage.base?.annotations ?? [:]
        annotations.merge(try ImageSettings.pairs(request.annotations, "--annotation"))
        let image = try NewImage(
            configuration: configuration, layers: stage.layers.map(\.image), annotations: annotations.sorted)
        try outputs.write(image, mounting: mounts(of: stage, plan.session.cache))
        for note in configuration.notesOfSecrets { progress(.note(note)) }
        return (stage, image, publication)
    }

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
        let plan = try BuildPlan(request, Registries(request.distribution), keys, progress: progress)
        return try plan.outline(progress: progress)
    }

    private func configuration(
        of stage: StageState, _ created: CreationTime, latestTime: Int64?
    ) throws -> ImageConfiguration {
        var configuration = stage.configuration
        let newest = stage.layers.compactMap(\.newestTime).max()
        let time = try created.time(
            newestFile: newest ?? stage.baseTime, base: stage.base?.configuration.created,
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
        if !labels.isEmpty { configuration.labels.merge(labels) }
        return configuration
    }
}
