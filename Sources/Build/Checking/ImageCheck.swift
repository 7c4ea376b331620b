import Cryptography
import Images
import Layers
import Linux
import OCI
import SystemPackage

/// What a check went through.
public struct CheckedImages: Sendable {
    /// Manifests, indexes and configurations.
    public let documents: Int
    /// Layers and other blobs that were hashed.
    public let blobs: Int
    /// Bytes that were hashed.
    public let bytes: Int64
    /// Every fault, one line each.
    public let faults: [String]
}

/// Hashes every blob of a layout or archive anew, and compares all that its documents say of each other.
public struct ImageCheck {
    /// One blob to hash: the bytes, and everything that is said of them.
    private struct Task: Sendable {
        let content: FileSlice
        let digest: Digest
        /// What manifests call it, each once; none where nothing names it.
        var uses: [ImageGraph.Blob] = []
    }

    private let location: ImageLocation
    private let jobs: Int
    private let limits: UnpackLimits
    private let progress: (Progress) -> Void

    /// Gets ready; progress is told on the caller's thread.
    ///
    /// - Parameters:
    ///   - image: The bytes of a location; without a tag or digest everything there is checked.
    ///   - jobs: Threads; `nil` for as many as the machine gives, 16 at most.
    ///   - limits: What layers may hold.
    ///   - progress: Told how many bytes were hashed.
    /// - Throws: `ImageError/malformedLocation`, ``BuildError/usage(_:_:)``.
    public init(
        of image: [UInt8], jobs: Int?, limits: LimitSettings, progress: @escaping (Progress) -> Void
    ) throws {
        try self.init(ImageLocation(parsing: image), jobs: jobs, limits: limits, progress: progress)
    }

    init(
        _ location: ImageLocation, jobs: Int?, limits: LimitSettings, progress: @escaping (Progress) -> Void
    ) throws {
        self.location = location
        self.jobs = try LayerSettings.jobs(jobs)
        self.limits = try limits.limits()
        self.progress = progress
    }

    /// Checks.
    ///
    /// - Throws: Errors that end the check early: `FileError` of the place itself, `ThreadError`, `Interruption`.
    ///   What is wrong with the image is in the result.
    /// - Returns: What was done, and the faults.
    public func run() throws -> CheckedImages {
        let source: ImageSource
        do {
            source = try ImageSource(reading: location)
        } catch let error as ImageError {
            guard case .malformedDocument = error else { throw error }
            return CheckedImages(documents: 0, blobs: 0, bytes: 0, faults: ["\(error)"])
        }
        let descriptors =
            location.selector == nil
            ? source.index().manifests : [try source.resolve(location.selector)]
        let graph = ImageGraph(of: source, from: descriptors)
        var faults = graph.faults.map { "\($0)" }
        var tasks: [Digest: Task] = [:]
        for blob in graph.blobs {
            do {
                let content = try source.openBlob(blob.descriptor)
                tasks[blob.descriptor.digest, default: Task(content: content, digest: blob.descriptor.digest)]
                    .uses.append(blob)
            } catch {
                faults.append("\(error)")
            }
        }
        if location.selector == nil {
            faults += try addUnnamed(to: &tasks, source, named: graph.digests)
        }
        // The largest first: the last one to end is then a small one.
        let ordered = tasks.values.sorted {
            ($1.content.size, $0.digest.hex) < ($0.content.size, $1.digest.hex)
        }
        faults += try hash(ordered, source)
        return CheckedImages(
            documents: graph.documents, blobs: ordered.count,
            bytes: ordered.reduce(0) { $0 + $1.content.size }, faults: faults)
    }

    /// What lies there and nothing names: its name alone says what it must be.
    private func addUnnamed(
        to tasks: inout [Digest: Task], _ source: ImageSource, named: Set<Digest>
    ) throws -> [String] {
        var faults: [String] = []
        for name in try source.storedNames() {
            do {
                guard let digest = Digest(blobName: name) else {
                    faults.append("\(escaped(name.bytes)) among the blobs has a name that is no digest")
                    continue
                }
                guard !named.contains(digest), let content = try source.storedBlob(digest) else { continue }
                tasks[digest] = Task(content: content, digest: digest)
            } catch {
                faults.append("\(error)")
            }
        }
        return faults
    }

    /// - Returns: The faults, in the order of the tasks.
    private func hash(_ tasks: [Task], _ source: ImageSource) throws -> [String] {
        let next = Monitor(0)
        let state = Monitor((bytes: Int64(0), faults: [[String]?](repeating: nil, count: tasks.count)))
        // Threads that one layer alone could use, where there are fewer layers than threads.
        let inner = max(1, jobs / max(tasks.count, 1))
        let workers = (0..<min(jobs, tasks.count)).map { _ in
            Worker { [limits] in
                while let number = next.take(below: tasks.count) {
                    var untold: Int64 = 0
                    let found = Self.faults(of: tasks[number], source, jobs: inner, limits) { count in
                        untold += Int64(count)
                        guard untold >= Self.progressStep else { return }
                        state.update { $0.bytes += untold }
                        untold = 0
                    }
                    state.update { state in
                        state.bytes += untold
                        state.faults[number] = found
                    }
                }
            }
        }
        var lines: [String] = []
        if workers.contains(where: \.isStarted) {
            for number in tasks.indices { lines += wait(for: number, state) }
        }
        for worker in workers { try worker.join() }
        try Interruption.check()
        return lines
    }

    /// Bytes from one word of progress to the next.
    private static let progressStep: Int64 = 8 << 20

    private func wait(for number: Int, _ state: Monitor<(bytes: Int64, faults: [[String]?])>) -> [String] {
        var told: Int64 = 0
        while true {
            let (bytes, found) = state.wait { state in
                state.faults[number] != nil || state.bytes >= told + Self.progressStep
                    ? (state.bytes, state.faults[number]) : nil
            }
            told = bytes
            progress(.checking(bytes: bytes))
            if let found { return found }
        }
    }

    private static func faults(
        of task: Task, _ source: ImageSource, jobs: Int, _ limits: UnpackLimits,
        progress: (Int) -> Void
    ) -> [String] {
        var faults: [String] = []
        let place = source.place(of: task.digest).escapedDescription
        func attempt(_ body: () throws -> Void) {
            do {
                try body()
            } catch is Interruption {
                // The caller sees it, too.
            } catch {
                let text = "\(error)"
                faults.append(text.contains(place) ? text : "\(place): \(text)")
            }
        }
        let layers = task.uses.filter {
            $0.diffID != nil && StoredForm(mediaType: $0.descriptor.mediaType) != .tar
        }
        for use in task.uses {
            guard let diffID = use.diffID else { continue }
            if StoredForm(mediaType: use.descriptor.mediaType) == .tar, diffID != use.descriptor.digest {
                faults.append(
                    "\(place): the layer is not compressed, and its diff ID \(diffID) is not its digest")
            }
        }
        for layer in layers {
            attempt {
                _ = try readLayer(task.content, layer.descriptor, diffID: layer.diffID, jobs: jobs, limits) {
                    while let bytes = try $0.next() { progress(bytes.count) }
                }
            }
        }
        guard layers.isEmpty else { return faults }
        attempt { try Digest.check(task.content, task.digest) { progress($0.count) } }
        return faults
    }
}
