public import Linux
import Tar

/// Makes a tree of an archive that is no layer: a build context that came as one.
///
/// Files belong to whoever calls; modes and times are the archive's, but that
/// their owner may always read them. Names lead nowhere out of the directory,
/// whatever links there are, and those that begin with `.wh.` are names like
/// others. Devices are left out and counted.
///
/// - Parameters:
///   - archive: The archive; it is read to its end.
///   - directory: An empty directory. Nothing in it is of use where this throws.
///   - limits: How much the archive may hold.
/// - Throws: ``LayerError``, also for what is no archive, `TarError`, `FileError`, `Interruption`, and what the archive's
///   source throws.
/// - Returns: What was made.
@discardableResult
public func unpackTree(
    from archive: ArchiveStream, into directory: consuming Directory, _ limits: UnpackLimits = UnpackLimits()
) throws -> UnpackSummary {
    var options = try UnpackOptions()
    options.limits = limits
    var extractor = TreeExtractor(into: directory, options, hasWhiteouts: false)
    do {
        var reader = try archive.reader()
        try extractor.apply(&reader)
        try reader.finish()
        try extractor.finish()
    } catch {
        throw archive.meaning(of: error)
    }
    return extractor.summary
}

extension ArchiveStream {
    /// What an error says of the archive: a member of it is no layer's.
    func meaning(of error: any Error) -> any Error {
        switch error {
        case LayerError.hostile(let member, let reason):
            LayerError.source(path, "its member \(member.escapedDescription) is refused: \(reason)")
        case let error as TarError: LayerError.source(path, "\(error)")
        default: error
        }
    }
}
