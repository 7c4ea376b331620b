import OCI

/// The repository that a step means: what `PLUGIN_REGISTRY`, its type and `PLUGIN_REPO` say together.
struct SLSARepository {
    /// Without tag and digest.
    let reference: Reference

    /// Kinds of registries, and the one that is meant where none is named.
    private static let registries: [String: String?] = [
        "docker": Reference.defaultRegistry, "dockerhub": Reference.defaultRegistry, "gcr": "gcr.io",
        "ecr": nil, "gar": nil, "acr": nil, "har": nil,
    ]

    /// - Throws: ``BuildError/usage(_:_:)``.
    init(_ variables: SLSAVariables) throws(BuildError) {
        guard let repository = variables["PLUGIN_REPO"] else {
            throw .usage("PLUGIN_REPO", "it is not set; set it to the image's name without its tag")
        }
        let name = try Self.name(repository, in: Self.registry(variables))
        do {
            reference = try Reference(parsing: name)
        } catch {
            throw .usage("PLUGIN_REPO", "\(error)")
        }
        guard reference.tag == nil, reference.digest == nil else {
            throw .usage("PLUGIN_REPO", "a tag or a digest stands in a variable of its own")
        }
    }

    private static func registry(_ variables: SLSAVariables) throws(BuildError) -> String? {
        let given = try variables["PLUGIN_REGISTRY"].map { text throws(BuildError) in try host(text) }
        guard let type = variables["PLUGIN_REGISTRY_TYPE"]?.lowercased() else { return given }
        guard type != "local" else {
            throw .usage(
                "PLUGIN_REGISTRY_TYPE", "local is for files; varve attest and varve verify take them")
        }
        guard let known = registries[type] else {
            throw .usage(
                "PLUGIN_REGISTRY_TYPE",
                "\(type.quoted) is none of \(registries.keys.sorted().joined(separator: ", "))")
        }
        guard let registry = given ?? known else {
            throw .usage("PLUGIN_REGISTRY", "it is not set, and \(type) has no registry for everybody")
        }
        return registry
    }

    /// A registry as references have it; connectors write `https://index.docker.io/v1/`.
    private static func host(_ text: String) throws(BuildError) -> String {
        guard !text.contains("@") else {
            throw .usage("PLUGIN_REGISTRY", "a registry is named without a user; varve login keeps logins")
        }
        var rest = Substring(text)
        for scheme in ["https://", "http://"] where rest.hasPrefix(scheme) { rest.removeFirst(scheme.count) }
        while rest.last == "/" { rest.removeLast() }
        for version in ["/v1", "/v2"] where rest.hasSuffix(version) { rest.removeLast(version.count) }
        guard !rest.isEmpty else { throw .usage("PLUGIN_REGISTRY", "it names no host") }
        return String(rest)
    }

    /// The repository with its registry, which may stand in front of it already.
    private static func name(_ repository: String, in registry: String?) throws(BuildError) -> String {
        guard let registry else { return repository }
        if repository.lowercased().hasPrefix(registry.lowercased() + "/") { return repository }
        let first = repository.prefix { $0 != "/" }
        let isHost = first.count < repository.count && first.contains { ".:".contains($0) }
        guard !isHost else {
            throw .usage("PLUGIN_REPO", "it names another registry than PLUGIN_REGISTRY, \(registry.quoted)")
        }
        return "\(registry)/\(repository)"
    }
}
