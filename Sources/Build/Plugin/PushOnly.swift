import Images
import Linux
import Registry
import SystemPackage

/// An image in a tarball that is pushed as it is.
///
/// Source: drone-kaniko, `PLUGIN_PUSH_ONLY` with `PLUGIN_SOURCE_TAR_PATH`.
struct PushOnly {
    /// The tarball as the user named it.
    let tarball: String
    /// The names that the image gets.
    let destinations: [String]
    let request: CopyRequest

    /// Finds out what the tarball is.
    ///
    /// - Parameters:
    ///   - tarball: Its path.
    ///   - destinations: `registry/repository:tag` each.
    ///   - directory: Where relative paths begin.
    /// - Throws: ``PluginError/unreadableTarball(_:)``.
    init(_ tarball: String, to destinations: [String], in directory: FilePath) throws(PluginError) {
        let path = directory.pushing(FilePath(tarball))
        do {
            request = CopyRequest(
                source: try Self.place(of: path),
                destinations: destinations.map { Array("docker://\($0)".utf8) })
        } catch {
            throw .unreadableTarball(error)
        }
        (self.tarball, self.destinations) = (tarball, destinations)
    }

    /// Pushes it.
    ///
    /// - Returns: The digest of the manifest.
    /// - Throws: ``PluginError/pushFailed(tarball:destinations:_:)``, `Interruption`.
    func push(_ distribution: DistributionSettings, progress: @escaping (Progress) -> Void) throws -> String {
        var request = request
        (request.direction, request.distribution) = (.push, distribution)
        do {
            return try ImageCopier(request, progress: progress).copy().digest
        } catch {
            if error is Interruption { throw error }
            throw PluginError.pushFailed(tarball: tarball, destinations: destinations, error)
        }
    }

    /// How registries are spoken to, as far as that is about pushing.
    ///
    /// - Parameters:
    ///   - settings: Those to begin with.
    ///   - registry: The one that the image goes to.
    ///   - variables: What the user says.
    /// - Throws: ``PluginError/setting(_:_:)``.
    static func fill(
        _ settings: inout DistributionSettings, for registry: String, _ variables: PluginVariables
    ) throws(PluginError) {
        settings.maybePlainRegistries += variables.list("PLUGIN_INSECURE_REGISTRY")
        if try variables.isTrue("PLUGIN_INSECURE") { settings.maybePlainRegistries.append(registry) }
        if try variables.isTrue("PLUGIN_SKIP_TLS_VERIFY") { settings.unverifiedRegistries.append(registry) }
        // Before = stands the registry that they are for, and there is but one.
        if let certificate = variables.text("PLUGIN_REGISTRY_CERTIFICATE") {
            settings.certificates.append(FilePath(NameAndValue(certificate).value ?? certificate))
        }
        if let pair = variables.text("PLUGIN_REGISTRY_CLIENT_CERT") {
            let files = PluginVariables.parts(of: NameAndValue(pair).value ?? pair)
            guard files.count == 2 else {
                throw .setting("PLUGIN_REGISTRY_CLIENT_CERT", "write registry.example.com=/cert.pem,/key.pem")
            }
            (settings.clientCertificate, settings.clientKey) = (FilePath(files[0]), FilePath(files[1]))
        }
        if let retries = try variables.number("PLUGIN_PUSH_RETRY"), retries > 0 {
            settings.tries = min(retries + 1, 100)
        }
    }

    /// An archive that is an OCI archive, too, is read as that: its digest is the image's own.
    private static func place(of path: FilePath) throws -> [UInt8] {
        guard !path.bytes.contains(UInt8(ascii: ":")) else {
            throw BuildError.usage(
                "PLUGIN_SOURCE_TAR_PATH", "a path with a colon cannot be read; rename the file")
        }
        if Machine.kind(of: path) == .directory { return Array("oci:".utf8) + path.bytes }
        let archive = Array("oci-archive:".utf8) + path.bytes
        do {
            _ = try ImageSource(reading: ImageLocation(parsing: archive))
            return archive
        } catch ImageError.notAnArchive {
            let place = Array("docker-archive:".utf8) + path.bytes
            _ = try ImageSource(reading: ImageLocation(parsing: place))
            return place
        }
    }
}
