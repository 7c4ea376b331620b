import DockerfileSyntax
import HTTP
import Layers
import Linux
import OCI
import Provenance

/// Something that ADD fetches: a file from a URL, or a repository.
enum RemoteSource {
    case file(RemoteLocation)
    case repository(GitLocation)

    /// What is wanted of it beside its place.
    struct Wanted {
        /// `--checksum`.
        let checksum: String?
        /// `--keep-git-dir`.
        let keepsGitDirectory: Bool

        init(_ add: Add) { (checksum, keepsGitDirectory) = (add.checksum?.text, add.keepsGitDirectory) }
    }

    /// Reads a source of ADD.
    ///
    /// - Returns: `nil` for a path.
    /// - Throws: ``BuildError/usage(_:_:)`` for a repository that is named in no way git knows, `URLError`.
    init?(_ text: String) throws {
        if let location = try GitLocation(parsing: Array(text.utf8), "ADD") {
            self = .repository(location)
        } else if text.hasPrefix("http://") || text.hasPrefix("https://") {
            self = .file(try RemoteLocation(parsing: text))
        } else {
            return nil
        }
    }

    /// What tells two wishes apart.
    func identity(_ wanted: Wanted) -> String {
        let rest = "\(wanted.checksum ?? "") \(wanted.keepsGitDirectory)"
        return switch self {
        case .file(let location): "\(location.url.text) \(rest)"
        case .repository(let location): "\(location) \(rest)"
        }
    }

    /// Fetches it.
    ///
    /// - Throws: ``ContextError``, ``BuildError``, `HTTPError`, `FileError`, `Interruption`.
    func fetch(
        _ wanted: Wanted, _ settings: ContextSettings, progress: @escaping (Progress) -> Void
    ) throws -> FetchedSource {
        switch self {
        case .repository(let location):
            let context = try GitRepository.fetch(
                location, expecting: wanted.checksum, keepsGitDirectory: wanted.keepsGitDirectory, settings,
                progress: progress)
            return FetchedSource(context)
        case .file(let location):
            let checksum: Digest?
            do {
                checksum = try wanted.checksum.map { try Digest(parsing: $0) }
            } catch {
                throw BuildError.instruction("--checksum: write sha256: and 64 hexadecimal digits")
            }
            return try FetchedSource(
                RemoteFile.fetch(location, checksum: checksum, settings, progress: progress))
        }
    }
}

/// What ADD fetched: a directory, or one with a single file in it.
struct FetchedSource: Sendable {
    let source: CopySource
    /// The file's name; `nil` for all of the directory.
    let fileName: [UInt8]?
    /// What provenance says of it.
    let material: ResourceDescriptor?
    /// What goes away with it.
    private let keeper: any AnyObject & Sendable

    /// A repository.
    init(_ context: BuildContext) {
        (source, fileName, material, keeper) = (context.source, nil, context.material, context)
    }

    /// A file, which gets a directory of its own.
    init(_ file: RemoteFile) throws {
        let name = try file.fileName()
        let home = try FetchedFile(file, name)
        source = CopySource(try home.directory())
        (fileName, material, keeper) = (Array(name.bytes), file.material, home)
    }
}

/// The directory of a file that was fetched.
private final class FetchedFile: Sendable {
    private let scratch: ScratchDirectory

    init(_ remote: RemoteFile, _ name: FileName) throws {
        scratch = try ScratchDirectory()
        let file = try scratch.directory.createFile(name, permissions: 0o600)
        try remote.content.copy(to: file)
        // A file without a time gets one that is the same every time.
        try file.setModified(FileStatus.Time(seconds: remote.modified?.seconds ?? 0, nanoseconds: 0))
    }

    func directory() throws -> Directory { try scratch.directory.duplicate() }
}
