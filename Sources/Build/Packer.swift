import Images
import Layers
import Linux
public import OCI
import Provenance
public import SystemPackage

/// An image that was packed and published.
public struct PackedImage: Sendable {
    /// The manifest's descriptor; its digest is the image's.
    public let manifest: Descriptor
    /// Where the provenance lies.
    public let provenance: FilePath?
}

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
    /// After an error every image and its provenance are as they were before. The files that tell the digest are
    /// on the disk by then and get their names last; one that cannot get its name leaves the new image in place.
    ///
    /// - Throws: ``BuildError`` and the errors of the rooms below; ``ErrorClass`` sorts them.
    public func pack() throws -> PackedImage {
        let started = Machine.now
        let plan = try PackPlan(request)
        let account = try ProvenanceAccount(request, plan)
        let location = ProvenanceLocation(request)
        try refuseOutputsInsideTree(location)
        warnOfSecrets(plan)

        let layout = try ImageLayout(writing: request.output.path)
        let blob = try layout.temporaryBlob()
        // The libraries are hashed while the layer is made: nobody waits for it. Started once the next error
        // comes where it is joined: a process that ends while a thread hashes crashes in libcrypto.
        let dependencies = Worker { location.path == nil ? [] : BuilderVersions.mappedFiles() }
        let layer: Layer
        do {
            layer = try packLayer(of: request.root, into: blob, plan.layer) {
                progress(.packing(bytesIn: $0.bytesIn, bytesOut: $0.bytesOut, entries: $0.entries))
            }
        } catch {
            _ = try? dependencies.join()
            throw error
        }
        let builderDependencies = try dependencies.join()
        report(layer.contents)

        let configuration = try self.configuration(plan, layer)
        var writer = try LayoutWriter(layout)
        try writer.adopt(blob, as: layer.descriptor.digest)
        let config = try writer.put(Document(configuration).bytes, .imageConfiguration)
        let manifest = Manifest(
            config: config, layers: [layer.descriptor], annotations: plan.annotations.sorted)
        let descriptor = try writer.put(Document(manifest).bytes, .imageManifest)
        let path = location.path(of: descriptor.digest)
        var provenance: StagedFile?
        if let path {
            location.sweep()
            let statement = try account.statement(
                of: descriptor, layer, builderDependencies, started: started, finished: Machine.now)
            provenance = try StagedFile(at: path, statement.serialized() + [UInt8(ascii: "\n")])
        }
        var results = try ResultFiles(
            request, manifest: descriptor, config: config, name: plan.referenceName)
        try Interruption.check()
        try provenance?.publish()
        try writer.tag(descriptor, as: plan.referenceName)
        provenance?.keep()
        try results.publish()
        return PackedImage(manifest: descriptor, provenance: path)
    }

    private func configuration(_ plan: PackPlan, _ layer: Layer) throws -> ImageConfiguration {
        let newest = layer.contents.newestTime ?? 0
        let created: Timestamp
        switch plan.created {
        case .at(let time): created = time
        case .newestFile:
            guard let time = Timestamp(seconds: newest) else { throw BuildError.timeOutOfRange(newest) }
            created = time
        }
        var configuration = plan.configuration
        configuration.created = created
        configuration.append(
            layer: layer.diffID, history: HistoryEntry(created: created, createdBy: "varve pack"))
        return configuration
    }

    private func refuseOutputsInsideTree(_ location: ProvenanceLocation) throws {
        let root = try openTree()
        let files = [request.digestFile, request.imageNameFile, request.metadataFile, location.path]
        for output in [request.output.path] + files.compactMap({ $0 }) where try root.contains(output) {
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

    private func warnOfSecrets(_ plan: PackPlan) {
        let variables = (try? request.image.parsedEnvironment(request.variables)) ?? []
        for (name, value) in variables
        where Redaction.looksSecret(name: name) || Redaction.looksSecret(value: value) {
            progress(.note(.secretInImage(kind: "environment variable", name: name)))
        }
        for (name, text) in plan.configuration.labels.entries
        where Redaction.looksSecret(name: name) || Redaction.looksSecret(value: text) {
            progress(.note(.secretInImage(kind: "label", name: name)))
        }
    }

    private func report(_ contents: TreeSummary) {
        if let first = contents.firstSocket { progress(.note(.sockets(contents.sockets, first: first))) }
        if contents.filesGivenToRoot > 0, request.owner == nil {
            let user = Machine.user
            progress(.note(.givenToRoot(contents.filesGivenToRoot, user: user.id, group: user.group)))
        }
    }
}
