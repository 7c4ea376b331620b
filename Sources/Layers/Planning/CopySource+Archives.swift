import Linux

extension CopySource {
    /// Looks whether a file is a tar archive, which ADD unpacks: by what it holds, whatever it is called.
    ///
    /// - Parameters:
    ///   - path: The file, below the source's root; links in it are followed.
    ///   - limits: How large a zstd window may be; an archive with a larger one is none.
    /// - Throws: ``LayerError``, `FileError`, `Interruption`.
    /// - Returns: How it is compressed, or `nil` for what is none: an empty archive, too, and what is no file.
    public func archiveForm(
        of path: [UInt8], _ limits: UnpackLimits = UnpackLimits()
    ) throws -> ArchiveForm? {
        do {
            let found = try find(path)
            guard found.status.kind == .regular else { return nil }
            return try ArchiveStream(of: open(found.path), limits).form
        } catch let error as FileError {
            throw LayerPlan.meaning(of: error)
        }
    }
}
