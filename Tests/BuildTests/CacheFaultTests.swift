@testable import Build
import Images
import Layers
import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct CacheFaultTests {
    private let desk: CacheDesk
    private let key: CacheKey

    init() throws { (desk, key) = (try CacheDesk(), try CacheDesk.key()) }

    /// A miss with a warning, after which the layer is made anew and good.
    private func expectHealing(_ what: String, at place: SourceLocation = #_sourceLocation) throws {
        let answer = try desk.find(key)
        #expect(answer.layer == nil, "\(what)", sourceLocation: place)
        #expect(desk.takeNotes().count == 1, "\(what)", sourceLocation: place)
        let made = try desk.keep(as: key)
        #expect(try desk.find(key) == .hit(made), "\(what)", sourceLocation: place)
        #expect(desk.takeNotes() == [], "\(what)", sourceLocation: place)
    }

    @Test("an entry that lacks its end, or has one other bit, is a miss that heals")
    func entries() throws {
        try desk.keep(as: key)
        let path = desk.file("entries", key.digest)
        let whole = try content(of: path)
        for place in whole.indices {
            var bytes = whole
            bytes[place] ^= UInt8(1 << (place % 8))
            for damaged in [bytes, Array(whole[..<place])] {
                try desk.replace(path, with: damaged)
                #expect(try desk.find(key).layer == nil, "byte \(place)")
                #expect(desk.takeNotes().count == 1, "byte \(place)")
            }
        }
        try desk.replace(path, with: whole + [0])
        try expectHealing("a byte more")
    }

    @Test("a layer that lacks its end, or has one other bit, is a miss that heals")
    func blobs() throws {
        let layer = try desk.keep(as: key)
        let path = desk.file("blobs/sha256", layer.descriptor.digest)
        let whole = try content(of: path)
        for place in stride(from: 0, to: whole.count, by: 7) {
            var bytes = whole
            bytes[place] ^= 4
            for damaged in [bytes, Array(whole[..<place]), whole + [0]] {
                try desk.replace(path, with: damaged)
                try expectHealing("byte \(place)")
            }
        }
    }

    @Test(
        "what is no file of the cache is never followed",
        arguments: ["link", "fifo", "directory", "dangling"])
    func hostileFiles(kind: String) throws {
        let layer = try desk.keep(as: key)
        for path in [desk.file("entries", key.digest), desk.file("blobs/sha256", layer.descriptor.digest)] {
            let copy = desk.scratch["copy"]
            _ = try Command(["mv", path.string, copy.string]).succeed()
            switch kind {
            case "link": try Command(["ln", "-s", copy.string, path.string]).succeed()
            case "dangling": try Command(["ln", "-s", "/nowhere", path.string]).succeed()
            case "fifo": try Command(["mkfifo", path.string]).succeed()
            default: _ = try Directory.makeDirectory(path.appending("x"))
            }
            try expectHealing("\(kind) in place of \(path)")
            #expect(Machine.exists(copy))
        }
    }

    @Test(
        "an entry that says something else than it may is not used",
        arguments: [
            "\"key\":\"HEX\"", "\"sha256:HEX\"", "\"version\":\"varve cache 0\"", "\"layer\":null",
            "\"size\":-1", "\"entries\":-1", "\"mediaType\":\"text/plain\"", "\"registry\":\"nowhere\"",
        ])
    func hostileEntries(change: String) throws {
        let layer = try desk.keep(as: key)
        let entry = CacheEntry(key, layer)
        var text = String(decoding: entry.serialized(), as: UTF8.self)
        let other = String(repeating: "ab", count: 32)
        switch change {
        case "\"key\":\"HEX\"": text.replace(key.digest.hex, with: other)
        case "\"sha256:HEX\"":
            text.replace(layer.descriptor.digest.description, with: "sha256:../../../../../../etc/passwd")
        case "\"version\":\"varve cache 0\"": text.replace(CacheKey.version, with: "varve cache 0")
        case "\"layer\":null": text.replace("\"layer\":{", with: "\"layer\":null,\"other\":{")
        case "\"size\":-1": text.replace("\"size\":\(layer.descriptor.size)", with: "\"size\":-1")
        case "\"entries\":-1": text.replace("\"entries\":1", with: "\"entries\":-1")
        case "\"registry\":\"nowhere\"":
            text.replace("{\"version\"", with: "{\"registry\":\"nowhere\",\"version\"")
        default: text.replace("application/vnd.oci.image.layer.v1.tar+gzip", with: "text/plain")
        }
        let bytes = Array(text.utf8)
        #expect(bytes != entry.serialized())
        try desk.replace(
            desk.file("entries", key.digest), with: try SealedBytes.header(of: bytes) + bytes)
        try expectHealing(change)
    }

    @Test func `an entry whose layer is another tar is rejected by who reads it`() throws {
        let layer = try desk.keep(as: key)
        let wrong = CachedLayer(
            descriptor: layer.descriptor, diffID: try Digest.of([1]),
            uncompressedSize: layer.uncompressedSize, entries: 1, newestTime: nil, origin: .local)
        let bytes = CacheEntry(key, wrong).serialized()
        try desk.replace(desk.file("entries", key.digest), with: try SealedBytes.header(of: bytes) + bytes)
        let cache = try desk.cache()
        let found = try #require(try cache.find(key, at: CacheDesk.place).layer)
        let error = #expect(throws: LayerError.self) {
            try readLayer(
                cache.open(found.descriptor), found.descriptor, diffID: found.diffID, jobs: 1, UnpackLimits()
            ) { while try $0.next() != nil {} }
        }
        cache.reject(found, of: key, at: CacheDesk.place, because: "\(try #require(error))")
        #expect(try cache.find(key, at: CacheDesk.place).layer == nil)
        #expect(desk.takeNotes().count == 1)
        let made = try desk.keep("sediment", as: key, in: cache)
        #expect(try cache.find(key, at: CacheDesk.place) == .hit(made))
        try cache.finish()
        #expect(try desk.find(key) == .hit(made))
    }

    @Test("another version's cache is not looked at")
    func otherVersions() throws {
        let layer = try desk.keep(as: key)
        try Command(["mv", desk.scratch["cache/v1"].string, desk.scratch["cache/v0"].string]).succeed()
        try desk.scratch.write("cache/v2/entries/\(key.digest.hex)", "?")
        #expect(try desk.find(key).miss == .nothingYet)
        #expect(try desk.keep(as: key).descriptor == layer.descriptor)
        #expect(desk.notes == [])
    }

    // MARK: The directory

    @Test(
        "a directory that others can write to is not used",
        arguments: ["group", "world", "link", "file", "other"])
    func unsafeDirectories(kind: String) throws {
        switch kind {
        case "group", "world":
            try desk.scratch.directory("cache")
            try Command(["chmod", kind == "group" ? "770" : "703", desk.directory.string]).succeed()
        case "link":
            try desk.scratch.directory("elsewhere")
            try Command(["ln", "-s", "elsewhere", desk.directory.string]).succeed()
        case "other":
            try Requirement.root()
            try desk.scratch.directory("cache")
            try Command(["chown", "12345", desk.directory.string]).succeed()
        default: try desk.scratch.write("cache")
        }
        let cache = try desk.cache()
        let layer = try desk.keep("first", as: key, in: cache)
        #expect(try cache.find(key, at: CacheDesk.place) == .hit(layer))
        try cache.finish()
        let notes = desk.takeNotes()
        #expect(notes.count == 1 && notes.allSatisfy { $0.contains("is not used: ") }, "\(notes)")
        #expect(!Machine.exists(desk.scratch["elsewhere/v1"]) && !Machine.exists(desk.scratch["cache/v1"]))
    }

    @Test func `a full disk costs one warning, and the layer is made again elsewhere`() throws {
        let cache = try desk.cache()
        var tries = 0
        let layer = try cache.keep(for: key) { file in
            tries += 1
            let made = try desk.layer("sediment", in: file)
            guard tries > 1 else {
                throw FileError("write", desk.scratch["cache/v1/blobs/sha256/.tmp-1"], .noSpace)
            }
            return made
        }
        #expect(tries == 2)
        #expect(try Digest.of(bytes(of: cache.open(layer.descriptor))) == layer.descriptor.digest)
        try desk.keep("more", as: CacheDesk.key("RUN more"), in: cache)
        cache.keep(FileListing(), chain: layer.diffID)
        try cache.finish()
        #expect(desk.takeNotes().count == 1)
        #expect(try desk.find(key).layer == nil)
    }

    @Test func `a file system that is really full costs no layer`() throws {
        try Requirement.root()
        try desk.scratch.directory("cache")
        let mount = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", desk.directory.string]
        guard try Command(mount).run().status == 0 else { try Test.cancel("nothing may be mounted here") }
        defer { _ = try? Command(["umount", "-l", desk.directory.string]).run() }
        var generator = SystemRandomNumberGenerator()
        let content = (0..<30_000).map { _ in String(generator.next() as UInt32, radix: 36) }.joined()
        let cache = try desk.cache()
        let layer = try desk.keep(content, as: key, in: cache)
        #expect(layer.descriptor.size > 64 << 10)
        #expect(try Digest.of(bytes(of: cache.open(layer.descriptor))) == layer.descriptor.digest)
        #expect(try cache.find(key, at: CacheDesk.place) == .hit(layer))
        try cache.finish()
        let notes = desk.takeNotes()
        #expect(notes.count == 1 && notes[0].contains("No space left"), "\(notes)")
        #expect(try Directory.open(desk.scratch["cache/v1/blobs/sha256"]).names() == [])
    }

    @Test func `another failure of packing is the build's`() throws {
        let cache = try desk.cache()
        #expect(throws: FileError.self) {
            try cache.keep(for: key) { _ in throw FileError("read", "/context/file", .noSpace) }
        }
        #expect(desk.notes == [])
    }

    @Test func `a directory that takes nothing more costs one warning`() throws {
        let cache = try desk.cache()
        try Command(["rm", "-r", desk.scratch["cache/v1"].string]).succeed()
        for name in ["a", "b"] {
            let layer = try desk.keep(name, as: CacheDesk.key("RUN \(name)"), in: cache)
            #expect(try Digest.of(bytes(of: cache.open(layer.descriptor))) == layer.descriptor.digest)
        }
        try cache.finish()
        #expect(desk.takeNotes().count == 1)
    }

    @Test func `a directory that may only be read is read`() throws {
        if Machine.user.id == 0 { try Test.cancel("root may write everywhere") }
        let layer = try desk.keep(as: key)
        try Command(["chmod", "-R", "a-w", desk.directory.string]).succeed()
        defer { _ = try? Command(["chmod", "-R", "u+w", desk.directory.string]).run() }
        let cache = try desk.cache()
        #expect(try cache.find(key, at: CacheDesk.place) == .hit(layer))
        let other = try desk.keep("more", as: CacheDesk.key("RUN more"), in: cache)
        #expect(try Digest.of(bytes(of: cache.open(other.descriptor))) == other.descriptor.digest)
        try cache.finish()
        #expect(desk.takeNotes().count == 1)
    }

    // MARK: At the same time

    @Test func `threads and builds that write one key leave one valid entry`() throws {
        let caches = try (0..<4).map { _ in try desk.cache() }
        let workers = caches.flatMap { cache in
            (0..<4).map { number in
                Worker { [desk, key] in
                    for _ in 0..<10 {
                        let layer = try desk.keep("\(number % 2)", as: key, in: cache)
                        _ = try cache.open(layer.descriptor)
                        _ = try cache.find(key, at: CacheDesk.place)
                    }
                }
            }
        }
        for worker in workers { try worker.join() }
        for cache in caches { try cache.finish() }
        #expect(desk.notes == [])
        #expect(try desk.find(key).layer != nil)
        #expect(try Directory.open(desk.scratch["cache/v1/entries"]).names().count == 1)
    }
}
