import Compression
import Images
import Layers
import Linux
import OCI
import SystemPackage
import Tar

/// A request whose texts were all read: nothing of it can be a mistake of the user's any more.
struct PackPlan {
    let layer: LayerOptions
    let base: BaseImage?
    let configuration: ImageConfiguration
    let annotations: Annotations
    let created: CreationTime
    /// What the image is called in each of the outputs.
    let names: [ImageName]

    /// - Throws: ``BuildError/usage(_:_:)``, `LayerError/pattern`; `ImageError`, `FileError` about the base.
    init(_ request: PackRequest, _ registries: Registries) throws {
        var layer = try LayerOptions()
        layer.compression = try request.layer.method()
        layer.jobs = try LayerSettings.jobs(request.layer.jobs)
        layer.latestTime = try request.layer.latestTime(request.variables)
        layer.owners = try Self.owners(request)
        layer.table = try request.owners.map { try Self.table($0, of: request.root) }
        layer.exclusion = try Exclusion(request.exclusions.map(\.bytes))
        layer.attributes = try AttributeFilter(alsoKeeping: request.attributes)
        layer.hasRootEntry = request.hasRootEntry
        self.layer = layer
        let base = try request.base.map {
            try BaseImage(ImagePlace(parsing: $0), in: registries, platform: request.image.platform)
        }
        configuration = try request.image.configuration(
            on: base?.configuration, variables: request.variables, hardware: Machine.hardware)
        var annotations = base?.annotations ?? [:]
        annotations.merge(try ImageSettings.pairs(request.image.annotations, "--annotation"))
        self.annotations = annotations
        self.base = base
        created = try CreationTime(request.created)
        names = try Self.names(request.outputs)
    }

    private static func names(_ outputs: [ImagePlace]) throws -> [ImageName] {
        guard !outputs.isEmpty else { throw BuildError.usage("--output", "give at least one") }
        guard outputs.count(where: \.isStandardStream) <= 1 else {
            throw BuildError.usage("--output", "standard output takes one archive only")
        }
        var names: [ImageName] = []
        for name in try outputs.map({ try $0.writtenName }) where !names.contains(name) { names.append(name) }
        return names
    }

    private static func owners(_ request: PackRequest) throws -> OwnerPolicy {
        if let owner = request.owner {
            guard !request.keepsOwners else {
                throw BuildError.usage("--owner", "it contradicts --keep-owner")
            }
            let numbers = owner.split(separator: ":", omittingEmptySubsequences: false).map { UInt32($0) }
            guard numbers.count == 2, let user = numbers[0], let group = numbers[1], user != .max,
                group != .max
            else {
                throw BuildError.usage("--owner", "\(owner) is none; write UID:GID in numbers")
            }
            return .fixed(user: user, group: group)
        }
        let own = Machine.user
        return own.id == 0 || request.keepsOwners ? .kept : .rootInsteadOf(user: own.id, group: own.group)
    }

    /// The most bytes of a specification: 2 million entries of 250 bytes.
    private static let tableLimit = 512 << 20

    private static func table(_ path: FilePath, of root: FilePath) throws -> OwnerTable {
        let file = try File.reading(path)
        guard try file.status().kind == .regular else { throw FileError("read", path, .invalidArgument) }
        let specification = try TreeSpecification(parsing: file.readAll(limit: tableLimit))
        return try OwnerTable(specification, in: Directory.open(root))
    }
}
