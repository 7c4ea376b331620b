#if ISAL
    import CISAL

    /// Isa-l's inflate on bare deflate streams.
    ///
    /// Source: igzip_lib.h, isal_inflate.
    struct ISALInflate: ~Copyable {
        private let state = UnsafeMutablePointer<inflate_state>.allocate(capacity: 1)

        init() {
            // Isa-l's own beginning leaves most of the state as it finds it.
            UnsafeMutableRawPointer(state).initializeMemory(
                as: UInt8.self, repeating: 0, count: MemoryLayout<inflate_state>.size)
            isal_inflate_init(state)
        }

        deinit { state.deallocate() }

        func begin() { isal_inflate_reset(state) }

        func inflate(
            _ input: Span<UInt8>, from position: inout Int, appendingTo output: inout [UInt8], room: Int
        ) throws(CompressionError) -> DeflateRemainder? {
            var code: Int32 = 0
            var (taken, given, count) = (0, 0, 0)
            let rest = input.extracting(position..<input.count)
            rest.withUnsafeBytes { source in
                count = Int(UInt32(clamping: source.count))
                output.append(addingCapacity: room) { span in
                    span.withUnsafeMutableBufferPointer { memory, initialized in
                        state.pointee.next_in = UnsafeMutablePointer(
                            mutating: source.assumingMemoryBound(to: UInt8.self).baseAddress)
                        state.pointee.avail_in = UInt32(count)
                        state.pointee.next_out = memory.baseAddress
                        state.pointee.avail_out = UInt32(room)
                        code = isal_inflate(state)
                        taken = count - Int(state.pointee.avail_in)
                        given = room - Int(state.pointee.avail_out)
                        initialized = given
                    }
                }
            }
            position += taken
            guard code == ISAL_DECOMP_OK else {
                throw CompressionError(decompressing: "isa-l", Self.words(code))
            }
            if state.pointee.block_state == ISAL_BLOCK_FINISH { return remainder }
            guard taken > 0 || given > 0 || count == 0 else {
                throw CompressionError(decompressing: "isa-l", "isal_inflate stands still")
            }
            return nil
        }

        /// The whole bytes that isa-l read ahead, eight at most: they may come from an earlier input.
        private var remainder: DeflateRemainder {
            let bits = UInt64(max(state.pointee.read_in_length, 0))
            let count = Int(bits / 8)
            guard count > 0 else { return DeflateRemainder() }
            let bytes = state.pointee.read_in >> (bits % 8)
            let mask = count == 8 ? UInt64.max : (1 << (8 * UInt64(count))) - 1
            return DeflateRemainder(bits: bytes & mask, count: count)
        }

        /// What igzip_lib.h says of a code.
        private static func words(_ code: Int32) -> String {
            switch code {
            case ISAL_INVALID_BLOCK: "invalid deflate block found"
            case ISAL_INVALID_SYMBOL: "invalid deflate symbol found"
            case ISAL_INVALID_LOOKBACK: "invalid lookback distance found"
            default: "isal_inflate returned \(code)"
            }
        }
    }
#endif
