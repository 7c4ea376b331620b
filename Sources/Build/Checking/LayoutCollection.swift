import Images
public import OCI

/// Removes what a layout holds and nothing in it names.
public enum LayoutCollection {
    /// Removes it, and what killed writers left.
    ///
    /// - Parameters:
    ///   - text: The bytes of `oci:DIR`.
    ///   - report: Called for each blob that was removed, with its size in bytes.
    /// - Throws: ``BuildError/usage(_:_:)``, `ImageError`, `FileError`, `Interruption`.
    public static func run(on text: [UInt8], report: (Digest, Int64) -> Void) throws {
        let location = try ImageLocation(parsing: text)
        guard location.transport == .layout, location.selector == nil else {
            throw BuildError.usage("gc", "only a whole layout can be collected; write oci:DIR")
        }
        // What is no layout must not become one.
        _ = try ImageSource(reading: location)
        let writer = try LayoutWriter(ImageLayout(writing: location.path))
        for blob in try writer.removeUnnamedBlobs() { report(blob.digest, blob.size) }
    }
}
