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
    /// - Returns: The files with what was signed, and with the signature in base64.
    public func sign() throws -> (payload: FilePath, signature: FilePath) {
        let artifact = try Artifact(request.image, platform: request.platform)
        guard case .image(let image) = artifact.kind else {
            throw BuildError.usage(
                "image", "a file has no signature of this kind; varve attest signs a statement")
        }
        if request.isAttached, image.location.transport != .layout {
            throw BuildError.usage("--attestation-output", "layout needs an image in one, oci:DIR")
        }
        let payload = SimpleSigning.payload(
            reference: request.reference ?? artifact.name, digest: artifact.digest)
        let signer = try request.key.signer { progress(.note($0)) }
        let signature = Base64.text(of: try signer.sign(payload))
        let files = artifact.signatureFiles
        for (path, bytes) in [(files.payload, payload), (files.signature, Array("\(signature)\n".utf8))] {
            var file = try StagedFile(at: path, bytes)
            try file.publish()
            file.keep()
        }
        if request.isAttached {
            var writer = try LayoutWriter(ImageLayout(writing: artifact.path))
            try writer.attach(
                .signature(signature, over: payload), to: image.descriptor, at: Attester.now
            ) { $0 == payload }
        }
        return files
    }
}

extension Artifact {
    /// Where a signature without a statement lies.
    var signatureFiles: (payload: FilePath, signature: FilePath) {
        let end = Array(".intoto.jsonl".utf8)
        let start = Array(attestationFile.bytes.dropLast(end.count))
        return (
            FilePath(bytes: start + ".simplesigning.json".utf8),
            FilePath(bytes: start + ".simplesigning.sig".utf8)
        )
    }
}
