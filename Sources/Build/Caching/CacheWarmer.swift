import DockerfileSyntax
import Images
import Linux
public import OCI
public import SystemPackage

/// Brings the layers of base images into a local cache, so that later builds fetch none of them.
public struct CacheWarmer {
    private let settings: CacheSettings
    private let distribution: DistributionSettings
    private let progress: (Progress) -> Void

    /// Gets ready; nobody is asked yet.
    public init(
        _ settings: CacheSettings, _ distribution: DistributionSettings,
        progress: @escaping (Progress) -> Void
    ) { (self.settings, self.distribution, self.progress) = (settings, distribution, progress) }

    /// Fetches images.
    ///
    /// - Parameters:
    ///   - names: The images.
    ///   - dockerfiles: Files whose bases are fetched as well.
    ///   - arguments: `NAME=VALUE`, for the FROMs of those.
    ///   - platform: Such as `linux/arm64`; `nil` for this machine.
    ///   - variables: Varve's own environment.
    /// - Returns: The images, with the digests of their manifests.
    /// - Throws: ``BuildError``, ``DockerfileError``, ``InstructionError`` and what fetching throws.
    public func warm(
        _ names: [String], dockerfiles: [FilePath], arguments: [String], platform: String?,
        variables: [String: String]
    ) throws -> [(name: String, digest: Digest)] {
        let host = Platform.host(machine: Machine.hardware)
        let target = try ImageSettings.platform(platform) ?? host
        let given = try BuildArguments(arguments, build: host, target: target, variables: variables)
        var all = names.map { (name: $0, platform: target) }
        for path in dockerfiles { all += try Self.bases(of: path, given) }
        let registries = try Registries(distribution)
        let notes = Monitor<[CacheNote]>([])
        let cache = try LayerCache(settings, registries: registries) { note in
            notes.update { $0.append(note) }
        }
        defer { for note in notes.update({ $0 }) { progress(.note(.cache(note))) } }
        let bases = BaseImages(registries, cache)
        var warmed: [(name: String, digest: Digest)] = []
        for (name, platform) in all where !warmed.contains(where: { $0.name == name }) {
            let image = try bases.image(name, platform)
            for (number, layer) in image.layers.enumerated() {
                try Interruption.check()
                progress(
                    .fetching("\(name), layer \(number + 1) of \(image.layers.count)", bytes: 0, of: nil))
                _ = try layer.open()
            }
            warmed.append((name, image.manifest.digest))
        }
        try cache.finish()
        return warmed
    }

    /// The images that a Dockerfile's stages begin with.
    private static func bases(
        of path: FilePath, _ arguments: BuildArguments
    ) throws -> [(name: String, platform: Platform)] {
        let name = path.escapedDescription
        let dockerfile: Dockerfile
        do {
            dockerfile = try Dockerfile(parsing: File.reading(path).readAll(limit: 4 << 20))
        } catch let error as SyntaxError {
            throw DockerfileError(error, in: name)
        }
        return try naming(name) {
            let globals = try arguments.global(dockerfile.globalArguments)
            return try dockerfile.stages.indices.compactMap { number in
                let stage = dockerfile.stages[number]
                let expanded = try InstructionError.within(stage.instruction) {
                    try stage.instruction.expanded(with: globals).instruction
                }
                guard case .from(let from) = expanded.content, from.base.text != "scratch",
                    dockerfile.stage(named: from.base.text, before: number) == nil
                else { return nil }
                let platform = try from.platform.map { try Platform(parsing: $0.text) }
                return (from.base.text, platform ?? arguments.platforms.target)
            }
        }
    }
}
