@testable import Build
import Images
import Layers
import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct LayerCacheTests {
    private let desk: CacheDesk
    private let key: CacheKey

    init() throws { (desk, key) = (try CacheDesk(), try CacheDesk.key()) }

    @Test func `a layer is found by the next build, and opened`() throws {
        let made = try desk.keep(as: key)
        let cache = try desk.cache()
        let found = try cache.find(key, at: CacheDesk.place)
        #expect(found == .hit(made))
        #expect(made.entries == 1 && made.newestTime != nil && made.origin == .local)
        let slice = try cache.open(made.descriptor)
        #expect(try Digest.of(bytes(of: slice)) == made.descriptor.digest)
        let (size, _, _) = try readLayer(slice, made.descriptor, diffID: made.diffID, jobs: 1, UnpackLimits())
        {
            var size: Int64 = 0
            while let piece = try $0.next() { size += Int64(piece.count) }
            return size
        }
        #expect(size == made.uncompressedSize)
        try cache.finish()
        #expect(desk.notes == [])
    }

    @Test func `what changes nothing is known to the next build, and outlives pruning`() throws {
        try desk.keepNothing(as: key)
        #expect(try desk.find(key) == .nothing)
        #expect(try desk.find(CacheDesk.key("RUN other")).miss != nil)
        _ = try CacheContents(desk.directory).prune(keeping: 1 << 30)
        #expect(try desk.find(key) == .nothing)
        #expect(desk.notes == [])
    }

    @Test func `of another key that it changes nothing says nothing of this one`() throws {
        let other = try CacheDesk.key("RUN other")
        try desk.keepNothing(as: other)
        try desk.replace(
            desk.file("entries", key.digest), with: content(of: desk.file("entries", other.digest)))
        #expect(try desk.find(key).miss != nil)
    }

    @Test func `nobody else may look into the cache`() throws {
        try desk.keep(as: key)
        let home = try Directory.open(desk.directory)
        #expect(try home.status().permissions == 0o700)
        #expect(
            try Directory.open(desk.scratch["cache/v1/entries"]).status(of: FileName(key.digest.hex.utf8))
                .permissions & 0o077 == 0)
    }

    @Test("another base, platform, instruction or argument is a miss, and says so")
    func others() throws {
        let linux = Platform(os: "linux", architecture: "amd64")
        func key(_ instruction: String, _ base: String, _ platform: Platform, _ argument: String?) throws
            -> CacheKey
        {
            var key = try CacheKey(instruction: instruction, platform: platform)
            try key.add(CacheKey.base, base)
            if let argument { try key.add(CacheKey.argument("V"), argument) }
            return key
        }
        let first = try key("RUN make", "a", linux, "1")
        let table: [(CacheKey, String)] = [
            (try key("RUN make", "b", linux, "1"), "the base changed"),
            (try key("RUN make all", "a", linux, "1"), "the instruction changed"),
            (
                try key("RUN make", "a", Platform(os: "linux", architecture: "arm64"), "1"),
                "the platform changed"
            ),
            (try key("RUN make", "a", linux, "2"), "build argument V changed"),
            (try key("RUN make", "a", linux, nil), "build argument V changed"),
            (try key("RUN make", "b", linux, "2"), "the base changed; build argument V changed"),
        ]
        for (other, reason) in table {
            try desk.keep(as: first)
            #expect(try desk.find(first).layer != nil)
            #expect(try desk.find(other).miss?.description == reason)
        }
        #expect(desk.notes == [])
    }

    @Test func `a miss names the files that changed`() throws {
        func key(_ files: [(String, UInt8)]) throws -> CacheKey {
            var key = try CacheDesk.key()
            try key.add(
                CacheKey.files, Digest.of(files.flatMap { Array($0.0.utf8) + [$0.1] }),
                files: files.map { CacheKey.File($0.0.utf8, try Digest.of([$0.1])) })
            return key
        }
        #expect(try desk.find(key([("a", 1), ("b", 1), ("c\n", 1)])).miss == .nothingYet)
        #expect(
            try desk.find(key([("a", 1), ("b", 2), ("d", 1)])).miss?.description
                == "files changed: b, d, c\\n (removed)")
        #expect(
            try desk.find(key((0..<20).map { ("f\($0)", 1) })).miss?.description
                == "files changed: f0, f1, f2, f3, f4 and 18 more")
    }

    @Test func `a layer that was removed is told from one that never was`() throws {
        #expect(try desk.find(key).miss == .nothingYet)
        let layer = try desk.keep(as: key)
        _ = try Command(["rm", desk.file("blobs/sha256", layer.descriptor.digest).string]).succeed()
        #expect(try desk.find(key).miss == .removed)
        #expect(desk.notes == [])
    }

    @Test func `no value of a field stands in the cache`() throws {
        var key = try CacheDesk.key()
        try key.add(CacheKey.argument("TOKEN"), "hunter2-hunter2")
        try desk.keep(as: key)
        _ = try desk.find(key)
        #expect(try Command(["grep", "-ra", "hunter2", desk.directory.string]).run().status == 1)
    }

    // MARK: Flags

    @Test func `without reading everything is made anew, and kept`() throws {
        try desk.keep("first", as: key)
        let cache = try desk.cache { $0.isRead = false }
        #expect(try cache.find(key, at: CacheDesk.place) == .miss(.turnedOff))
        let second = try desk.keep("second", as: key, in: cache)
        #expect(try bytes(of: cache.open(second.descriptor)).isEmpty == false)
        try cache.finish()
        #expect(try desk.find(key) == .hit(second))
    }

    @Test func `without writing nothing is written, and layers last as long as the build`() throws {
        let cache = try desk.cache { $0.isWritten = false }
        #expect(try cache.find(key, at: CacheDesk.place).miss == .nothingYet)
        let layer = try desk.keep("first", as: key, in: cache)
        #expect(try cache.find(key, at: CacheDesk.place) == .hit(layer))
        #expect(try Digest.of(bytes(of: cache.open(layer.descriptor))) == layer.descriptor.digest)
        try cache.finish()
        #expect(!Machine.exists(desk.directory))
        // What is there is read, and stays as it is.
        let kept = try desk.keep("second", as: key)
        let reader = try desk.cache { $0.isWritten = false }
        #expect(try reader.find(key, at: CacheDesk.place) == .hit(kept))
        #expect(desk.notes == [])
    }

    @Test func `without writing what earlier builds knew of files is known`() throws {
        let writing = try desk.cache()
        let kept = try writing.fileDigestsDirectory().status().identity
        try writing.finish()
        let reading = try desk.cache { $0.isWritten = false }
        #expect(try reading.knownFileDigests()?.status().identity == kept)
        #expect(try reading.fileDigestsDirectory().status().identity != kept)
        try reading.finish()
    }

    @Test func `a layer that nobody opens is not read; who opens it verifies it`() throws {
        let made = try desk.keep(as: key)
        let blob = desk.file("blobs/sha256", made.descriptor.digest)
        var damaged = try bytes(of: FileSlice(File.reading(blob)))
        damaged[0] ^= 1
        try desk.replace(blob, with: damaged)
        let cache = try desk.cache()
        #expect(try cache.find(key, at: CacheDesk.place, isOpened: false) == .hit(made))
        #expect(desk.notes == [])
        #expect(throws: BuildError.self) { try cache.open(made.descriptor) }
        try desk.replace(blob, with: Array(damaged.dropLast()))
        guard case .miss = try desk.cache().find(key, at: CacheDesk.place, isOpened: false) else {
            Issue.record("a layer that was cut off is found")
            return
        }
    }

    @Test func `a build without a directory goes on`() throws {
        try desk.scratch.write("cache", "a file")
        let cache = try desk.cache()
        let layer = try desk.keep("first", as: key, in: cache)
        #expect(try cache.find(key, at: CacheDesk.place) == .hit(layer))
        #expect(try Digest.of(bytes(of: cache.open(layer.descriptor))) == layer.descriptor.digest)
        try cache.finish()
        guard case .unusableDirectory(desk.directory, _)? = desk.notes.first, desk.notes.count == 1 else {
            Issue.record("\(desk.notes)")
            return
        }
    }

    // MARK: What is kept beside layers

    @Test func `a listing is kept by its chain, and a damaged one is none`() throws {
        let chain = try Digest.of([7])
        let cache = try desk.cache()
        #expect(cache.listing(chain: chain) == nil)
        cache.keep(FileListing(), chain: chain)
        #expect(cache.listing(chain: chain)?.count == 0)
        let path = desk.file("listings", chain)
        let whole = try content(of: path)
        for place in whole.indices {
            var bytes = whole
            bytes[place] ^= 1
            try desk.replace(path, with: bytes)
            #expect(cache.listing(chain: chain) == nil)
        }
        try desk.replace(path, with: whole)
        #expect(cache.listing(chain: chain)?.count == 0)
        try cache.finish()
    }

    @Test func `a base image's layer is fetched once`() throws {
        let blob = Array("no layer, but that many bytes".utf8)
        let registry = try FaultyRegistry { content in try content.add(blob, to: "team/base") }
        let descriptor = Descriptor(
            mediaType: .layerTarGzip, digest: try Digest.of(blob), size: Int64(blob.count))
        for _ in 0..<2 {
            let cache = try desk.cache()
            let place = try cache.registries.placeToPush(
                Reference(parsing: "\(registry.host)/team/base:1"))
            for _ in 0..<2 { #expect(try bytes(of: cache.fetch(base: descriptor, from: place)) == blob) }
            try cache.finish()
        }
        #expect(registry.count("GET", "/blobs/") == 1)
        try desk.replace(desk.file("blobs/sha256", descriptor.digest), with: blob.reversed())
        let cache = try desk.cache()
        let place = try cache.registries.placeToPush(Reference(parsing: "\(registry.host)/team/base:1"))
        #expect(try bytes(of: cache.fetch(base: descriptor, from: place)) == blob)
        #expect(registry.count("GET", "/blobs/") == 2)
        #expect(desk.notes.count == 1)
    }
}
