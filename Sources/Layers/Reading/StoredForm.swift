public import OCI

/// How a layer's tar stream is stored.
public enum StoredForm: String, Hashable, Sendable {
    /// As it is.
    case tar
    /// In gzip members.
    case gzip
    /// In zstd frames.
    case zstd

    /// The form that a media type names, OCI's or Docker's.
    ///
    /// - Returns: `nil` for what is no layer, or none that varve unpacks.
    public init?(mediaType: MediaType) {
        switch mediaType {
        case .layerTar, .dockerLayerTar: self = .tar
        case .layerTarGzip, .dockerLayerTarGzip: self = .gzip
        case .layerTarZstd, .dockerLayerTarZstd: self = .zstd
        default: return nil
        }
    }

    /// Compares a blob's beginning with the form.
    ///
    /// What looks like nothing known passes: whoever reads it on says better what is wrong.
    ///
    /// - Throws: ``LayerError/storedOtherwise(_:looksLike:)``.
    func check(_ beginning: [UInt8]) throws(LayerError) {
        guard let found = Self.appearance(of: beginning), found != rawValue else { return }
        throw .storedOtherwise(self, looksLike: found)
    }

    /// What a file that begins so looks like: gzip, zstd, xz, bzip2 or tar.
    ///
    /// Source: RFC 1952, section 2.3.1; RFC 8878, section 3.1; file(1)'s magic for the others; POSIX.1-2018, pax,
    /// "ustar Interchange Format".
    static func appearance(of beginning: [UInt8]) -> String? {
        // A tar begins with a name, which may be anything, and so comes first.
        if beginning.dropFirst(257).starts(with: "ustar".utf8) { return "tar" }
        if beginning.starts(with: [0x1F, 0x8B]) { return "gzip" }
        if beginning.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) || isSkippableFrame(beginning) { return "zstd" }
        if beginning.starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]) { return "xz" }
        if beginning.starts(with: "BZh".utf8), beginning.dropFirst(4).starts(with: [0x31, 0x41, 0x59]) {
            return "bzip2"
        }
        return nil
    }

    private static func isSkippableFrame(_ beginning: [UInt8]) -> Bool {
        guard let first = beginning.first, 0x50...0x5F ~= first else { return false }
        return beginning.dropFirst().starts(with: [0x2A, 0x4D, 0x18])
    }
}
