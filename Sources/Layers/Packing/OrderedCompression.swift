import Compression
import Cryptography
import Linux

/// Takes a stream of pieces through hash and compressors, and gives it out in order.
///
///     produce ──▶ work ──▶ jobs × compress
///        │                      │
///        ├──────▶ order ────────┴─────▶ consume (the caller's thread)
///        └──────▶ hash  ──▶ SHA-256 of the uncompressed stream
///
/// At most `2 × jobs` pieces wait at a time. An error of any stage stops all of
/// them; every thread has ended when ``run(produce:consume:)`` returns.
struct OrderedCompression {
    let method: CompressionMethod
    let jobs: Int

    /// Runs the stream to its end.
    ///
    /// - Parameters:
    ///   - produce: Gives the pieces to `push`, on a thread of its own, and stops when that returns `false`.
    ///   - consume: Gets each piece and the bytes that are stored for it.
    /// - Throws: The first error of the consumer, else of a compressor, else of the producer.
    /// - Returns: What `produce` returned, and the SHA-256 of the uncompressed stream.
    func run<Product: Sendable>(
        produce: @escaping @Sendable (_ push: (Piece) -> Bool) throws -> Product,
        consume: (Piece, [UInt8]) throws -> Void
    ) throws -> (product: Product, hash: [UInt8]) {
        let work = BoundedQueue<Piece>(capacity: 2 * jobs)
        let order = BoundedQueue<Piece>(capacity: 2 * jobs)
        let hash = BoundedQueue<Piece>(capacity: 2 * jobs)
        let isCompressed = method != .none
        @Sendable func closeAll() {
            work.close()
            order.close()
            hash.close()
        }

        let hasher = Worker {
            defer { closeAll() }
            var sha256 = try SHA256()
            while let piece = hash.pop() {
                let input = piece.input
                sha256.update(input.span)
            }
            return sha256.finish()
        }
        let compressors = startCompressors(of: work)
        let producer = Worker {
            defer { closeAll() }
            return try produce { piece in
                (!isCompressed || work.push(piece)) && hash.push(piece) && order.push(piece)
            }
        }
        let hasAllThreads = hasher.isStarted && producer.isStarted && compressors.allSatisfy(\.isStarted)
        if !hasAllThreads { closeAll() }

        let consumed = Result {
            while hasAllThreads, let piece = order.pop() {
                try consume(piece, isCompressed ? piece.compressed() : piece.input)
            }
        }
        closeAll()
        let product = Result { try producer.join() }
        let sum = Result { try hasher.join() }
        let finished = compressors.map { compressor in Result { try compressor.join() } }
        // What the consumer and the threads met is the cause; the producer only saw the queues close.
        try consumed.get()
        for result in finished { try result.get() }
        return (try product.get(), try sum.get())
    }

    private func startCompressors(of work: BoundedQueue<Piece>) -> [Worker<Void>] {
        guard method != .none else { return [] }
        return (0..<jobs).map { _ in
            Worker { [method] in
                do throws(CompressionError) {
                    guard let compressor = try method.compressor() else { return }
                    var hole: [UInt8]?
                    while let piece = work.pop() {
                        if piece.isHole, let hole {
                            piece.finish(hole)
                        } else {
                            let bytes = try piece.compress(with: compressor)
                            if piece.isHole { hole = bytes }
                        }
                    }
                } catch {
                    // Somebody waits for each piece that was handed out.
                    while let piece = work.pop() { piece.fail(error) }
                    throw error
                }
            }
        }
    }
}
