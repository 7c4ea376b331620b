import Images
import Linux
import OCI

/// A `--destination`, and what Kaniko calls it.
struct ExecutorDestination: Sendable {
    /// As the user wrote it.
    let text: String
    let reference: Reference

    /// - Throws: ``BuildError/usage(_:_:)``.
    init(_ text: String) throws(BuildError) {
        do {
            reference = try Reference(parsing: text).completed
        } catch {
            throw .usage("--destination", "\(error)")
        }
        guard reference.digest == nil else {
            throw .usage(
                "--destination", "\(escaped(text.utf8)) has a digest, which an image gets when it is built")
        }
        self.text = text
    }

    /// The repository with its registry, in Kaniko's spelling of Docker Hub's.
    var repository: String {
        let registry =
            reference.registry == Reference.defaultRegistry ? "index.docker.io" : reference.registry
        return "\(registry)/\(reference.repository)"
    }

    /// Where Kaniko looks for a cache when nobody says another place.
    var cacheRepository: String { "\(reference.registry)/\(reference.repository)/cache" }

    var tag: String { reference.tag ?? "latest" }
}
