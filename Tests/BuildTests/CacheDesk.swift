@testable import Build
import Images
import Layers
import Linux
import OCI
import SystemPackage
import TestSupport

/// A directory for a cache, and what its builds are told.
final class CacheDesk: Sendable {
    static let place = CachePlace(identity: Array("Dockerfile/0/7".utf8), name: "stage 0, line 12")

    let scratch: Scratch
    private let told = Monitor<[CacheNote]>([])

    init() throws { scratch = try Scratch() }

    /// Where the cache is.
    var directory: FilePath { scratch["cache"] }
    /// What was noted until now.
    var notes: [CacheNote] { told.update { $0 } }
    /// The same as lines, and forgotten.
    func takeNotes() -> [String] {
        told.update { notes in
            defer { notes = [] }
            return notes.map(\.description)
        }
    }

    /// A build's cache.
    func cache(_ change: (inout CacheSettings) -> Void = { _ in }) throws -> LayerCache {
        var settings = CacheSettings()
        settings.directory = directory
        change(&settings)
        var registries = DistributionSettings.anonymous
        registries.tries = 1
        return try LayerCache(settings, registries: Registries(registries)) { [told] note in
            told.update { $0.append(note) }
        }
    }

    /// A key with one more field.
    static func key(_ instruction: String = "COPY . /", base: String = "scratch") throws -> CacheKey {
        var key = try CacheKey(
            instruction: instruction, platform: Platform(os: "linux", architecture: "amd64"))
        try key.add(CacheKey.base, base)
        return key
    }

    /// A layer with one file.
    func layer(_ content: String, in file: borrowing TemporaryFile) throws -> Layer {
        let tree = try Scratch()
        try tree.write("file", content)
        var options = try LayerOptions()
        // The same bytes each time.
        options.latestTime = 1_000_000_000
        return try packLayer(of: tree.path, into: file, options) { _ in }
    }

    /// Makes a layer with one file, and keeps it.
    @discardableResult
    func keep(_ content: String, as key: CacheKey, in cache: LayerCache) throws -> CachedLayer {
        try cache.keep(for: key) { try layer(content, in: $0) }
    }

    /// Keeps a layer in a build of its own.
    @discardableResult
    func keep(_ content: String = "sediment", as key: CacheKey) throws -> CachedLayer {
        let cache = try cache()
        let layer = try keep(content, as: key, in: cache)
        try cache.finish()
        return layer
    }

    /// Keeps in a build of its own, which shares the lock until it ends, that a key changes nothing.
    func keepNothing(as key: CacheKey) throws {
        let cache = try cache()
        cache.keepNothing(for: key)
        try cache.finish()
    }

    /// What a new build's cache has for a key.
    func find(_ key: CacheKey) throws -> CacheAnswer {
        let cache = try cache()
        defer { cache.cancel() }
        return try cache.find(key, at: Self.place)
    }

    /// A file of the cache.
    func file(_ folder: String, _ digest: Digest) -> FilePath { scratch["cache/v1/\(folder)/\(digest.hex)"] }

    /// Gives a file other bytes, or makes it.
    func replace(_ path: FilePath, with bytes: [UInt8]) throws {
        let home = try Directory.open(path.removingLastComponent())
        let name = FileName((path.lastComponent?.string ?? "").utf8)
        try? home.remove(name)
        try home.createFile(name).write(bytes.span)
    }
}

extension CacheAnswer {
    /// The layer, if there is one.
    var layer: CachedLayer? { if case .hit(let layer) = self { layer } else { nil } }
    /// Why there is none.
    var miss: CacheMiss? { if case .miss(let miss) = self { miss } else { nil } }
}

/// All bytes of a slice.
func bytes(of slice: FileSlice) throws -> [UInt8] { try slice.readAll(limit: 1 << 30) }
