import Linux

/// Hashes files of one source on threads of its own, which are started when there is something to hash.
final class ContentHashing {
    /// A file that is to be hashed.
    struct Item: Sendable {
        /// The directory that it lies in, by its path without links.
        let directory: [UInt8]
        let name: FileName
        let status: FileStatus
        /// Where its digest goes.
        let place: Int
    }

    /// Files that one thread hashes one after the other: for a few small ones nobody need be woken.
    private final class Group: Sendable {
        let items: [Item]
        let digests = Monitor<Result<[DigestTable.Digest], any Error>?>(nil)

        init(_ items: [Item]) { self.items = items }
    }

    /// Nobody wants to know any more.
    private struct Abandoned: Error {}

    private let source: CopySource
    private let digests: ContentDigests
    private let jobs: Int
    private let queue: BoundedQueue<Group>
    private let isOver = Monitor(false)
    private var workers: [Worker<Void>] = []
    private var next: [Item] = []
    private var size: Int64 = 0
    private var groups: [Group] = []

    init(_ source: CopySource, _ digests: ContentDigests, jobs: Int) {
        (self.source, self.digests, self.jobs) = (source, digests, max(1, jobs))
        queue = BoundedQueue(capacity: 4 * self.jobs)
    }

    /// Files and bytes that make a group.
    private static let full = (files: 32, bytes: Int64(1 << 20))

    /// Hashes a file as soon as a thread is free.
    ///
    /// - Throws: `ThreadError`.
    func push(_ item: Item) throws {
        next.append(item)
        size += min(item.status.size, Self.full.bytes)
        if next.count >= Self.full.files || size >= Self.full.bytes { try send() }
    }

    /// Waits for all files that were pushed.
    ///
    /// - Parameter body: Called for each, in order.
    /// - Throws: What hashing the first file threw that could not be hashed.
    func drain(_ body: (Item, DigestTable.Digest) -> Void) throws {
        try send()
        defer { groups = [] }
        for group in groups {
            let digests = try group.digests.wait { $0 }.get()
            for (item, digest) in zip(group.items, digests) { body(item, digest) }
        }
    }

    /// Waits for the threads to end; called exactly once.
    func end() {
        isOver.update { $0 = true }
        queue.close()
        // They throw nothing: what went wrong is in the groups.
        for worker in workers { try? worker.join() }
    }

    private func send() throws {
        guard !next.isEmpty else { return }
        if workers.count < jobs { try start() }
        let group = Group(next)
        groups.append(group)
        (next, size) = ([], 0)
        _ = queue.push(group)
    }

    /// One thread more; the first one must be there, the others may.
    private func start() throws {
        let worker = Worker { [source, digests, queue, isOver] in
            var buffer: [UInt8] = []
            while let group = queue.pop() {
                let result = Result {
                    try Self.hash(group.items, source, digests, &buffer) {
                        try Interruption.check()
                        if isOver.update({ $0 }) { throw Abandoned() }
                    }
                }
                group.digests.update { $0 = result }
            }
        }
        guard worker.isStarted || !workers.isEmpty else { return try worker.join() }
        workers.append(worker)
    }

    private static func hash(
        _ items: [Item], _ source: CopySource, _ known: ContentDigests, _ buffer: inout [UInt8],
        check: () throws -> Void
    ) throws -> [DigestTable.Digest] {
        var digests: [DigestTable.Digest] = []
        digests.reserveCapacity(items.count)
        var index = 0
        while index < items.count {
            let path = items[index].directory
            let directory = try source.root.openInRoot(path)
            while index < items.count, items[index].directory == path {
                let item = items[index]
                let file = try directory.openFile(item.name)
                let (digest, start) = try ContentDigests.digest(
                    of: file, item.status, known.filter, &buffer, check: check)
                known.remember(digest, of: item.status, readFrom: start)
                digests.append(digest)
                index += 1
            }
        }
        return digests
    }
}
