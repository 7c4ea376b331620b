import Layers
import Linux
import Provenance

/// A directory that files are copied from, wherever it came from, for as long as it is needed.
///
/// What was unpacked or checked out for it goes away with it.
final class BuildContext: Sendable {
    /// What it is called, for messages; no secret is in it.
    let name: String
    /// Its files: no link leads out.
    let source: CopySource
    /// The directory itself.
    let directory: Directory
    /// What provenance says of it; `nil` for a directory of this machine.
    let material: ResourceDescriptor?
    /// The Dockerfile that came in place of a context.
    let dockerfile: [UInt8]?
    private let scratch: ScratchDirectory?

    /// A directory of this machine's.
    ///
    /// - Throws: `FileError`.
    init(name: String, _ directory: consuming Directory) throws(FileError) {
        source = CopySource(try directory.duplicate())
        (self.name, material, dockerfile) = (name, nil, nil)
        self.directory = directory
        scratch = nil
    }

    /// A directory that was made for it.
    ///
    /// - Parameters:
    ///   - name: What it is called.
    ///   - directory: The directory, in the one to be removed.
    ///   - scratch: What is removed in the end.
    ///   - material: What provenance says of it.
    ///   - dockerfile: The Dockerfile that came in its place.
    /// - Throws: `FileError`.
    init(
        name: String, _ directory: consuming Directory, in scratch: consuming ScratchDirectory,
        _ material: ResourceDescriptor?, dockerfile: [UInt8]? = nil
    ) throws(FileError) {
        source = CopySource(try directory.duplicate())
        (self.name, self.material, self.dockerfile) = (name, material, dockerfile)
        self.directory = directory
        self.scratch = consume scratch
    }
}
