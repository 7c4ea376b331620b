import Compression
import Cryptography
import Linux

/// Takes a layer's blob through hash and decompressors, and gives its tar stream out in order.
///
///     read, SHA-256 (→ digest), cut ──▶ work ──▶ jobs × open what stands for itself
///        │                                            │
///        └──────▶ order ──▶ open the rest, SHA-256 (→ diff ID) ──▶ output ──▶ next() (the caller's thread)
///
/// Whether a segment stands for itself is a belief: it holds when the one before
/// ended where a member or frame ends and a thread could open it alone. Otherwise
/// the ordering thread opens it as a stream, and the segments behind it, until
/// such an end meets a segment's end. The bytes that come out never depend on it.
///
/// The first error of any stage stops all of them. An uncompressed layer goes
/// from the reader straight to the output.
final class LayerDecompression: Sendable {
    private let blob: FileSlice
    private let form: StoredForm
    private let limits: UnpackLimits
    private let jobs: Int
    private let work: BoundedQueue<CompressedSegment>
    private let order: BoundedQueue<CompressedSegment>
    private let output = BoundedQueue<[UInt8]>(capacity: 8 << 20) { $0.count }
    private let failure = Monitor<(any Error)?>(nil)
    private let parts = Monitor(0)

    init(_ blob: FileSlice, _ form: StoredForm, jobs: Int, _ limits: UnpackLimits) {
        (self.blob, self.form, self.limits, self.jobs) = (blob, form, limits, max(jobs, 1))
        // Two segments of the largest kind for each thread, and as many for the one that orders.
        let memory = (self.jobs + 1) * 2 * SegmentCutter.most
        work = BoundedQueue(capacity: memory) { $0.weight }
        order = BoundedQueue(capacity: memory) { $0.weight }
    }

    /// The SHA-256 values of what was read and of what came out, and of how many members or frames it came.
    struct Sums: Sendable {
        let stored: [UInt8]
        let content: [UInt8]
        let parts: Int
    }

    /// Runs the stream to its end.
    ///
    /// - Parameter consume: Calls ``next()`` on the caller's thread; what it leaves is read all the same.
    /// - Throws: The first error of any stage; every thread has ended then.
    /// - Returns: What `consume` returned, and the sums.
    func run<Value>(_ consume: () throws -> Value) throws -> (value: Value, sums: Sums) {
        let reader = stage { try self.read() }
        let orderer = stage { try self.putInOrder() }
        let openers = form == .tar ? [] : (0..<jobs).map { _ in stage { try self.openSegments() } }
        let isComplete = reader.isStarted && orderer.isStarted && openers.allSatisfy(\.isStarted)
        let consumed = isComplete ? Result { try consumeAll(consume) } : nil
        closeAll()
        let sums = (Result { try reader.join() }, Result { try orderer.join() })
        let finished = openers.map { opener in Result { try opener.join() } }
        if let error = failure.update({ $0 }) { throw error }
        // Only a thread that did not start is an error here.
        for result in finished { _ = try result.get() }
        let (stored, content) = (try sums.0.get(), try sums.1.get())
        guard let value = try consumed?.get(), let stored else {
            preconditionFailure("a stage stopped without an error")
        }
        return (value, Sums(stored: stored, content: content ?? stored, parts: parts.update { $0 }))
    }

    private func consumeAll<Value>(_ consume: () throws -> Value) throws -> Value {
        do {
            let value = try consume()
            while try next() != nil {}
            return value
        } catch {
            stop(error)
            throw error
        }
    }

    /// The next bytes of the tar stream.
    func next() throws -> [UInt8]? {
        if let piece = output.pop() { return piece }
        if let error = failure.update({ $0 }) { throw error }
        return nil
    }

    /// A thread whose error is everybody's; it gives `nil` when it was stopped.
    private func stage(_ body: @escaping @Sendable () throws -> [UInt8]?) -> Worker<[UInt8]?> {
        Worker {
            do {
                return try body()
            } catch {
                self.stop(error)
                return nil
            }
        }
    }

    private func stop(_ error: any Error) {
        failure.update { $0 = $0 ?? error }
        closeAll()
    }

    private func closeAll() {
        work.close()
        order.close()
        output.close()
    }

    private var isStopped: Bool { failure.update { $0 } != nil }

    /// The reader's stage: gives the SHA-256 of the blob.
    private func read() throws -> [UInt8]? {
        var sha256 = try SHA256()
        var cutter = SegmentCutter(form)
        var offset: Int64 = 0
        while true {
            try Interruption.check()
            var bytes: [UInt8] = []
            // Small enough for the second-level cache, so that hash and cutter read no memory a second time.
            guard try blob.read(upTo: 256 << 10, at: offset, appendingTo: &bytes) > 0 else { break }
            if offset == 0 { try form.check(bytes) }
            offset += Int64(bytes.count)
            sha256.update(bytes.span)
            if form == .tar {
                try limits.check(bytes: offset, ofBlob: blob.size)
                guard output.push(bytes) else { return nil }
                continue
            }
            cutter.append(bytes)
            while let segment = cutter.next() { guard push(segment) else { return nil } }
        }
        if form == .tar {
            output.close()
        } else {
            if let segment = cutter.finish(), !push(segment) { return nil }
            work.close()
            order.close()
        }
        return sha256.finish()
    }

    private func push(_ segment: CompressedSegment) -> Bool {
        (!segment.isGuess || work.push(segment)) && order.push(segment)
    }

    /// The stage of each thread that opens segments.
    private func openSegments() throws -> [UInt8]? {
        do throws(CompressionError) {
            let decompressor: PieceDecompressor =
                form == .gzip ? .gzip(try GzipDecompressor()) : .zstd(try ZstdDecompressor())
            while let segment = work.pop() {
                if isStopped { segment.fail() } else { segment.decompress(with: decompressor) }
            }
        } catch {
            // Somebody waits for each segment that was handed out.
            while let segment = work.pop() { segment.fail() }
            throw error
        }
        return nil
    }

    /// The ordering stage: gives the SHA-256 of the tar stream, or nothing where the reader's is that.
    private func putInOrder() throws -> [UInt8]? {
        switch form {
        case .tar: nil
        case .gzip: try putInOrder(GzipStream())
        case .zstd: try putInOrder(ZstdStream(windowLog: limits.zstdWindowLog))
        }
    }

    private func putInOrder<Stream: DecompressionStream & ~Copyable>(
        _ made: consuming Stream
    ) throws -> [UInt8]? {
        var stream = made
        var isEmpty = true
        var opened = 0
        var account = OutputAccount(limits, blobSize: blob.size, sha256: try SHA256())
        while let segment = order.pop() {
            try Interruption.check()
            isEmpty = false
            if stream.isAtEnd, segment.isGuess, let content = segment.content() {
                guard try give(content, &account) else { return nil }
                opened += segment.ends.count
                continue
            }
            segment.abandon()
            let bytes = segment.bytes
            var position = 0
            while true {
                let piece = try stream.decompress(bytes.span, from: &position)
                if piece.isEmpty { break }
                guard try give(piece, &account) else { return nil }
            }
        }
        if isStopped { return nil }
        // The stream has not seen what others opened: it would call the layer empty.
        if isEmpty || !stream.isAtEnd { try stream.finish() }
        let all = opened + stream.parts
        parts.update { $0 = all }
        output.close()
        return account.finish()
    }

    private func give(_ piece: [UInt8], _ account: inout OutputAccount) throws -> Bool {
        guard !piece.isEmpty else { return true }
        try account.add(piece)
        return output.push(piece)
    }
}

/// Counts and hashes what comes out of a layer.
private struct OutputAccount: ~Copyable {
    private let limits: UnpackLimits
    private let blobSize: Int64
    private var sha256: SHA256
    private var bytes: Int64 = 0

    init(_ limits: UnpackLimits, blobSize: Int64, sha256: consuming SHA256) {
        (self.limits, self.blobSize) = (limits, blobSize)
        self.sha256 = sha256
    }

    mutating func add(_ piece: [UInt8]) throws(LayerError) {
        bytes += Int64(piece.count)
        try limits.check(bytes: bytes, ofBlob: blobSize)
        sha256.update(piece.span)
    }

    consuming func finish() -> [UInt8] { sha256.finish() }
}
