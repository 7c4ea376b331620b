extension CompressionMethod {
    /// The library that makes the bytes, and its version.
    ///
    /// Libdeflate and isa-l cannot say their version at run time: theirs is the header's, and marked so.
    public var library: (name: String, version: String)? {
        switch self {
        case .none: nil
        case .gzip(.fastest): Self.libraries.first { $0.name == "isa-l" }
        case .gzip: ("libdeflate", "\(GzipCompressor.headerVersion) (built with)")
        case .zstd: ("libzstd", ZstdCompressor.libraryVersion)
        }
    }

    /// Every compression library of this build.
    public static var libraries: [(name: String, version: String)] {
        var libraries = [("libdeflate", "\(GzipCompressor.headerVersion) (built with)")]
        #if ISAL
            libraries.append(("isa-l", "\(FastestGzip.headerVersion) (built with)"))
        #endif
        libraries.append(("libzstd", ZstdCompressor.libraryVersion))
        libraries.append(("zlib", ZlibInflate.libraryVersion))
        return libraries
    }
}
