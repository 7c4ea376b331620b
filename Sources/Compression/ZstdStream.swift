import CZstd

/// Opens zstd files, all their frames; skippable ones give nothing.
///
/// Memory grows with the window that a frame asks for, so that has a limit.
///
/// Source: RFC 8878; zstd.h, ZSTD_decompressStream.
public struct ZstdStream: ~Copyable, DecompressionStream {
    private let context: OpaquePointer
    private let windowLog: Int
    private var hasMoreOutput = false
    private var isEmpty = true
    private var start = ZstdFrameStart()
    /// Whether every frame so far is whole.
    public private(set) var isAtEnd = true
    /// The number of frames, skippable ones too, that ended so far.
    public private(set) var parts = 0

    /// The binary logarithms of windows that libzstd knows.
    public static let windowLogs = 10...31

    /// Makes a stream, for one thread at a time.
    ///
    /// - Parameter windowLog: The binary logarithm of the largest window in bytes, 10 to 31.
    /// - Throws: ``CompressionError`` for another number, or without memory.
    public init(windowLog: Int = 27) throws(CompressionError) {
        guard Self.windowLogs.contains(windowLog) else {
            throw CompressionError(
                decompressing: "libzstd", "no window of 2^\(windowLog) bytes; it has 10 to 31")
        }
        guard let context = ZSTD_createDCtx() else {
            throw CompressionError(decompressing: "libzstd", "out of memory")
        }
        let code = ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Int32(windowLog))
        guard ZSTD_isError(code) == 0 else {
            ZSTD_freeDCtx(context)
            throw CompressionError(decompressing: "libzstd", String(cString: ZSTD_getErrorName(code)))
        }
        (self.context, self.windowLog) = (context, windowLog)
    }

    deinit { ZSTD_freeDCtx(context) }

    /// What is thrown for a frame that asks for a larger window than the stream may have.
    public static func windowError(limit windowLog: Int) -> CompressionError {
        CompressionError(
            decompressing: "libzstd", "a frame asks for a window of more than 2^\(windowLog) bytes")
    }

    /// Opens what one piece of output has room for.
    public mutating func decompress(
        _ input: Span<UInt8>, from position: inout Int
    ) throws(CompressionError) -> [UInt8] {
        var output: [UInt8] = []
        while output.count < Self.pieceSize, position < input.count || hasMoreOutput {
            isEmpty = false
            try start.check(input, at: position)
            let code = step(input, &position, &output)
            guard ZSTD_isError(code) == 0 else {
                if ZSTD_getErrorCode(code) == ZSTD_error_frameParameter_windowTooLarge {
                    throw Self.windowError(limit: windowLog)
                }
                throw CompressionError(decompressing: "libzstd", String(cString: ZSTD_getErrorName(code)))
            }
            isAtEnd = code == 0
            if isAtEnd { (parts, start) = (parts + 1, ZstdFrameStart()) }
            // Where a piece is full libzstd may hold more.
            hasMoreOutput = !isAtEnd && output.count == Self.pieceSize
        }
        return output
    }

    private func step(_ input: Span<UInt8>, _ position: inout Int, _ output: inout [UInt8]) -> Int {
        var code = 0
        var place = position
        input.withUnsafeBytes { bytes in
            var source = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: place)
            let room = Self.pieceSize - output.count
            output.append(addingCapacity: room) { span in
                span.withUnsafeMutableBufferPointer { memory, initialized in
                    var target = ZSTD_outBuffer(dst: memory.baseAddress, size: room, pos: 0)
                    code = ZSTD_decompressStream(context, &target, &source)
                    initialized = target.pos
                }
            }
            place = source.pos
        }
        position = place
        return code
    }

    /// Says that no more input comes.
    public func finish() throws(CompressionError) {
        guard !isEmpty else { throw CompressionError(decompressing: "libzstd", "the file is empty") }
        guard isAtEnd else {
            throw CompressionError(decompressing: "libzstd", "the file ends within a frame")
        }
    }
}
