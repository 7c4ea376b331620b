import DockerfileSyntax
import Layers
import Linux
import SystemPackage

/// The Dockerfile as it was found, and what its ignore file leaves out of the context.
struct DockerfileSource {
    /// The most bytes of either, with room for a reader to say that there are more.
    private static let limit = (4 << 20) + 1

    /// Its path, escaped for a message.
    let name: String
    let bytes: [UInt8]
    let ignored: IgnoreFile

    /// Finds it.
    ///
    /// Source: Dockerfile reference, ".dockerignore file": one beside the Dockerfile, of its name, goes before.
    ///
    /// - Parameters:
    ///   - path: As the user gave it, `-` for standard input; `nil` for `Dockerfile` in the context.
    ///   - context: The build context.
    ///   - isLocal: Whether that is a directory of this machine.
    ///   - prefersContext: Whether one in the context goes before the user's own, which may lie anywhere then.
    /// - Throws: ``BuildError``, ``DockerfileError`` of the ignore file, and the errors of the rooms below.
    init(_ path: FilePath?, of context: BuildContext, isLocal: Bool, prefersContext: Bool = false) throws {
        let named = path ?? "Dockerfile"
        let ignoreFile = FilePath(bytes: named.bytes + ".dockerignore".utf8)
        var own: [UInt8]?
        if path == nil, let bytes = context.dockerfile {
            (name, self.bytes) = ("Dockerfile", bytes)
        } else if path == "-" {
            (name, bytes) = ("Dockerfile", try File.standardInput().readAll(limit: Self.limit))
        } else if prefersContext, named.isRelative, let bytes = try Self.content(of: named, in: context) {
            (name, self.bytes) = (named.escapedDescription, bytes)
            own = try Self.content(of: ignoreFile, in: context)
        } else if isLocal || prefersContext, path != nil, let bytes = try Self.content(of: named) {
            // Beside a context on this machine a path is the user's own; Kaniko's users mean one within the context.
            (name, self.bytes) = (named.escapedDescription, bytes)
            own = try Self.content(of: ignoreFile)
        } else if named.isRelative || !isLocal, let bytes = try Self.content(of: named, in: context) {
            (name, self.bytes) = (named.escapedDescription, bytes)
            own = try Self.content(of: ignoreFile, in: context)
        } else {
            throw BuildError.noDockerfile("\(named.escapedDescription) in \(context.name)")
        }
        ignored = try own.map { try Self.ignored($0, ignoreFile) } ?? Self.ignored(of: context)
    }

    /// Fetches it from a server; its ignore file is the context's own.
    ///
    /// - Throws: As ``init(_:of:isLocal:prefersContext:)``, and what fetching it throws.
    init(
        at url: String, of context: BuildContext, _ settings: ContextSettings,
        progress: @escaping (Progress) -> Void
    ) throws {
        let place = try RemoteLocation(parsing: url)
        name = "\(place)"
        let file = try RemoteFile.fetch(place, settings, progress: progress)
        var bytes: [UInt8] = []
        while bytes.count < Self.limit,
            try file.content.read(upTo: Self.limit - bytes.count, at: Int64(bytes.count), appendingTo: &bytes)
                > 0
        {}
        self.bytes = bytes
        ignored = try Self.ignored(of: context)
    }

    /// What a context's own ignore file leaves out.
    ///
    /// - Throws: As ``init(_:of:isLocal:)``.
    static func ignored(of context: BuildContext) throws -> IgnoreFile {
        try content(of: ".dockerignore", in: context).map { try ignored($0, ".dockerignore") } ?? IgnoreFile()
    }

    private static func ignored(_ bytes: [UInt8], _ name: FilePath) throws -> IgnoreFile {
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
}
