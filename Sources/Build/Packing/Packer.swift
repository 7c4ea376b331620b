import Images
import Layers
import Linux
import OCI
import Provenance
import SystemPackage

/// Makes an image of a root file system, and says how it came to be.
public struct Packer {
    private let request: PackRequest
    private let progress: (Progress) -> Void

    /// Gets ready; progress is told on the caller's thread.
    public init(_ request: PackRequest, progress: @escaping (Progress) -> Void) {
        (self.request, self.progress) = (request, progress)
    }

    /// Packs.
    ///
    /// After an error every image and its provenance are as they were before; only a stream that was written to
    /// cannot be. The files that tell the digest are on the disk by then and get their names last; one that cannot
    /// get its name leaves the new image in place.
    ///
    /// - Throws: ``BuildError`` and the errors of the rooms below; ``ErrorClass`` sorts them.
    public func pack() throws -> PublishedImage {
        let started = Machine.now
        let registries = try Registries(request.distribution)
        let plan = try PackPlan(request, registries)
        let account = try ProvenanceAccount(request, plan)
        try refuseOutputsInsideTree()
        for note in plan.configuration.notesOfSecrets { progress(.note(note)) }
        warnOfOldDocker()

        let outputs = try ImageOutputs(request.outputs, registries, progress: progress)
        let publication = Publication(outputs, request.provenance, progress: progress)
        let spool = try outputs.spool()
        let (layer, dependencies) = try makeLayer(plan, into: spool, hasProvenance: publication.hasProvenance)
        report(layer.contents)
        let slice = try spool.slice()
        let image = try NewImage(
            configuration: configuration(plan, layer),
            layers: (plan.base?.layers ?? []) + [NewImage.Layer(layer.descriptor, isOwn: true) { slice }],
            annotations: plan.annotations.sorted)
        outputs.adopt(spool, as: layer.descriptor.digest)
        var mounts: [Digest: Registries.Place] = [:]
        for layer in plan.base?.layers ?? [] { mounts[layer.descriptor.digest] = plan.base?.origin }
        try outputs.write(image, mounting: mounts)

        let provenance = account.provenance(layer, dependencies, started: started, finished: Machine.now)
        return try publication.publish(image, as: plan.names, request.results, provenance)
    }

    private func makeLayer(
        _ plan: PackPlan, into spool: borrowing TemporaryFile, hasProvenance: Bool
    ) throws -> (Layer, [ResourceDescriptor]) {
        // The libraries are hashed while the layer is made: nobody waits for it. Started once the next error
        // comes where it is joined: a process that ends while a thread hashes crashes in libcrypto.
        let dependencies = Worker { hasProvenance ? BuilderVersions.mappedFiles() : [] }
        do {
            let layer = try packLayer(of: request.root, into: spool, plan.layer) {
                progress(.packing(bytesIn: $0.bytesIn, bytesOut: $0.bytesOut, entries: $0.entries))
            }
            try spool.synchronize()
            return (layer, try dependencies.join())
        } catch {
            _ = try? dependencies.join()
            throw error
        }
    }

    private func configuration(_ plan: PackPlan, _ layer: Layer) throws -> ImageConfiguration {
        let created = try plan.created.time(
            newestFile: layer.contents.newestTime ?? 0, base: plan.base?.configuration.created)
        var configuration = plan.configuration
        configuration.created = created
        configuration.append(
            layer: layer.diffID, history: HistoryEntry(created: created, createdBy: "varve pack"))
        return configuration
    }

    private func refuseOutputsInsideTree() throws {
        let root = try openTree()
        let files = WrittenFiles(request.outputs, request.provenance, request.results)
        for output in files.paths where try root.contains(output) {
            throw BuildError.outputInsideTree(output: output, tree: request.root)
        }
    }

    private func openTree() throws -> Directory {
        do {
            return try Directory.open(request.root)
        } catch {
            throw error.errno == .notDirectory ? BuildError.notADirectory(request.root) : error
        }
    }

    private func warnOfOldDocker() {
        guard request.layer.compression == "zstd",
            request.outputs.contains(where: \.isDockerArchive)
        else { return }
        progress(.note(.zstdInDockerArchive))
    }

    private func report(_ contents: TreeSummary) {
        if let first = contents.firstSocket { progress(.note(.sockets(contents.sockets, first: first))) }
        if contents.filesGivenToRoot > 0, request.owner == nil {
            let user = Machine.user
            progress(.note(.givenToRoot(contents.filesGivenToRoot, user: user.id, group: user.group)))
        }
    }
}
