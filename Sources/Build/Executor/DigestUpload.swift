import HTTP
import Linux
import OCI
import Registry

/// A server that gets an image's digest in place of a file, such as a signed URL of an object store.
///
/// Source: Kaniko, README, `--digest-file`.
struct DigestUpload: Sendable {
    private let place: RemoteLocation

    /// Reads the URL; nobody is asked yet.
    ///
    /// - Throws: ``BuildError/usage(_:_:)``, which repeats no login.
    init(parsing url: String) throws {
        do {
            place = try RemoteLocation(parsing: url)
        } catch let error as URLError {
            throw BuildError.usage("--digest-file", error.reason)
        }
    }

    /// Sends it; what fails in passing is tried again.
    ///
    /// - Throws: `HTTPError`, ``ContextError/notTaken(_:status:)``, `Interruption`.
    func send(_ digest: Digest, _ settings: ContextSettings) throws {
        let connection = try Connection(settings.connection) { try Interruption.check() }
        var request = Request(
            .put, place.url, headers: ["Content-Type": "text/plain"], body: Array("\(digest)".utf8))
        request.headers["Authorization"] = place.login?.authorization
        var failures = 0
        while true {
            do {
                let status = try connection.perform(request).status
                if (200...299).contains(status) { return }
                failures += 1
                guard status >= 500, try settings.backoff.pause(afterFailures: failures) else {
                    throw ContextError.notTaken("\(place)", status: status)
                }
            } catch let error as HTTPError {
                failures += 1
                guard error.isTransient, try settings.backoff.pause(afterFailures: failures) else {
                    throw error
                }
            }
        }
    }
}
