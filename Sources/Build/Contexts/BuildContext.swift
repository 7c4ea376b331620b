import Layers
import Linux
import Provenance
import SystemPackage

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
    /// What this is a part of, and what lives as long.
    private let whole: BuildContext?

    /// A directory of this machine's.
    ///
    /// - Throws: `FileError`.
    init(name: String, _ directory: consuming Directory) throws(FileError) {
        source = CopySource(try directory.duplicate())
        (self.name, material, dockerfile) = (name, nil, nil)
        self.directory = directory
        scratch = nil
        whole = nil
    }

    private init(_ part: consuming Directory, at path: FilePath, of whole: BuildContext) throws(FileError) {
        source = CopySource(try part.duplicate())
        name = "\(whole.name), \(path.escapedDescription)"
        (material, dockerfile) = (whole.material, whole.dockerfile)
        directory = part
        scratch = nil
        self.whole = whole
    }

    /// A directory of it as a context of its own; no link leads out.
    ///
    /// - Throws: `FileError`.
    func part(_ path: FilePath) throws(FileError) -> BuildContext {
        try BuildContext(directory.openInRoot(path.bytes), at: path, of: self)
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
        whole = nil
    }
}
