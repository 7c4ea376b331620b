import Images
import Layers
import Linux
public import OCI
public import SystemPackage

/// An image, and the directory that its layers shall become.
public struct UnpackRequest: Sendable {
    /// The image.
    let image: ImagePlace
    /// The directory: missing or empty.
    public var directory: FilePath
    /// Such as `linux/arm64`; `nil` for this machine.
    public var platform: String?
    /// Threads that inflate; `nil` for as many as the machine gives, 16 at most.
    public var jobs: Int?
    /// How registries are spoken to.
    public var distribution: DistributionSettings?
    /// What the layers may hold.
    public var limits = LimitSettings()

    /// A request with defaults for all the rest; `image` is the bytes of a location.
    ///
    /// - Throws: `ImageError/malformedLocation`.
    public init(image: [UInt8], directory: FilePath) throws {
        self.image = try ImagePlace(parsing: image)
        self.directory = directory
    }
}

/// An image that is a tree now.
public struct UnpackedImage: Sendable {
    /// The manifest's digest.
    public let digest: Digest
    /// Entries that were read, of all layers.
    public let entries: Int
    /// Bytes of the files in them.
    public let bytes: Int64
    /// Where owners, modes and devices are written down that a plain user's files cannot have.
    public let owners: FilePath?
}

/// Makes a directory tree of an image.
public struct Unpacker {
    private let request: UnpackRequest
    private let progress: (Progress) -> Void

    /// Gets ready; progress is told on the caller's thread.
    public init(_ request: UnpackRequest, progress: @escaping (Progress) -> Void) {
        (self.request, self.progress) = (request, progress)
    }

    /// Unpacks.
    ///
    /// The directory gets its name once every layer was verified to its end; after an error there is none.
    ///
    /// - Throws: ``BuildError`` and the errors of the rooms below; ``ErrorClass`` sorts them.
    public func unpack() throws -> UnpackedImage {
        let image = try StoredImage(
            request.image, in: Registries(request.distribution), platform: request.platform)
        var options = try UnpackOptions()
        options.jobs = try LayerSettings.jobs(request.jobs)
        options.limits = try request.limits.limits()
        options.keepsOwners = Machine.user.id == 0
        let owners = options.keepsOwners ? nil : try OwnersFile(of: request.directory)
        let target = try TemporaryDirectory(for: request.directory)
        var unpacker = LayerUnpacker(into: try target.directory.duplicate(), options)
        let layers = image.layers
        var bytes: Int64 = 0
        for (number, layer) in layers.enumerated() {
            // What is larger stored than it may become is not even fetched.
            try options.limits.check(stored: layer.descriptor.size)
            try unpacker.apply(image.openLayer(layer.descriptor), layer.descriptor, diffID: layer.diffID) {
                bytes += Int64($0)
                progress(.unpacking(layer: number + 1, of: layers.count, bytes: bytes))
            }
        }
        let summary = try unpacker.finish()
        if let owners {
            let table = try owners.begin()
            try unpacker.writeOwners(to: table)
            try Interruption.check()
            try owners.publish(table, beside: target)
        } else {
            try Interruption.check()
            try target.publish()
        }
        report(summary)
        return UnpackedImage(
            digest: image.descriptor.digest, entries: summary.entries, bytes: summary.bytes,
            owners: owners?.path)
    }

    private func report(_ summary: UnpackSummary) {
        if summary.devicesLeftOut > 0 { progress(.note(.devicesLeftOut(summary.devicesLeftOut))) }
        if let first = summary.firstAttributeLeftOut {
            progress(.note(.attributesLeftOut(summary.attributesLeftOut, first: first)))
        }
    }
}
