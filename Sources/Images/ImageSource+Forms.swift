public import OCI

/// One archive may be an OCI archive and a docker archive, and then has two lists of images.
extension ImageSource {
    /// The configurations of all images there, which name all that is in them.
    ///
    /// - Throws: ``ImageError``, `FileError`; also where another form of the same archive has other images: a reader of
    ///   that form would see something else than whoever looked at this one.
    /// - Returns: The digests; none for a layout, which has one form.
    public func configurationsInEveryForm() throws -> Set<Digest> {
        guard let location = otherForm else { return [] }
        let mine = try configurations()
        let other: ImageSource
        do {
            other = try ImageSource(reading: location)
        } catch ImageError.notAnArchive {
            return mine
        }
        guard try other.configurations() == mine else {
            throw ImageError.malformedDocument(
                path, "its index.json and its manifest.json name different images")
        }
        return mine
    }

    private func configurations() throws -> Set<Digest> {
        var search = ManifestSearch(of: self)
        try search.visit(index().manifests, depth: 1)
        return Set(try search.images.map { try manifest($0).value.config.digest })
    }
}
