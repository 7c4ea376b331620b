import Images
import Linux
import OCI
import Provenance

/// Signs how images in a registry came to be, as the pipeline knows it that built them.
public struct SLSAAttestation {
    /// The template that explains the external parameters; README, "Provenance".
    static let buildType = "https://varve.dev/build-types/pipeline/v1"

    private let settings: SLSASettings
    private let distribution: DistributionSettings
    private let variables: [String: String]
    private let progress: (Progress) -> Void

    /// Gets ready; progress is told on the caller's thread.
    ///
    /// - Parameters:
    ///   - settings: What is signed.
    ///   - distribution: How registries are spoken to.
    ///   - variables: The environment, for what the CI system tells.
    ///   - progress: Is told what is done otherwise than it may be expected.
    public init(
        _ settings: SLSASettings, _ distribution: DistributionSettings, _ variables: [String: String],
        progress: @escaping (Progress) -> Void
    ) {
        (self.settings, self.distribution) = (settings, distribution)
        (self.variables, self.progress) = (variables, progress)
    }

    /// Signs a statement for each image, and puts it beside the image.
    ///
    /// All images are found before the key is read, and the key is read before anything is written.
    ///
    /// - Throws: ``BuildError`` and the errors of the rooms below.
    /// - Returns: What cosign's images there are called.
    public func attest() throws -> [String] {
        try expectKey()
        let registries = try Registries(distribution)
        let platform = try PlatformAccount(settings.provenance, variables)
        var images: [(reference: Reference, root: Descriptor)] = []
        for reference in settings.images {
            let root = try RemoteImage(reference, in: registries, isAtOrigin: true).root
            // Two tags may be one image.
            if !images.contains(where: { $0.root.digest == root.digest }) { images.append((reference, root)) }
        }
        let statements = try images.map { try statement(about: $0.root.digest, $0.reference, platform) }
        let signer = try signer()
        return try zip(images, statements).map { image, statement in
            let envelope = try signer.envelope(statement.serialized())
            let attachment = Attachment.attestation(
                envelope, by: signer, predicateType: statement.predicateType)
            try AttachmentPush(
                registries, at: registries.placeToPush(image.reference), progress: progress
            ).add(attachment, to: image.root, at: Attester.now)
            return "\(image.reference.name):\(attachment.name(for: image.root.digest))"
        }
    }

    private func expectKey() throws(BuildError) {
        guard !SecretVariable.exists(SLSASettings.privateKey) else { return }
        throw .usage(
            SLSASettings.privateKey,
            settings.wantsOtherKey
                ? "it is not set, and a key in Vault or of Fulcio is none for this step; varve attest --sign-command reaches keys elsewhere"
                : "it is not set; set it to the private key in PEM, as cosign writes it")
    }

    private func signer() throws -> Signer {
        try KeySettings.key(Array("env://\(SLSASettings.privateKey)".utf8))
            .signer { progress(.note($0)) }
    }

    // MARK: What is signed

    private func statement(
        about digest: Digest, _ reference: Reference, _ platform: PlatformAccount
    ) throws -> Statement {
        let subject = [ResourceDescriptor(name: reference.name, digest: DigestSet(digest))]
        let versions = builderVersions(platform)
        guard var given = settings.predicate else {
            return try provenance(of: reference, platform, versions).statement(about: subject)
        }
        given.complete(
            versions: versions, dependencies: platform.dependencies, invocationID: platform.invocationID)
        return try Statement(
            subject: subject, predicateType: BuildProvenance.predicateType, predicate: given.json)
    }

    /// The images that built, what led them, and varve, which says so.
    private func builderVersions(_ platform: PlatformAccount) -> [ComponentVersion] {
        var versions = platform.versions
        if let version = settings.managerVersion {
            versions.append(
                ComponentVersion(
                    name: "ci-manager",
                    version: Redaction.parameter(name: "", value: version).string ?? Redaction.redacted))
        }
        return versions + [ComponentVersion(name: "varve", version: Version.current)]
    }

    /// What the CI system's variables say.
    ///
    /// When the build began nobody told; when it is signed it is done.
    private func provenance(
        of reference: Reference, _ platform: PlatformAccount, _ versions: [ComponentVersion]
    ) -> BuildProvenance {
        var external: JSONObject = [:]
        for (key, object) in [
            ("codeMetadata", platform.code.json), ("triggerMetadata", platform.trigger.json),
            ("buildMetadata", BuildMetadata(image: reference.name).json),
        ] where !object.isEmpty {
            external[key] = .object(object)
        }
        var internals = platform.internalParameters
        internals["tool"] = "varve plugin slsa"
        return BuildProvenance(
            buildType: Self.buildType, externalParameters: external, internalParameters: internals,
            resolvedDependencies: [platform.source].compactMap { $0 }, builderID: platform.builderID,
            builderVersions: versions, builderDependencies: platform.dependencies,
            invocationID: platform.invocationID, finishedOn: Attester.now)
    }
}
