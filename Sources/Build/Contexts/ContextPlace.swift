import HTTP
import Linux
import Provenance
import SystemPackage

/// Where a build context is, as a user writes it.
///
///     .            dir://DIR        a directory; a file that is a tar archive
///     FILE         tar://FILE       a tar archive, compressed by gzip, bzip2, xz or zstd, or not
///     -            tar://stdin      the same on standard input; on `-` also a Dockerfile alone
///     https://HOST/FILE             the same from a server
///     s3://BUCKET/OBJECT            the same from an object store, also gs://: see `BucketObject`
///     https://HOST/REPO.git#REF:DIR a repository: see `GitLocation`
///     docker-image://REFERENCE      an image, for named contexts; also oci:DIR:TAG and its like
enum ContextPlace: Sendable, CustomStringConvertible {
    /// A directory, or an archive: a look at it tells.
    case path(FilePath)
    /// A directory.
    case directory(FilePath)
    /// A tar archive.
    case archive(FilePath)
    /// Standard input: a tar archive or, where that is allowed, a Dockerfile.
    case standardInput(mayBeDockerfile: Bool)
    /// A repository.
    case git(GitLocation)
    /// A tar archive in an object store.
    case object(BucketObject)
    /// A tar archive, or a Dockerfile, that a server has.
    case remote(RemoteLocation)
    /// An image.
    case image(ImagePlace)

    /// Reads a place.
    ///
    /// - Parameters:
    ///   - text: Its bytes: a path is in no encoding.
    ///   - flag: Where it stood, for messages.
    /// - Throws: ``BuildError/usage(_:_:)``, which repeats no login; of an image, what `ImagePlace` throws.
    init(parsing text: [UInt8], _ flag: String = "context") throws {
        guard !text.isEmpty, !text.contains(0) else {
            throw BuildError.usage(flag, "give a directory, an archive, a repository or a URL")
        }
        if text == [UInt8(ascii: "-")] {
            self = .standardInput(mayBeDockerfile: true)
        } else if let path = text.rest(after: "dir://") {
            self = .directory(try Self.path(path, flag))
        } else if let path = text.rest(after: "tar://") {
            let isStream = path.elementsEqual("stdin".utf8)
            self =
                isStream
                ? .standardInput(mayBeDockerfile: false) : .archive(try Self.path(path, flag))
        } else if let reference = text.rest(after: "docker-image://") {
            self = .image(try ImagePlace(parsing: Array("docker://".utf8) + reference))
        } else if let layout = text.rest(after: "oci-layout://") {
            self = .image(try ImagePlace(parsing: Array("oci:".utf8) + layout))
        } else if let git = try GitLocation(parsing: text, flag, mayBeLocal: true) {
            self = .git(git)
        } else if ImagePlace.isImage(text) {
            self = .image(try ImagePlace(parsing: text))
        } else if let object = try String(validating: text, as: UTF8.self).flatMap({
            try BucketObject(parsing: $0, flag)
        }) {
            self = .object(object)
        } else if let remote = try Self.remote(text, flag) {
            self = .remote(remote)
        } else {
            self = .path(FilePath(bytes: text))
        }
    }

    /// The file or directory of this machine; `nil` for what comes from elsewhere.
    var localFile: FilePath? {
        switch self {
        case .path(let path), .directory(let path), .archive(let path): path
        case .image(let place): place.path
        case .git(let location):
            location.transport == .file ? FilePath(String(location.remote.dropFirst("file://".count))) : nil
        case .standardInput, .remote, .object: nil
        }
    }

    private static func path(_ bytes: ArraySlice<UInt8>, _ flag: String) throws(BuildError) -> FilePath {
        guard !bytes.isEmpty else { throw .usage(flag, "a path follows the //") }
        return FilePath(bytes: Array(bytes))
    }

    /// - Returns: `nil` for what has no scheme.
    private static func remote(_ bytes: [UInt8], _ flag: String) throws -> RemoteLocation? {
        guard let mark = bytes.firstRange(of: "://".utf8),
            let text = String(validating: bytes, as: UTF8.self)
        else { return nil }
        let scheme = String(decoding: bytes[..<mark.lowerBound], as: UTF8.self).lowercased()
        guard scheme.utf8.allSatisfy({ 97...122 ~= $0 || 48...57 ~= $0 || "+-.".utf8.contains($0) }) else {
            return nil
        }
        switch scheme {
        case "http", "https": break
        default:
            throw BuildError.usage(
                flag,
                "\(escaped(scheme.utf8)):// is none of dir://, tar://, https://, git+https://, ssh://, s3://, gs://, docker-image:// and oci-layout://"
            )
        }
        do {
            return try RemoteLocation(parsing: text)
        } catch let error as URLError {
            throw BuildError.usage(
                flag, "\(escaped(Redaction.withoutUserInformation(text).utf8)): \(error.reason)")
        }
    }

    /// The place without logins, escaped for a message.
    var description: String {
        switch self {
        case .path(let path), .directory(let path), .archive(let path): path.escapedDescription
        case .standardInput: "standard input"
        case .git(let location): "\(location)"
        case .remote(let location): "\(location)"
        case .object(let object): "\(object)"
        case .image(let place): "\(place)"
        }
    }
}

extension [UInt8] {
    /// What stands behind a beginning; `nil` where it begins otherwise.
    fileprivate func rest(after beginning: String) -> ArraySlice<UInt8>? {
        starts(with: beginning.utf8) ? dropFirst(beginning.utf8.count) : nil
    }
}
