import Compression

// The same calls with arrays: within a test's macro a span of a temporary value ends too early.

extension GzipCompressor {
    func member(_ piece: [UInt8]) throws(CompressionError) -> [UInt8] { try member(piece.span) }

    func members(_ pieces: [[UInt8]]) throws(CompressionError) -> [UInt8] {
        var members: [UInt8] = []
        for piece in pieces { members += try member(piece.span) }
        return members
    }
}

extension ZstdCompressor {
    func frame(_ piece: [UInt8]) throws(CompressionError) -> [UInt8] { try frame(piece.span) }

    func frames(_ pieces: [[UInt8]]) throws(CompressionError) -> [UInt8] {
        var frames: [UInt8] = []
        for piece in pieces { frames += try frame(piece.span) }
        return frames
    }
}

extension GzipStream {
    static func inflate(_ file: [UInt8], limit: Int) throws(CompressionError) -> [UInt8] {
        var stream = try GzipStream()
        return try stream.decompressAll(file.span, limit: limit)
    }
}

#if ISAL
    extension FastestGzip {
        func member(_ piece: [UInt8]) throws(CompressionError) -> [UInt8] { try member(piece.span) }

        func members(_ pieces: [[UInt8]]) throws(CompressionError) -> [UInt8] {
            var members: [UInt8] = []
            for piece in pieces { members += try member(piece.span) }
            return members
        }
    }
#endif
