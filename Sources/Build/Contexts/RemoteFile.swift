import Cryptography
import HTTP
import Layers
import Linux
import OCI
import Provenance
import Registry
import SystemPackage

/// A file that a server gave, in a file without a name here.
///
/// Redirects are followed as a registry's are, and never take a login along.
/// What fails in passing is tried again from the start.
///
/// Source: RFC 9110.
struct RemoteFile: Sendable {
    /// The content.
    let content: FileSlice
    /// Its SHA-256.
    let digest: Digest
    /// When the server says that it changed last.
    let modified: Timestamp?
    /// Where it is from.
    let location: RemoteLocation
    private let name: FileName?

    /// Fetches a file.
    ///
    /// - Parameters:
    ///   - location: Where it is.
    ///   - checksum: What its digest must be.
    ///   - settings: How, how often, and how much at most.
    ///   - progress: Told how much has come.
    /// - Returns: The file, verified.
    /// - Throws: ``ContextError``, `HTTPError`, `FileError`, `Interruption`.
    static func fetch(
        _ location: RemoteLocation, checksum: Digest? = nil, _ settings: ContextSettings,
        progress: @escaping (Progress) -> Void
    ) throws -> RemoteFile {
        let connection = try Connection(settings.connection) { try Interruption.check() }
        var failures = 0
        while true {
            let transfer = try RemoteTransfer(location, settings, progress)
            do {
                try transfer.run(over: connection)
                return try transfer.finish(checksum: checksum)
            } catch let error as HTTPError {
                guard error.isTransient else { throw error }
                failures += 1
                guard try settings.backoff.pause(afterFailures: failures) else { throw error }
            } catch let error as RemoteTransfer.Refusal {
                let refused = ContextError.refused(error.place, status: error.response.status)
                guard error.response.isTransient else { throw refused }
                failures += 1
                let now = Timestamp(seconds: Machine.now.seconds) ?? .epoch
                let asked = error.response.headers["Retry-After"].flatMap { RetryAfter.seconds($0, now: now) }
                guard try settings.backoff.pause(afterFailures: failures, asked: asked) else { throw refused }
            }
        }
    }

    fileprivate init(
        _ content: FileSlice, _ digest: Digest, _ name: FileName?, _ modified: Timestamp?,
        _ location: RemoteLocation
    ) {
        (self.content, self.digest, self.name, self.modified) = (content, digest, name, modified)
        self.location = location
    }

    /// What it is called: what the server says, else the URL's last component.
    ///
    /// - Throws: ``ContextError/nameless(_:)``.
    func fileName() throws(ContextError) -> FileName {
        guard let name else { throw .nameless("\(location)") }
        return name
    }

    /// What provenance says of it.
    var material: ResourceDescriptor {
        ResourceDescriptor(uri: location.publicURL, digest: DigestSet(digest))
    }
}

/// One try to fetch a file.
private final class RemoteTransfer {
    /// An answer that is no file.
    struct Refusal: Error {
        let place: String
        let response: Response
    }

    private struct Redirected: Error { let target: URL }

    private let location: RemoteLocation
    private let name: String
    private let limit: Int64
    private let progress: (Progress) -> Void
    private var file: TemporaryFile?
    private var sha256: SHA256?
    private var head: Response?
    private var received: Int64 = 0

    init(
        _ location: RemoteLocation, _ settings: ContextSettings, _ progress: @escaping (Progress) -> Void
    ) throws {
        (self.location, self.progress, limit) = (location, progress, settings.limits.bytes)
        name = "\(location)"
        var file = try TemporaryFile(in: Directory.open(Machine.temporaryDirectory), permissions: 0o600)
        try file.forgetName()
        self.file = consume file
        sha256 = try SHA256()
    }

    /// Asks, and goes where it is led.
    func run(over connection: Connection) throws {
        var url = location.url
        var isAtHome = true
        for _ in 0...Redirection.limit {
            var request = Request(.get, url)
            if isAtHome { request.headers["Authorization"] = location.login?.authorization }
            do {
                try connection.perform(
                    request, head: { try self.begin($0, at: url) }, receive: { try self.take($0) })
                return
            } catch let redirected as Redirected {
                url = redirected.target
                // Once away, always away: a redirect back shall not pick the login up again.
                isAtHome = isAtHome && url.origin == location.url.origin
            }
        }
        throw ContextError.tooManyRedirects(name)
    }

    /// Looks at an answer; the bodies of those that bring no file are not read.
    private func begin(_ response: Response, at url: URL) throws {
        if Redirection.statuses.contains(response.status), let place = response.headers["Location"] {
            throw Redirected(target: try target(place, from: url))
        }
        guard response.isSuccess else { throw Refusal(place: "\(url)", response: response) }
        if let length = response.contentLength, length > limit {
            throw ContextError.tooLarge(name, limit: limit)
        }
        head = response
        progress(.fetching(name, bytes: 0, of: response.contentLength))
    }

    private func target(_ place: String, from url: URL) throws(ContextError) -> URL {
        let target: URL
        do {
            target = try url.resolving(place)
        } catch {
            throw .forbiddenTarget("\(url)", reason: error.reason)
        }
        if let why = Redirection.objection(
            to: target.origin, from: url.origin, registry: location.url.origin)
        {
            throw .forbiddenTarget("\(url)", reason: "\(target.origin) \(why)")
        }
        return target
    }

    private func take(_ bytes: Span<UInt8>) throws {
        received += Int64(bytes.count)
        guard received <= limit else { throw ContextError.tooLarge(name, limit: limit) }
        sha256?.update(bytes)
        try file?.write(bytes)
        progress(.fetching(name, bytes: received, of: head?.contentLength))
    }

    /// Verifies what came.
    func finish(checksum: Digest?) throws -> RemoteFile {
        guard let file = file.take(), let sha256 = sha256.take() else {
            preconditionFailure("a transfer is finished once")
        }
        let digest = Digest(sha256: sha256.finish())
        if let checksum, checksum != digest {
            throw ContextError.checksum(name, expected: checksum, found: digest)
        }
        let fileName = RemoteFileName.find(
            disposition: head?.headers["Content-Disposition"], path: location.url.path)
        return RemoteFile(
            try file.slice(), digest, fileName, head?.headers["Last-Modified"].flatMap { HTTPDate.parse($0) },
            location)
    }
}
