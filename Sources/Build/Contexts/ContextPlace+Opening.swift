import Layers
import Linux
import Provenance
import Registry
import SystemPackage

extension ContextPlace {
    /// Makes the context's files reachable: opens a directory, unpacks an archive, fetches what is elsewhere.
    ///
    /// - Parameters:
    ///   - login: What the origin of a repository is shown where its URL has no login.
    ///   - settings: How things are fetched, and what they may hold.
    ///   - flag: Where the place stood, for messages.
    ///   - progress: Told how much was fetched.
    /// - Returns: The context, for as long as it is needed.
    /// - Throws: ``ContextError``, ``BuildError/usage(_:_:)`` for an image, and the errors of the rooms below.
    func open(
        login: Credential? = nil, _ settings: ContextSettings, _ flag: String = "context",
        progress: @escaping (Progress) -> Void
    ) throws -> BuildContext {
        switch self {
        case .path(let path):
            // Opened once: who writes to a pipe has one reader.
            let file = try File.reading(path)
            guard try file.status().kind == .directory else {
                return try Self.archive(file, at: path, settings)
            }
            return try BuildContext(name: description, try Directory.open(path))
        case .directory(let path):
            return try BuildContext(name: description, try Directory.open(path))
        case .archive(let path):
            return try Self.archive(File.reading(path), at: path, settings)
        case .standardInput(let mayBeDockerfile):
            return try ContextArchive(settings, mayBeDockerfile: mayBeDockerfile).open(
                name: "standard input", try File.standardInput())
        case .git(let location):
            return try GitRepository.fetch(location, login: login, settings, progress: progress)
        case .remote(let location):
            let file = try RemoteFile.fetch(location, settings, progress: progress)
            return try ContextArchive(settings, mayBeDockerfile: true).open(file)
        case .object(let object):
            progress(.fetching("\(object)", bytes: 0, of: nil))
            let scratch = try ScratchDirectory()
            let file = try File.reading(object.fetch(into: scratch.path))
            return try ContextArchive(settings, mayBeDockerfile: false).open(name: "\(object)", file)
        case .image(let place):
            throw BuildError.usage(
                flag, "\(place) is an image; give it a name, --build-context NAME=\(place)")
        }
    }

    private static func archive(
        _ file: consuming File, at path: FilePath, _ settings: ContextSettings
    ) throws -> BuildContext {
        try ContextArchive(settings, mayBeDockerfile: false).open(name: path.escapedDescription, file)
    }
}
