#if ISAL
    import CISAL

    /// Makes gzip members with isa-l's igzip, the quickest there is.
    ///
    /// Igzip picks other code on other processors, and their bytes may differ:
    /// what is made with it cannot be made again everywhere.
    ///
    /// Source: RFC 1952, section 2.2; igzip_lib.h.
    public struct FastestGzip: ~Copyable {
        private let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: Int(isal_level_1_size))

        /// Makes a compressor, for one thread at a time.
        public init() {}

        deinit { buffer.deallocate() }

        /// One gzip member; its header has no name and no time.
        public func member(_ piece: Span<UInt8>) throws(CompressionError) -> [UInt8] {
            var stream = isal_zstream()
            isal_deflate_stateless_init(&stream)
            stream.level = 1
            stream.level_buf = buffer.baseAddress
            stream.level_buf_size = UInt32(buffer.count)
            stream.gzip_flag = UInt16(IGZIP_GZIP)
            stream.flush = UInt16(NO_FLUSH)
            stream.end_of_stream = 1
            var code: Int32 = 0
            // Igzip stores what it cannot shrink, in blocks of 64 KiB with 5 bytes of header each.
            let bound = piece.count + piece.count / 65535 * 5 + 64
            let member = [UInt8](unsafeUninitializedCapacity: bound) { memory, count in
                piece.withUnsafeBytes { input in
                    stream.next_in = UnsafeMutablePointer(
                        mutating: input.assumingMemoryBound(to: UInt8.self).baseAddress)
                    stream.avail_in = UInt32(input.count)
                    stream.next_out = memory.baseAddress
                    stream.avail_out = UInt32(memory.count)
                    code = isal_deflate_stateless(&stream)
                }
                count = Int(stream.total_out)
            }
            guard code == COMP_OK else {
                throw CompressionError("isa-l", "isal_deflate_stateless returned \(code)")
            }
            return member
        }

        /// The version in isa-l's header: the library cannot say its own.
        public static var headerVersion: String {
            "\(ISAL_MAJOR_VERSION).\(ISAL_MINOR_VERSION).\(ISAL_PATCH_VERSION)"
        }
    }
#endif
