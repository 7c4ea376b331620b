import Cryptography
import Images
import Linux
import OCI
import Provenance
public import SystemPackage

/// An image that shall be signed without a statement.
public struct SignRequest: Sendable {
    /// The bytes of an image's location.
    public let image: [UInt8]
    /// Whose signature.
    public let key: KeySettings
    /// Such as `linux/arm64`, of an image for several; `nil` for this machine.
    public var platform: String?
    /// What the image is called where it is fetched, such as `registry.example.com/app:1.0`; `nil` for its name here.
    public var reference: String?
    /// How registries are spoken to.
    public var distribution: DistributionSettings?
    /// Whether the signature goes into the layout as well, as cosign's `.sig` image.
    public var isAttached = false

    /// A request with defaults for all the rest.
    public init(image: [UInt8], key: KeySettings) { (self.image, self.key) = (image, key) }
}

/// Signs images as cosign did before it had attestations.
public struct ImageSigner {
    private let request: SignRequest
    private let progress: (Progress) -> Void

    /// Gets ready; progress is told on the caller's thread.
    public init(_ request: SignRequest, progress: @escaping (Progress) -> Void) {
        (self.request, self.progress) = (request, progress)
    }

    /// Signs.
    ///
    /// - Throws: ``BuildError``, `KeyError` and the errors of the rooms below.
    /// - Returns: The files with what was signed, and with the signature in base64; or cosign's image in a registry.
    public func sign() throws -> Signed {
        let registries = try Registries(request.distribution)
        let artifact = try Artifact(
            request.image, platform: request.platform, in: registries, isWritten: true)
        guard case .image(let image) = artifact.kind else {
            throw BuildError.usage(
                "image", "a file has no signature of this kind; varve attest signs a statement")
        }
        if request.isAttached, !image.place.isLayout {
            throw BuildError.usage("--attestation-output", "layout needs an image in one, oci:DIR")
        }
        let payload = SimpleSigning.payload(
            reference: try reference() ?? artifact.name, digest: artifact.digest)
        let signer = try request.key.signer { progress(.note($0)) }
        let (key, signature) = (signer.verificationKey, Base64.text(of: try signer.sign(payload)))
        guard let files = artifact.signatureFiles, let path = artifact.path else {
            return try push(.signature(signature, over: payload), to: artifact, registries)
        }
        try AttestationFile(path: files.payload).whileLocked {
            let others = try Self.others(files, payload, key)
            let lines = (others + [signature]).map { "\($0)\n" }.joined()
            for (path, bytes) in [(files.payload, payload), (files.signature, Array(lines.utf8))] {
                var file = try StagedFile(at: path, bytes)
                try file.publish()
                file.keep()
            }
        }
        if request.isAttached {
            var writer = try LayoutWriter(ImageLayout(writing: path))
            try writer.attach(
                .signature(signature, over: payload), to: image.descriptor, at: Attester.now
            ) { content, signature in
                content == payload && signature.map { key.verifies(base64: $0, of: payload) } == true
            }
        }
        return .files(payload: files.payload, signature: files.signature)
    }

    private func push(
        _ attachment: Attachment, to artifact: Artifact, _ registries: Registries
    ) throws -> Signed {
        guard let (reference, image) = artifact.reference else {
            preconditionFailure("an image without a place")
        }
        try AttachmentPush(registries, at: registries.placeToPush(reference), progress: progress)
            .add(attachment, to: image.descriptor, at: Attester.now)
        return .image("\(reference.name):\(attachment.name(for: image.descriptor.digest))")
    }

    /// Where a signature is now.
    public enum Signed: Sendable {
        /// In files.
        case files(payload: FilePath, signature: FilePath)
        /// In an image of a registry.
        case image(String)
    }

    /// What the image is called, which stands in what is signed: no user information, and a name that tools read.
    private func reference() throws -> String? {
        guard let text = request.reference else { return nil }
        do {
            _ = try Reference(parsing: text)
        } catch {
            throw BuildError.usage("--reference", "\(error)")
        }
        return text
    }

    /// The signatures that others made over the same payload.
    ///
    /// - Throws: ``BuildError/cannotAdd(_:_:)`` where others signed another payload: one file has one.
    private static func others(
        _ files: (payload: FilePath, signature: FilePath), _ payload: [UInt8], _ key: VerificationKey
    ) throws -> [String] {
        guard let known = try AttestationFile(path: files.payload).text() else { return [] }
        let lines = try AttestationFile(path: files.signature).text() ?? []
        let others = lines.split(separator: UInt8(ascii: "\n")).prefix(AttestationLines.limit)
            .map { String(decoding: $0, as: UTF8.self) }.filter { !key.verifies(base64: $0, of: known) }
        guard others.isEmpty || known == payload else {
            throw BuildError.cannotAdd(
                files.signature,
                "somebody else signed the image under another name; move both .simplesigning files away")
        }
        return others
    }
}

extension VerificationKey {
    fileprivate func verifies(base64 text: String, of message: [UInt8]) -> Bool {
        Base64.bytes(text.utf8).map { verifies($0, of: message) } ?? false
    }
}

extension Artifact {
    /// Where a signature without a statement lies.
    var signatureFiles: (payload: FilePath, signature: FilePath)? {
        guard let attestationFile else { return nil }
        let end = Array(".intoto.jsonl".utf8)
        let start = Array(attestationFile.bytes.dropLast(end.count))
        return (
            FilePath(bytes: start + ".simplesigning.json".utf8),
            FilePath(bytes: start + ".simplesigning.sig".utf8)
        )
    }
}
