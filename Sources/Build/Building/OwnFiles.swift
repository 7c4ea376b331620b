import Linux
import SystemPackage

/// What a build itself writes below its context: no image shall hold it, or the next one would be another one.
struct OwnFiles: Sendable {
    /// Below the context's root.
    private var paths: Set<[UInt8]> = []
    /// What the paths of files in the making begin with.
    private var beginnings: [[UInt8]] = []

    /// Nothing.
    init() {}

    /// What a request writes below a directory.
    init(of request: BuildRequest, below root: FilePath) {
        var files = WrittenFiles(request.outputs, request.provenance, request.results).paths
        if let cache = request.cache.directory ?? CacheSettings.defaultDirectory { files.append(cache) }
        let above = Machine.resolved(root).bytes + [UInt8(ascii: "/")]
        for file in files { add(file, above) }
    }

    private mutating func add(_ file: FilePath, _ above: [UInt8]) {
        let whole = Machine.absolute(file).lexicallyNormalized()
        guard let name = whole.lastComponent else { return }
        let parent = Machine.resolved(whole.removingLastComponent())
        let path = parent.appending(name).bytes
        guard path.starts(with: above) else { return }
        let below = Array(path.dropFirst(above.count))
        paths.insert(below)
        let plain = FileName(name)
        beginnings.append(below.dropLast(plain.bytes.count) + StagedFile.prefix(of: plain))
    }

    /// Whether there is nothing.
    var isEmpty: Bool { paths.isEmpty }

    /// The paths, escaped for a message.
    var names: [String] { paths.map { escaped($0) }.sorted() }

    /// Whether a path below the context's root is one of them.
    func holds(_ path: [UInt8]) -> Bool {
        !isEmpty && (paths.contains(path) || beginnings.contains { path.starts(with: $0) })
    }
}
