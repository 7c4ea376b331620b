import DockerfileSyntax
import Images
import Layers
import Linux
import OCI
import Provenance
import SystemPackage

/// The build context and all other places that files come from, each opened once.
final class BuildContexts: Sendable {
    /// The context's files.
    let main: ContextFiles
    /// What the surroundings say of the sources.
    let checkout: GitCheckout?
    /// The Dockerfile.
    let dockerfile: DockerfileSource
    private let context: BuildContext
    private let named: [(name: String, place: ContextPlace)]
    private let settings: ContextSettings
    private let state = Monitor(State())
    /// Whoever wants what another thread fetches just now waits for it; two do not fetch the same.
    private let opening = KeyedLock<String>()
    private let fetching = KeyedLock<String>()

    private struct State {
        var opened: [String: (context: BuildContext, files: ContextFiles)] = [:]
        var fetched: [String: FetchedSource] = [:]
        var materials: [ResourceDescriptor] = []
        /// What was read of directories that have no digest of their own, by where it was read.
        var read: [String: [String: Digest]] = [:]
    }

    /// What stands for the context itself in ``State/read``.
    private static let itself = "context"

    /// Opens the context, and finds the Dockerfile.
    ///
    /// - Throws: ``BuildError``, ``ContextError``, ``DockerfileError`` of the ignore file, and the errors of the rooms
    ///   below.
    init(_ request: BuildRequest, progress: @escaping (Progress) -> Void) throws {
        settings = try ContextSettings(request.distribution, limits: request.limits)
        named = try request.contexts.map(Self.named)
        let place = try ContextPlace(parsing: request.context)
        guard !Self.isStandardInput(place) || request.dockerfile != "-" else {
            throw BuildError.usage("--file", "standard input is the context; the Dockerfile is elsewhere")
        }
        let opened = try place.open(login: GitLogin.take(), settings, progress: progress)
        context = try request.contextDirectory.map { try opened.part($0) } ?? opened
        checkout = if case .path(let path) = place { GitCheckout(around: path) } else { nil }
        let isLocal = context.material == nil
        dockerfile =
            if let url = request.dockerfileURL {
                try DockerfileSource(at: url, of: context, settings, progress: progress)
            } else {
                try DockerfileSource(
                    request.dockerfile, of: context, isLocal: isLocal, prefersContext: request.prefersContext)
            }
        let own = isLocal ? OwnFiles(of: request, below: context.directory.path) : OwnFiles()
        main = ContextFiles(
            name: nil, source: context.source, ignored: dockerfile.ignored, own: own)
        let names = own.names.filter { !dockerfile.ignored.isExcluded(Array($0.utf8)) }
        if !names.isEmpty { progress(.note(.ownFiles(names))) }
        if let material = context.material { state.update { $0.materials.append(material) } }
    }

    private static func isStandardInput(_ place: ContextPlace) -> Bool {
        if case .standardInput = place { true } else { false }
    }

    private static func named(_ text: [UInt8]) throws -> (name: String, place: ContextPlace) {
        guard let equals = text.firstIndex(of: UInt8(ascii: "=")), equals > 0,
            let name = String(validating: text[..<equals], as: UTF8.self)
        else { throw BuildError.usage("--build-context", "write NAME=PLACE") }
        return (name, try ContextPlace(parsing: Array(text[(equals + 1)...]), "--build-context"))
    }

    /// Where files of this machine are that the contexts consist of.
    var localFiles: [FilePath] { [context.directory.path] + named.compactMap { $0.place.localFile } }

    // MARK: Named contexts

    /// The context that takes a name's place, and whether it is an image.
    func named(_ name: String) -> (name: String, isImage: Bool)? {
        let reference = try? Reference(parsing: name).completed
        let found = named.last { context in
            if context.name.lowercased().utf8.elementsEqual(name.lowercased().utf8) { return true }
            return reference != nil && (try? Reference(parsing: context.name).completed) == reference
        }
        return found.map { context in
            if case .image = context.place { (context.name, true) } else { (context.name, false) }
        }
    }

    /// The image of a named context.
    func image(_ name: String) -> ImagePlace? {
        guard case .image(let place)? = named.last(where: { $0.name == name })?.place else { return nil }
        return place
    }

    /// The files of a named context.
    ///
    /// - Throws: As ``ContextPlace/open(login:_:_:progress:)``.
    func files(named name: String, progress: @escaping (Progress) -> Void) throws -> ContextFiles {
        guard let place = named.last(where: { $0.name == name })?.place else {
            throw BuildError.usage("--build-context", "there is none of the name \(name)")
        }
        return try opening.exclusively(name) {
            if let known = state.update({ $0.opened[name] }) { return known.files }
            let opened = try place.open(settings, "--build-context", progress: progress)
            let files = ContextFiles(
                name: name, source: opened.source, ignored: try DockerfileSource.ignored(of: opened))
            state.update { state in
                state.opened[name] = (opened, files)
                if let material = opened.material { state.materials.append(material) }
            }
            return files
        }
    }

    /// Fetches what ADD takes from elsewhere, once.
    ///
    /// - Throws: ``ContextError``, ``BuildError/usage(_:_:)``, and the errors of the rooms below.
    func fetch(
        _ remote: RemoteSource, _ wanted: RemoteSource.Wanted, progress: @escaping (Progress) -> Void
    ) throws -> FetchedSource {
        let name = remote.identity(wanted)
        return try fetching.exclusively(name) {
            if let known = state.update({ $0.fetched[name] }) { return known }
            let fetched = try remote.fetch(wanted, settings, progress: progress)
            state.update { state in
                state.fetched[name] = fetched
                if let material = fetched.material { state.materials.append(material) }
            }
            return fetched
        }
    }

    // MARK: Provenance

    /// Notes the digest of what was read of the context, or of a named one.
    func note(_ digest: Digest, of name: String?, at place: String) {
        state.update { $0.read[name ?? Self.itself, default: [:]][place] = digest }
    }

    /// What was read: repositories and archives as they are known, directories by a digest of all that was taken.
    var materials: [ResourceDescriptor] {
        get throws {
            let state = state.update { $0 }
            // Stages fetch side by side: whoever is ready first says nothing.
            var all = state.materials.sorted { ($0.uri ?? "", $0.name ?? "") < ($1.uri ?? "", $1.name ?? "") }
            for (name, digests) in state.read.sorted(by: { $0.key < $1.key }) {
                let opened = name == Self.itself ? context : state.opened[name]?.context
                guard let opened, opened.material == nil else { continue }
                let text = digests.sorted { $0.key < $1.key }.map { "\($0.key)\n\($0.value)\n" }.joined()
                all.append(
                    ResourceDescriptor(
                        name: name == Self.itself ? name : "context \(name)",
                        digest: DigestSet(try Digest.of(Array(text.utf8)))))
            }
            return all
        }
    }
}
