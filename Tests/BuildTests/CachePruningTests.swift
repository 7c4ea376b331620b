@testable import Build
import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct CachePruningTests {
    private let desk: CacheDesk

    init() throws { desk = try CacheDesk() }

    /// Layers of about 100 kB, used last on these days.
    private func fill(_ days: [Int64]) throws -> [(key: CacheKey, layer: CachedLayer)] {
        let cache = try desk.cache()
        var made: [(key: CacheKey, layer: CachedLayer)] = []
        for day in days {
            let key = try CacheDesk.key("RUN \(day)")
            var generator = SystemRandomNumberGenerator()
            let content = (0..<25_000).map { _ in String(generator.next() as UInt32, radix: 36) }.joined()
            made.append((key, try desk.keep(content, as: key, in: cache)))
        }
        try cache.finish()
        for (day, (key, layer)) in zip(days, made) { try setTime(key, layer, day: day) }
        return made
    }

    private func setTime(_ key: CacheKey, _ layer: CachedLayer, day: Int64) throws {
        let time = FileStatus.Time(seconds: Machine.now.seconds - day * 86_400, nanoseconds: 0)
        for path in [desk.file("entries", key.digest), desk.file("blobs/sha256", layer.descriptor.digest)] {
            try Directory.open(path.removingLastComponent()).setModified(
                of: FileName((path.lastComponent?.string ?? "").utf8), time)
        }
    }

    private func kept(_ made: [(key: CacheKey, layer: CachedLayer)]) throws -> [Bool] {
        let records = try CacheContents(desk.directory).records()
        return made.map { made in records.contains { $0.key == made.key.digest } }
    }

    @Test func `a build that ends removes what was not used for longest`() throws {
        let made = try fill([3, 9, 6])
        let limit = made[0].layer.descriptor.size * 5 / 2
        #expect(try desk.find(made[1].key).layer == made[1].layer)
        let cache = try desk.cache { $0.size = limit }
        try cache.finish()
        #expect(try kept(made) == [true, true, false])
        #expect(try CacheContents(desk.directory).size() <= limit)
        #expect(desk.notes == [])
    }

    @Test func `pruning by age, by size, and of everything`() throws {
        let made = try fill([1, 10, 20])
        let contents = try CacheContents(desk.directory)
        #expect(try contents.prune(keeping: .max, olderThan: 15 * 86_400).files == 2)
        #expect(try kept(made) == [true, true, false])
        #expect(try contents.prune(keeping: made[0].layer.descriptor.size + 2000).bytes > 90_000)
        #expect(try kept(made) == [true, false, false])
        _ = try contents.prune(keeping: -1)
        #expect(try contents.size() == 0)
        #expect(try contents.records() == [])
    }

    @Test func `what killed builds left is removed`() throws {
        _ = try fill([1])
        try desk.scratch.write("cache/v1/blobs/sha256/.tmp-killed", String(repeating: "x", count: 5000))
        let freed = try CacheContents(desk.directory).prune(keeping: .max)
        #expect(freed.files == 1 && freed.bytes == 5000)
        try desk.scratch.write("cache/v1/blobs/sha256/.tmp-killed", "x")
        _ = try desk.cache()
        let left = Machine.exists(desk.directory.appending("v1/blobs/sha256/.tmp-killed"))
        #expect(!left, "a build does so, too")
    }

    /// Does something while a build uses the cache.
    private func whileInUse<Value>(_ body: () throws -> Value) throws -> Value {
        let cache = try desk.cache { $0.size = 1 }
        return try withExtendedLifetime(cache) { try body() }
    }

    @Test func `nothing is removed while a build uses the cache, and builds wait for who removes`() throws {
        let made = try fill([1, 2])
        let waiting = try whileInUse {
            #expect(
                throws: FileError("lock", desk.directory.appending("v1"), .resourceTemporarilyUnavailable)
            ) {
                try CacheStore(at: desk.directory, waitingSeconds: 0, isAlone: true)
            }
            try desk.cache { $0.size = 1 }.finish()
            #expect(try kept(made) == [true, true])
            let waiting = Worker { [desk] in try CacheContents(desk.directory).prune(keeping: -1).files }
            Machine.sleep(milliseconds: 100)
            #expect(try desk.find(made[0].key) == .hit(made[0].layer))
            return waiting
        }
        #expect(try waiting.join() > 0)
    }

    @Test func `a record says what a person wants to know`() throws {
        let key = try CacheDesk.key("RUN make\u{1B}[31m")
        let layer = try desk.keep(as: key)
        let record = try #require(try CacheContents(desk.directory).records().first)
        #expect(record.key == key.digest && record.layer == layer.descriptor.digest)
        #expect(record.size == layer.descriptor.size && record.platform == "linux/amd64")
        #expect(record.instruction == "RUN make\u{1B}[31m" && record.repository == nil)
        #expect(abs(record.lastUsed - Machine.now.seconds) < 600)
        #expect(record.json["key"]?.string == "\(key.digest)")
    }

    @Test func `looking at a cache that is none makes nothing`() throws {
        let contents = try CacheContents(desk.directory)
        #expect(try contents.records() == [] && contents.size() == 0)
        #expect(try contents.prune(keeping: 0).files == 0)
        #expect(!Machine.exists(desk.directory))
    }

    @Test(
        "sizes",
        arguments: [
            ("0", 0), ("500MB", 500_000_000), ("10GiB", 10 << 30), ("2k", 2000), ("7b", 7), ("1tib", 1 << 40),
        ] as [(String, Int64)])
    func sizes(text: String, bytes: Int64) throws {
        #expect(try StorageSize(parsing: text, of: "--cache-size").bytes == bytes)
    }

    @Test(
        "texts that are no size", arguments: ["", "GB", "-1", "1.5GB", "10 GB", "9999999999TB", "1PB", "٣GB"])
    func wrongSizes(text: String) {
        #expect(throws: BuildError.self) { try StorageSize(parsing: text, of: "--cache-size") }
    }
}
