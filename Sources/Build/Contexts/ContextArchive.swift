import Cryptography
import Layers
import Linux
import OCI
import Provenance
import SystemPackage

/// Makes a context of a stream: of a tar archive, compressed or not, or of a Dockerfile alone.
struct ContextArchive {
    /// The most bytes of a Dockerfile that any are read of.
    private static let dockerfileLimit = 4 << 20

    private let settings: ContextSettings
    private let mayBeDockerfile: Bool

    /// - Parameters:
    ///   - settings: What the archive may hold.
    ///   - mayBeDockerfile: Whether what is no archive is taken for a Dockerfile.
    init(_ settings: ContextSettings, mayBeDockerfile: Bool) {
        (self.settings, self.mayBeDockerfile) = (settings, mayBeDockerfile)
    }

    /// Unpacks a file that may be a pipe; provenance names it, and its digest.
    ///
    /// - Throws: ``ContextError``, `LayerError`, `FileError`, `Interruption`.
    func open(name: String, _ file: consuming File) throws -> BuildContext {
        guard try file.status().kind != .directory else {
            throw ContextError.noContext(name, reason: "it is a directory where an archive is wanted")
        }
        let source = try HashedInput(file, name: name, limit: settings.limits.bytes)
        return try open(name: name, FilePath(name), source.next) {
            let digest = try source.digest()
            return ResourceDescriptor(
                name: name.split(separator: "/").last.map(String.init) ?? name, digest: DigestSet(digest))
        }
    }

    /// Unpacks a file that a server gave.
    ///
    /// - Throws: As ``open(name:_:)``.
    func open(_ file: RemoteFile) throws -> BuildContext {
        var offset: Int64 = 0
        return try open(
            name: "\(file.location)", FilePath("\(file.location)"),
            {
                try Interruption.check()
                var bytes: [UInt8] = []
                let count = try file.content.read(upTo: 256 << 10, at: offset, appendingTo: &bytes)
                offset += Int64(count)
                return count > 0 ? bytes : nil
            }, material: { file.material })
    }

    private func open(
        name: String, _ path: FilePath, _ read: @escaping () throws -> [UInt8]?,
        material: () throws -> ResourceDescriptor
    ) throws -> BuildContext {
        let archive = try ArchiveStream(path, settings.limits, read: read)
        let scratch = try ScratchDirectory()
        var dockerfile: [UInt8]?
        if archive.form != nil {
            do {
                try unpackTree(from: archive, into: scratch.directory.duplicate(), settings.limits)
            } catch LayerError.source(_, let reason) {
                throw ContextError.noContext(name, reason: reason)
            }
            // What stands behind the archive's end belongs to its digest.
            while try read() != nil {}
        } else {
            dockerfile = try text(of: archive, name)
        }
        return try BuildContext(
            name: name, scratch.directory.duplicate(), in: scratch, material(), dockerfile: dockerfile)
    }

    private func text(of stream: ArchiveStream, _ name: String) throws -> [UInt8] {
        func refused(_ reason: String) -> ContextError { .noContext(name, reason: reason) }
        guard mayBeDockerfile else { throw refused("it is no tar archive that can be unpacked") }
        let limit = Self.dockerfileLimit
        var bytes: [UInt8] = []
        while let more = try stream.next() {
            bytes += more
            guard bytes.count <= limit else {
                throw refused("it is no tar archive, and larger than the \(limit) bytes of a Dockerfile")
            }
        }
        guard !bytes.isEmpty else { throw refused("it is empty") }
        guard !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else {
            throw refused("it is neither a tar archive nor the text of a Dockerfile")
        }
        return bytes
    }
}

/// A file that is read once, and hashed meanwhile.
private final class HashedInput {
    private let file: File
    private let name: String
    private let limit: Int64
    private var sha256: SHA256?
    private var count: Int64 = 0

    init(_ file: consuming File, name: String, limit: Int64) throws {
        (self.name, self.limit) = (name, limit)
        self.file = file
        sha256 = try SHA256()
    }

    func next() throws -> [UInt8]? {
        guard let bytes = try file.nextChunk() else { return nil }
        count += Int64(bytes.count)
        guard count <= limit else { throw ContextError.tooLarge(name, limit: limit) }
        sha256?.update(bytes.span)
        return bytes
    }

    /// The digest of all that was read.
    func digest() throws -> Digest {
        guard let sha256 = sha256.take() else { preconditionFailure("a digest is taken once") }
        return Digest(sha256: sha256.finish())
    }
}
