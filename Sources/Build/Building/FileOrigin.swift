import DockerfileSyntax
import Images
import Layers
import Linux
import OCI

/// A build context's files.
struct ContextFiles {
    /// The name of a further context; `nil` for the context itself.
    let name: String?
    let source: CopySource
    /// What of them nobody gets.
    let ignored: IgnoreFile
    /// What of them the build itself writes.
    var own = OwnFiles()
}

/// Where files are that COPY takes: a directory on this machine, or an image.
enum FileOrigin {
    /// A directory: a context's, or of what was fetched for ADD.
    case directory(CopySource, of: ContextFiles?)
    /// A stage, or an image.
    case image(ImageOrigin)

    /// A context.
    static func context(_ files: ContextFiles) -> FileOrigin { .directory(files.source, of: files) }

    /// The context that the files are of.
    var context: ContextFiles? { if case .directory(_, let context) = self { context } else { nil } }

    /// Whether the files belong to somebody; those of a context are root's.
    var hasOwners: Bool { if case .image = self { true } else { false } }

    /// The paths that a pattern matches, in the order of their bytes.
    func paths(matching glob: Glob, _ filter: CopyFilter) throws -> [[UInt8]] {
        switch self {
        case .directory(let source, _):
            return try source.paths(
                below: glob.directory, where: { glob.matches($0) }, mayMatch: { glob.mayMatch(below: $0) },
                filter.decision())
        case .image(let image): return try image.paths(matching: glob)
        }
    }

    /// Whether a path leads to a file of any kind.
    func holds(_ path: [UInt8]) throws -> Bool {
        switch self {
        case .directory(let source, _): try source.holds(path)
        case .image(let image): try image.holds(path)
        }
    }

    /// Whether a path leads to a file that is an archive.
    func holdsArchive(_ path: [UInt8], _ limits: UnpackLimits) throws -> Bool {
        switch self {
        case .directory(let source, _):
            return try source.archiveForm(of: path, limits) != nil
        // ADD takes nothing from an image.
        case .image: return false
        }
    }

    /// Puts files into a layer.
    func copy(
        _ path: [UInt8], _ filter: CopyFilter, into plan: inout LayerPlan, at destination: [UInt8],
        _ rules: CopyRules
    ) throws {
        switch self {
        case .directory(let source, _):
            try plan.copy(path, from: source, to: destination, rules)
        case .image(let image):
            try plan.copy(path, from: image.select(path, filter), to: destination, rules)
        }
    }

    /// Puts an archive's members into a layer.
    func unpack(
        _ path: [UInt8], into plan: inout LayerPlan, at destination: [UInt8], _ rules: CopyRules,
        _ limits: UnpackLimits
    ) throws {
        switch self {
        case .directory(let source, _):
            let spool = try Spool(in: Directory.open(Machine.temporaryDirectory))
            try plan.unpack(path, from: source, to: destination, into: spool, rules, limits)
        case .image: preconditionFailure("ADD takes nothing from an image")
        }
    }

    /// Adds to a key what the files are.
    ///
    /// - Parameters:
    ///   - path: What is copied.
    ///   - filter: What of it.
    ///   - place: Which instruction's source it is.
    ///   - byContent: Whether an image's files count by what they are, and not by the image that they are in.
    ///   - key: The layer's key.
    ///   - session: The build.
    /// - Throws: `LayerError`, `FileError`, and what reading an image's layers throws.
    func describe(
        _ path: [UInt8], _ filter: CopyFilter, at place: String, byContent: Bool, _ key: inout CacheKey,
        _ session: BuildSession
    ) throws {
        var files: [CacheKey.File] = []
        let digest: Digest
        let verdict = filter.decision()
        switch self {
        case .directory(let source, let context):
            digest = try source.fingerprint(
                of: [path], where: verdict, session.digests(of: source), jobs: session.jobs,
                noteLimit: CacheKey.fileLimit
            ) { path, digest in
                files.append(CacheKey.File(path, Digest(sha256: digest)))
            }
            if let context { session.contexts.note(digest, of: context.name, at: place) }
        case .image(let image):
            digest =
                try byContent
                ? image.select(path, filter).fingerprint : Digest.of(Array("\(image.chain)\n".utf8) + path)
        }
        try key.add(CacheKey.files, digest, files: files)
    }
}
