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
    let dockerfile: (name: String, bytes: [UInt8])
    private let context: BuildContext
    private let named: [(name: String, place: ContextPlace)]
    private let settings: ContextSettings
    private let state = Monitor(State())

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
        context = try place.open(login: GitLogin.take(), settings, progress: progress)
        checkout = if case .path(let path) = place { GitCheckout(around: path) } else { nil }
        let isLocal = context.material == nil
        dockerfile = try Self.dockerfile(request.dockerfile, of: context, isLocal: isLocal)
        let own = isLocal ? OwnFiles(of: request, below: context.directory.path) : OwnFiles()
        let ignored = try Self.ignoreFile(for: request.dockerfile, of: context, isLocal: isLocal)
        main = ContextFiles(name: nil, source: context.source, ignored: ignored, own: own)
        let names = own.names.filter { !ignored.isExcluded(Array($0.utf8)) }
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

    // MARK: The context

    /// The most bytes of a Dockerfile, with room for a reader to say that there are more.
    private static let limit = (4 << 20) + 1

    private static func dockerfile(
        _ path: FilePath?, of context: BuildContext, isLocal: Bool
    ) throws -> (String, [UInt8]) {
        if let bytes = context.dockerfile, path == nil { return ("Dockerfile", bytes) }
        if path == "-" { return ("Dockerfile", try File.standardInput().readAll(limit: limit)) }
        // Beside a context on this machine a path is the user's own; Kaniko's users mean one within the context.
        if isLocal, let path, let bytes = try content(of: path) {
            return (path.escapedDescription, bytes)
        }
        let path = path ?? "Dockerfile"
        if path.isRelative || !isLocal, let bytes = try content(of: path, in: context) {
            return (path.escapedDescription, bytes)
        }
        throw BuildError.noDockerfile("\(path.escapedDescription) in \(context.name)")
    }

    /// Source: Dockerfile reference, ".dockerignore file": one beside the Dockerfile, of its name, goes before.
    private static func ignoreFile(
        for path: FilePath?, of context: BuildContext, isLocal: Bool
    ) throws -> IgnoreFile {
        let own = (path ?? "Dockerfile").bytes + Array(".dockerignore".utf8)
        var found: (name: FilePath, bytes: [UInt8])?
        if let path, path != "-", isLocal, try content(of: path) != nil {
            found = try content(of: FilePath(bytes: own)).map { (FilePath(bytes: own), $0) }
        } else if path != "-" {
            found = try content(of: FilePath(bytes: own), in: context).map { (FilePath(bytes: own), $0) }
        }
        guard let found else { return try ignoreFile(of: context) }
        return try ignoreFile(found.name, found.bytes)
    }

    private static func ignoreFile(of context: BuildContext) throws -> IgnoreFile {
        try content(of: ".dockerignore", in: context).map { try ignoreFile(".dockerignore", $0) }
            ?? IgnoreFile()
    }

    private static func ignoreFile(_ name: FilePath, _ bytes: [UInt8]) throws -> IgnoreFile {
        do {
            return try IgnoreFile(parsing: bytes)
        } catch {
            throw DockerfileError(error, in: name.escapedDescription)
        }
    }

    /// A file of the user's own.
    private static func content(of path: FilePath) throws -> [UInt8]? {
        guard Machine.exists(path) else { return nil }
        let file = try File.reading(path)
        guard try file.status().kind == .regular else { throw BuildError.noRegularFile(path) }
        return try file.readAll(limit: limit)
    }

    /// A file of a context's, reached over no link that leads out of it.
    private static func content(of path: FilePath, in context: BuildContext) throws -> [UInt8]? {
        do {
            return try context.source.content(of: path.bytes, limit: limit)
        } catch LayerError.source {
            return nil
        }
    }

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
        // Under the lock: whoever comes second waits, and two do not fetch the same.
        return try state.update { state in
            if let known = state.opened[name] { return known.files }
            let opened = try place.open(settings, "--build-context", progress: progress)
            let files = ContextFiles(
                name: name, source: opened.source, ignored: try Self.ignoreFile(of: opened))
            state.opened[name] = (opened, files)
            if let material = opened.material { state.materials.append(material) }
            return files
        }
    }

    /// Fetches what ADD takes from elsewhere, once.
    ///
    /// - Throws: ``ContextError``, ``BuildError/usage(_:_:)``, and the errors of the rooms below.
    func fetch(
        _ remote: RemoteSource, _ wanted: RemoteSource.Wanted, progress: @escaping (Progress) -> Void
    ) throws -> FetchedSource {
        try state.update { state in
            let name = remote.identity(wanted)
            if let known = state.fetched[name] { return known }
            let fetched = try remote.fetch(wanted, settings, progress: progress)
            state.fetched[name] = fetched
            if let material = fetched.material { state.materials.append(material) }
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
            var all = state.materials
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
