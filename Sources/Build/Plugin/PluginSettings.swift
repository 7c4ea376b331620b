import Linux
import OCI
import Registry
import SystemPackage

/// What the plugin shall do, read: nothing of it can be a mistake any more but what only the executor knows.
struct PluginSettings: Sendable {
    /// An image's name in its registry, as pipelines write it and as registries know it.
    struct ImageName: Equatable, Sendable {
        /// For `--destination`; with the registry where Docker Hub is not meant.
        let destination: String
        /// For the artifact file, whose registry stands apart.
        let artifact: String
    }

    let kind: PluginKind
    /// The registry as the user wrote it.
    let registry: String
    let name: ImageName?
    /// As the user wrote them.
    let givenTags: [String]
    /// Those that the image gets, each once.
    let tags: [String]
    let isPushed: Bool
    /// The tarball that is pushed in place of a new image.
    let sourceTarball: String?
    /// Where the image goes as a tarball.
    let tarPath: String?
    let cacheRepository: String?
    let artifactFile: String?
    let outputFile: String?
    /// What means nothing here, and why.
    let notes: [String]

    /// Reads the variables.
    ///
    /// - Parameters:
    ///   - kind: Which plugin it is.
    ///   - variables: Its environment.
    ///   - directory: The working directory, where `.tags` and the Dockerfile are.
    /// - Throws: ``PluginError``, `FileError` of `.tags`.
    init(_ kind: PluginKind, _ variables: PluginVariables, in directory: FilePath) throws {
        self.kind = kind
        registry = try Self.registry(kind, variables)
        let isPushOnly = try variables.isTrue("PLUGIN_PUSH_ONLY")
        isPushed = try !variables.isTrue("PLUGIN_NO_PUSH")
        guard isPushed || !isPushOnly else { throw PluginError.pushedAndNot(kind) }
        sourceTarball =
            isPushOnly ? try Self.sourceTarball(variables.text("PLUGIN_SOURCE_TAR_PATH"), in: directory) : nil
        let place = RegistryPrefix(
            registry, isWanted: try kind != .docker || variables.isTrue("PLUGIN_EXPAND_REPO"))
        name = variables.text("PLUGIN_REPO").map { repository in
            let name = place.before(repository)
            // Elsewhere the registry stands in a field of its own.
            let isWhole = kind == .docker || kind == .acr
            return ImageName(destination: name, artifact: isWhole ? name : place.without(repository))
        }
        guard !isPushed || name != nil else {
            throw isPushOnly ? PluginError.nowhereToPush : PluginError.noRepository
        }
        if !isPushOnly { try Self.checkDockerfile(variables, in: directory) }
        givenTags = try Self.givenTags(variables, in: directory)
        tags = try isPushOnly ? Self.distinct(givenTags) : Self.tags(givenTags, variables)
        tarPath = variables.text("PLUGIN_TAR_PATH", "PLUGIN_DESTINATION_TAR_PATH")
        cacheRepository = variables.text("PLUGIN_CACHE_REPO").map { place.before($0) }
        artifactFile = variables.text("PLUGIN_ARTIFACT_FILE")
        outputFile = variables.text("DRONE_OUTPUT")
        notes = try Self.notes(kind, variables, isPushOnly: isPushOnly)
        if hasDestinations { try checkDestinations() }
    }

    /// Whether the image gets names: where it is pushed, and in a tarball.
    var hasDestinations: Bool { isPushed || tarPath != nil && name != nil }

    /// The names that it gets.
    var destinations: [String] {
        guard let name, hasDestinations else { return [] }
        return tags.map { "\(name.destination):\($0)" }
    }

    // MARK: Reading

    private static func registry(_ kind: PluginKind, _ variables: PluginVariables) throws -> String {
        var given = variables.text("PLUGIN_REGISTRY")
        if kind == .gcr { given = given ?? variables.text("BASE_REGISTRY") }
        guard let registry = given ?? kind.defaultRegistry else {
            guard try !variables.isTrue("PLUGIN_NO_PUSH") else { return "" }
            throw PluginError.noRegistry
        }
        return registry
    }

    private static func sourceTarball(_ path: String?, in directory: FilePath) throws(PluginError) -> String {
        guard let path else { throw .noTarballNamed }
        guard Machine.exists(directory.pushing(FilePath(path))) else { throw .noTarball(path) }
        return path
    }

    /// The Dockerfile is looked for as the executor does: in the working directory, or in the context.
    private static func checkDockerfile(_ variables: PluginVariables, in directory: FilePath)
        throws(PluginError)
    {
        let file = variables.text("PLUGIN_DOCKERFILE") ?? "Dockerfile"
        guard !["http://", "https://"].contains(where: file.hasPrefix) else { return }
        let context = directory.pushing(FilePath(variables.text("PLUGIN_CONTEXT") ?? "."))
        let below = context.pushing(FilePath(variables.text("PLUGIN_CONTEXT_SUB_PATH") ?? "."))
        let found = [directory, context, below].contains { Machine.exists($0.pushing(FilePath(file))) }
        guard found else {
            throw .noDockerfile(
                Machine.absolute(directory.pushing(FilePath(file))).lexicallyNormalized().string)
        }
    }

    private static func givenTags(_ variables: PluginVariables, in directory: FilePath) throws -> [String] {
        if let text = variables.text("PLUGIN_TAGS") { return PluginVariables.parts(of: text) }
        let path = directory.appending(".tags")
        guard Machine.kind(of: path) == .regular else { return [AutomaticTags.latest] }
        let bytes = try File.reading(path).readAll(limit: 1 << 20)
        let tags = PluginVariables.parts(of: String(decoding: bytes, as: UTF8.self), between: [",", "\n"])
        return tags.isEmpty ? [AutomaticTags.latest] : tags
    }

    private static func tags(_ given: [String], _ variables: PluginVariables) throws(PluginError) -> [String]
    {
        let isExpanded = try variables.isTrue("PLUGIN_EXPAND_TAG")
        guard try variables.isTrue("PLUGIN_AUTO_TAG") else {
            return distinct(isExpanded ? given.flatMap(TagExpansion.tags) : given)
        }
        guard !isExpanded else { throw .autoTagAndExpandTag }
        let automatic = AutomaticTags(
            reference: variables.text("DRONE_COMMIT_REF") ?? "",
            branch: variables.text("DRONE_REPO_BRANCH") ?? "",
            suffix: variables.text("PLUGIN_AUTO_TAG_SUFFIX") ?? "")
        return try automatic.tags(given: given)
    }

    private static func distinct(_ tags: [String]) -> [String] {
        var seen: Set<String> = []
        return tags.filter { seen.insert($0).inserted }
    }

    /// What the registry would refuse after everything is built.
    private func checkDestinations() throws(PluginError) {
        guard let name else { return }
        do {
            let reference = try Reference(parsing: name.destination)
            guard reference.tag == nil, reference.digest == nil else {
                throw PluginError.setting(
                    "PLUGIN_REPO", "\(name.destination.quoted) has a tag; PLUGIN_TAGS is for those")
            }
        } catch let error as PluginError {
            throw error
        } catch {
            throw .setting("PLUGIN_REPO", "\(error)")
        }
        for tag in tags where !Reference.isTag(tag) { throw .noTag(tag) }
    }

    private static func notes(
        _ kind: PluginKind, _ variables: PluginVariables, isPushOnly: Bool
    ) throws(PluginError) -> [String] {
        var notes: [String] = []
        func add(_ reason: String, for names: String...) {
            for name in names where variables.text(name) != nil { notes.append("\(name): \(reason)") }
        }
        if kind != .ecr {
            add(
                "only plugin ecr knows repositories that have to be made", for: "PLUGIN_CREATE_REPOSITORY",
                "PLUGIN_LIFECYCLE_POLICY", "PLUGIN_REPOSITORY_POLICY")
        }
        if isPushOnly {
            for name in ["PLUGIN_EXPAND_TAG", "PLUGIN_AUTO_TAG"] where try variables.isTrue(name) {
                notes.append("\(name): an image that is only pushed gets the tags of PLUGIN_TAGS as they are")
            }
        } else if variables.text("PLUGIN_CACHE_REPO") != nil, try !variables.isTrue("PLUGIN_ENABLE_CACHE") {
            notes.append("PLUGIN_CACHE_REPO: nothing is cached without PLUGIN_ENABLE_CACHE")
        }
        add(
            "logins at Artifactory by OpenID Connect are not known here; give PLUGIN_USERNAME and PLUGIN_PASSWORD",
            for: "ARTIFACTORY_OIDC_PROVIDER_NAME")
        return notes
    }
}
