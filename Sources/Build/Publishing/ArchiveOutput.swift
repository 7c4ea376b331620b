import Images
import Linux
import OCI
import SystemPackage

/// An archive that a new image goes to: a file, or a stream such as standard output.
final class ArchiveOutput {
    let location: ImageLocation
    private(set) var names: [ImageName]
    /// The SHA-256 of the whole archive, once it is written.
    private(set) var digest: Digest?
    /// `nil` for standard output.
    private var file: StagedFile?

    /// Opens it; whatever has the file's name stays there for now.
    init(_ location: ImageLocation) throws {
        names = [try location.name]
        self.location = location
        file = location.isStandardStream ? nil : try StagedFile(at: location.path)
    }

    /// Whether a location is this archive, under whatever name.
    func isAt(_ other: ImageLocation) -> Bool {
        other.path == location.path && other.transport == location.transport
    }

    /// Takes the name of another location that is this archive.
    func merge(_ other: ImageLocation) throws {
        let name = try other.name
        if !names.contains(name) { names.append(name) }
    }

    /// Whether it cannot be taken back: what is written there is gone.
    var isStream: Bool { file?.isStream ?? true }

    /// What provenance calls it.
    var subject: String {
        location.isStandardStream ? "stdout" : location.path.lastComponent.map { "\($0)" } ?? "archive"
    }

    /// A file without a name beside it.
    func scratchFile() throws -> TemporaryFile? { try file?.scratchFile() }

    /// Writes it all, and waits until it is on the disk; nobody sees it yet, unless it is a stream.
    func write(_ image: NewImage) throws {
        if isStream {
            do {
                let stream = try file?.openStream() ?? File.standardOutput()
                digest = try image.writeArchive(named: names) { try stream.write($0.span) }
            } catch {
                // Who waits for a reader is woken by the signal, and not by its own mistake.
                try Interruption.check()
                throw error
            }
        } else {
            digest = try image.writeArchive(named: names) { try file?.write($0) }
            try file?.synchronize()
        }
    }

    /// Gives it its name.
    func publish() throws {
        guard !isStream else { return }
        try file?.publish()
        file?.keep()
    }
}
