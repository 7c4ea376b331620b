import Images
import Layers
import Linux
import OCI
import Provenance
import SystemPackage

/// Signs what is claimed of an artifact.
public struct Attester {
    private let request: AttestRequest
    private let progress: (Progress) -> Void

    /// Gets ready; progress is told on the caller's thread.
    public init(_ request: AttestRequest, progress: @escaping (Progress) -> Void) {
        (self.request, self.progress) = (request, progress)
    }

    /// Signs; the key is read last.
    ///
    /// - Throws: ``BuildError``, `RecordError`, `KeyError` and the errors of the rooms below.
    public func attest() throws -> SignedAttestation {
        let type = try Self.predicateType(request.type)
        let registries = try Registries(request.distribution)
        let artifact = try Artifact(
            request.artifact, platform: request.platform, in: registries, isWritten: true)
        if request.isAttached { try expectLayout(artifact) }
        if request.file == "-" {
            throw BuildError.usage("--attestation-file", "envelopes are added to a file, and - is none")
        }
        let statement =
            if let predicate = request.predicate {
                try Statement(
                    subject: artifact.subjects(), predicateType: type,
                    predicate: Self.predicate(in: predicate))
            } else {
                try provenance(of: artifact, type)
            }
        let payload = statement.serialized()
        let signer = try request.key.signer { progress(.note($0)) }
        let envelope = try signer.envelope(payload)
        let file = (request.file ?? artifact.attestationFile).map { AttestationFile(path: $0) }
        try file?.add(envelope, by: signer.verificationKey)
        let attachment = Attachment.attestation(envelope, by: signer, predicateType: type)
        if request.isAttached { try attach(attachment, envelope, by: signer, to: artifact) }
        let image = try push(attachment, to: artifact, registries, progress)
        return SignedAttestation(file: file?.path, image: image, predicateType: type)
    }

    /// Puts it beside an image in a registry.
    ///
    /// - Returns: What cosign's image there is called; `nil` for an artifact elsewhere.
    private func push(
        _ attachment: Attachment, to artifact: Artifact, _ registries: Registries,
        _ progress: @escaping (Progress) -> Void
    ) throws -> String? {
        guard let (reference, image) = artifact.reference else { return nil }
        try AttachmentPush(registries, at: registries.placeToPush(reference), progress: progress)
            .add(attachment, to: image.descriptor, at: Self.now)
        return "\(reference.name):\(attachment.name(for: image.descriptor.digest))"
    }

    static func predicateType(_ text: String?) throws(BuildError) -> String {
        guard let text else { return BuildProvenance.predicateType }
        guard let uri = PredicateType.uri(text) else {
            let words = PredicateType.words.map(\.key).joined(separator: ", ")
            throw .usage("--type", "\(text) is no URI, and none of \(words)")
        }
        return uri
    }

    private func expectLayout(_ artifact: Artifact) throws(BuildError) {
        if case .image(let image) = artifact.kind, image.place.isLayout { return }
        throw .usage("--attestation-output", "layout needs an image in one, oci:DIR")
    }

    // MARK: What is signed

    /// The largest predicate; SBOMs of large images stay below.
    private static let predicateLimit = 40 << 20

    private static func predicate(in path: FilePath) throws -> JSONObject {
        let file = path == "-" ? try File.standardInput() : try File.reading(path)
        let bytes = try file.readAll(limit: predicateLimit)
        do {
            let limits = JSONLimits(bytes: predicateLimit, depth: 60, values: 4_000_000)
            guard let object = try JSONValue(parsing: bytes, limits: limits).object, !object.isEmpty else {
                throw BuildError.usage(
                    "--predicate", "\(path.escapedDescription) is no JSON object with members")
            }
            return object
        } catch let error as JSONError {
            throw BuildError.usage("--predicate", "\(path.escapedDescription): \(error)")
        }
    }

    private func provenance(of artifact: Artifact, _ type: String) throws -> Statement {
        guard type == BuildProvenance.predicateType else {
            throw BuildError.usage("--predicate", "a statement of type \(type) needs one")
        }
        guard let path = artifact.recordFile, case .image(let image) = artifact.kind else {
            let what = artifact.reference == nil ? "a file" : "an image in a registry"
            throw BuildError.usage(
                "--predicate", "\(what) has no build record beside it; give a predicate")
        }
        let record = try ReceivedStatement(parsing: Self.record(at: path))
        let subjects = try artifact.subjects()
        let (predicate, leftOut) = try BuildRecord.predicate(
            of: record, confirmedBy: account(image, record, subjects))
        if !leftOut.isEmpty { progress(.note(.recordLeftOut(leftOut))) }
        return try Statement(subject: subjects, predicateType: type, predicate: predicate)
    }

    private static func record(at path: FilePath) throws -> [UInt8] {
        let file: File
        do {
            file = try File.reading(path)
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            throw BuildError.noRecord(path)
        }
        guard try file.status().kind == .regular else { throw BuildError.noRegularFile(path) }
        return try file.readAll(limit: 16 << 20)
    }

    /// What is known here: flags, environment, and the image's own bytes, all of which are hashed.
    private func account(
        _ image: StoredImage, _ record: ReceivedStatement, _ subjects: [ResourceDescriptor]
    ) throws -> BuildRecord.Account {
        let platform = try PlatformAccount(request.provenance, request.variables)
        for layer in image.layers {
            _ = try readLayer(
                image.openLayer(layer.descriptor), layer.descriptor, diffID: layer.diffID,
                jobs: LayerSettings.jobs(nil), UnpackLimits()
            ) { stream in while try stream.next() != nil {} }
        }
        var account = BuildRecord.Account(
            buildType: ProvenanceAccount.buildType, builderID: platform.builderID,
            unspokenBuilderID: PlatformAccount.unattestedBuilderID,
            digests: subjects.compactMap { $0.digest["sha256"] }, now: Machine.now.seconds)
        if let (descriptor, diffID) = image.layers.last {
            account.diffID = diffID
            account.layer = ResourceDescriptor(
                name: "layer", digest: DigestSet(descriptor.digest),
                mediaType: descriptor.mediaType.description,
                annotations: [
                    "diffID": .string("\(diffID)"), "size": .number(JSONNumber(descriptor.size)),
                ])
        }
        account.baseDigest = image.manifest.value.annotations["org.opencontainers.image.base.digest"].flatMap
        {
            try? Digest(parsing: $0)
        }
        // Of varve's own parts those that shaped the layer: the record says which these were.
        let recorded = record.predicate["runDetails"]?["builder"]?["version"]?.object?.keys ?? []
        account.versions =
            BuilderVersions.all.filter { recorded.contains($0.name) }.map {
                ComponentVersion(name: $0.name, version: $0.version)
            } + platform.versions
        account.builderDependencies = BuilderVersions.mappedFiles() + platform.dependencies
        account.invocationID = platform.invocationID
        (account.code, account.source) = (platform.code, platform.source)
        account.internalParameters = platform.internalParameters
        return account
    }

    // MARK: Where it goes

    private func attach(
        _ attachment: Attachment, _ envelope: Envelope, by signer: Signer, to artifact: Artifact
    ) throws {
        guard case .image(let image) = artifact.kind, let path = image.place.path else { return }
        var writer = try LayoutWriter(ImageLayout(writing: path))
        try writer.attach(attachment, to: image.descriptor, at: Self.now) { content, _ in
            guard let known = try? AttestationLines(parsing: content).envelopes.first else { return false }
            return known.payload == envelope.payload && known.isSigned(onlyBy: signer.verificationKey)
        }
    }

    static var now: Timestamp { Timestamp(seconds: Machine.now.seconds) ?? .epoch }
}

extension Signer {
    /// Signs a statement, and makes sure that the signature is one.
    func envelope(_ payload: [UInt8]) throws -> Envelope {
        let bytes = Envelope.preAuthenticationEncoding(Envelope.statementType, payload)
        return Envelope(payload: payload, signatures: [Envelope.Signature(try sign(bytes))])
    }
}
