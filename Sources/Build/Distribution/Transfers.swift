import Linux
public import OCI
import Registry

/// What became of a blob.
public struct TransferredBlob: Sendable {
    /// How it got where it is.
    public enum Outcome: Sendable {
        /// Its bytes went over the network.
        case moved
        /// It was there already.
        case existing
        /// The registry had it elsewhere, and took it over.
        case mounted
    }

    /// Which one.
    public let digest: Digest
    /// Its size in bytes.
    public let size: Int64
    /// How it got there.
    public let outcome: Outcome
}

/// What a transfer moved, and what it did not need to.
public struct TransferSummary: Sendable {
    /// Every blob, in the order in which they were done.
    public fileprivate(set) var blobs: [TransferredBlob] = []

    /// How many blobs ended in a way, and their bytes.
    public func total(_ outcome: TransferredBlob.Outcome) -> (count: Int, bytes: Int64) {
        blobs.filter { $0.outcome == outcome }.reduce((0, 0)) { ($0.0 + 1, $0.1 &+ $1.size) }
    }

    static func + (first: TransferSummary, second: TransferSummary) -> TransferSummary {
        var sum = first
        sum.blobs += second.blobs
        return sum
    }
}

/// Moves blobs, several at once; what each of them needs is the caller's to say.
struct Transfers {
    private struct State {
        var next = 0
        var bytes: Int64 = 0
        var done: [TransferredBlob] = []
        var failure: (any Error)?
        var running = 0
    }

    private let progress: (Progress) -> Void

    /// Progress is told on the caller's thread.
    init(progress: @escaping (Progress) -> Void) { self.progress = progress }

    /// Runs `move` for each blob; the first error ends what has not begun.
    ///
    /// - Parameters:
    ///   - blobs: Each once.
    ///   - move: Moves one, on any thread; what it tells of its progress is counted.
    /// - Returns: What became of each blob.
    /// - Throws: The first error, once every thread has ended.
    func run(
        _ blobs: [Descriptor], move: @escaping @Sendable (Descriptor, (BlobProgress) -> Void) throws -> Void
    ) throws -> TransferSummary {
        let total = blobs.reduce(Int64(0)) { $0.addingReportingOverflow($1.size).partialValue }
        // The largest first: the last one to end is then a small one.
        let ordered = blobs.enumerated().sorted {
            ($1.element.size, $0.offset) < ($0.element.size, $1.offset)
        }
        .map(\.element)
        let state = Monitor(State(running: min(Registries.transfers, ordered.count)))
        let workers = (0..<min(Registries.transfers, ordered.count)).map { _ in
            Worker {
                defer { state.update { $0.running -= 1 } }
                while let blob = Self.next(ordered, state) { Self.move(blob, state, move) }
            }
        }
        if workers.allSatisfy(\.isStarted) { watch(state, total: total, count: ordered.count) }
        for worker in workers { try worker.join() }
        let (done, failure) = state.update { ($0.done, $0.failure) }
        if let failure { throw failure }
        return TransferSummary(blobs: done)
    }

    private static func next(_ blobs: [Descriptor], _ state: Monitor<State>) -> Descriptor? {
        state.update { state in
            guard state.failure == nil, state.next < blobs.count else { return nil }
            defer { state.next += 1 }
            return blobs[state.next]
        }
    }

    private static func move(
        _ blob: Descriptor, _ state: Monitor<State>,
        _ body: (Descriptor, (BlobProgress) -> Void) throws -> Void
    ) {
        var outcome = TransferredBlob.Outcome.moved
        var told: Int64 = 0
        do {
            try body(blob) { progress in
                switch progress {
                case .existing: outcome = .existing
                case .mounted: outcome = .mounted
                case .received(let bytes, _), .sent(let bytes, _), .resumed(let bytes):
                    guard bytes < told || bytes >= told &+ 1 << 20 else { return }
                    state.update { $0.bytes &+= bytes &- told }
                    told = bytes
                }
            }
            state.update { state in
                state.bytes &+= blob.size &- told
                state.done.append(
                    TransferredBlob(digest: blob.digest, size: blob.size, outcome: outcome))
            }
        } catch {
            state.update { $0.failure = $0.failure ?? error }
        }
    }

    private func watch(_ state: Monitor<State>, total: Int64, count: Int) {
        var (toldBytes, toldCount) = (Int64(-1), 0)
        while true {
            let (bytes, done, isOver) = state.wait { state in
                let isOver = state.running == 0
                return isOver || state.bytes != toldBytes || state.done.count > toldCount
                    ? (state.bytes, Array(state.done[toldCount...]), isOver) : nil
            }
            for blob in done { progress(.transferred(blob)) }
            toldBytes = bytes
            toldCount += done.count
            progress(.transferring(blobs: toldCount, of: count, bytes: bytes, total: total))
            if isOver { return }
        }
    }
}
