import Linux
import OCI
import Registry
import SystemPackage

/// A step of a pipeline: an image is built or pushed as Kaniko's plugin for Drone and Harness does it, and the pipeline
/// is told.
public struct PluginStep {
    /// Builds and publishes an image.
    ///
    /// It gets Kaniko's arguments, and logins that go before all others, and says the manifest's digest.
    public typealias Executor = (_ arguments: [String], _ logins: GivenLogins) throws -> String

    /// Kaniko's own directory, which its image has.
    private static let home: FilePath = "/kaniko"

    private enum Work {
        case build(PluginArguments)
        case push(PushOnly)
    }

    private let settings: PluginSettings
    private let variables: PluginVariables
    private let work: Work
    private let directory: FilePath
    private let progress: (Progress) -> Void

    /// Reads the settings; nothing is done yet.
    ///
    /// - Parameters:
    ///   - kind: Which plugin it is.
    ///   - variables: Its environment.
    ///   - progress: Told what goes on, on the caller's thread.
    /// - Throws: ``PluginError``, `FileError`.
    public init(
        _ kind: PluginKind, _ variables: PluginVariables, progress: @escaping (Progress) -> Void
    ) throws {
        let hasHome = Machine.kind(of: Self.home) == .directory
        try self.init(
            kind, variables, in: ".", digestFile: hasHome ? "\(Self.home)/digest-file" : nil,
            progress: progress)
    }

    /// The same in another directory, and with another place for the digest.
    init(
        _ kind: PluginKind, _ variables: PluginVariables, in directory: FilePath, digestFile: String?,
        progress: @escaping (Progress) -> Void
    ) throws {
        let settings = try PluginSettings(kind, variables, in: directory)
        (self.settings, self.variables, self.directory, self.progress) = (
            settings, variables, directory, progress
        )
        if let tarball = settings.sourceTarball {
            work = .push(try PushOnly(tarball, to: settings.destinations, in: directory))
        } else {
            work = .build(try PluginArguments(settings, variables, digestFile: digestFile))
        }
    }

    /// The command line that is carried out, as a person sees it; `nil` where nothing is built.
    public var line: String? { if case .build(let arguments) = work { arguments.line } else { nil } }

    /// Carries the step out, and tells the pipeline.
    ///
    /// - Parameters:
    ///   - distribution: How registries are spoken to; asked for where a tarball is pushed, for it takes credentials
    ///     out of the environment, which else the one who builds does.
    ///   - build: Who builds.
    /// - Returns: The manifest's digest.
    /// - Throws: ``PluginError``, `CredentialError`, and what building throws.
    public func run(
        _ distribution: () throws -> DistributionSettings, building build: Executor
    ) throws -> String {
        for text in settings.notes { note(text) }
        var access = PluginLogins(settings, variables) { note($0) }
        let logins = try access.logIn()
        let digest: String
        switch work {
        case .build(let arguments):
            try makeTarDirectory()
            digest = try build(arguments.words, logins)
        case .push(let image):
            var distribution = try distribution()
            try PushOnly.fill(&distribution, for: registry, variables)
            try distribution.give(logins)
            digest = try image.push(distribution, progress: progress)
        }
        tell(digest, page: access.page)
        return digest
    }

    private func note(_ text: String) { progress(.note(.plugin(text))) }

    /// The registry that the image goes to.
    private var registry: String {
        settings.name.flatMap { try? Reference(parsing: $0.destination) }?.registry
            ?? AuthKey(parsing: settings.registry).registry
    }

    private func makeTarDirectory() throws(PluginError) {
        guard let path = settings.tarPath else { return }
        let parent = FilePath(path).removingLastComponent()
        guard !parent.isEmpty else { return }
        do {
            _ = try Directory.makeDirectory(directory.pushing(parent))
        } catch {
            throw .tarDirectory(parent.string, error)
        }
    }

    /// Writes what the pipeline reads.
    ///
    /// The image is where it shall be: no failure here undoes that.
    private func tell(_ digest: String, page: String?) {
        if let path = settings.artifactFile {
            // Nothing was pushed that has no name in a registry.
            let names = settings.isPushed ? settings.tags : []
            let artifact = ArtifactFile(
                registryType: settings.kind.registryType, registryURL: page ?? settings.registry,
                images: names.map { ("\(settings.name?.artifact ?? ""):\($0)", digest) })
            write(artifact.bytes, to: path, "artifact")
        }
        if let path = settings.outputFile {
            let isBuilt = settings.sourceTarball == nil
            let output = DroneOutput(digest: digest, tarPath: isBuilt ? settings.tarPath : nil)
            write(output.bytes, to: path, "output")
        }
    }

    private func write(_ bytes: [UInt8], to path: String, _ what: String) {
        do {
            // Other users' programs read it.
            var file = try StagedFile(at: directory.pushing(FilePath(path)), bytes, permissions: 0o644)
            try file.publish()
            file.keep()
        } catch {
            note("failed to write plugin \(what) file at path: \(escaped(path.utf8)) with error: \(error)")
        }
    }
}
