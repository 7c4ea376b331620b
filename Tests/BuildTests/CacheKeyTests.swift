@testable import Build
import Images
import OCI
import TestSupport
import Testing

struct CacheKeyTests {
    private static let linux = Platform(os: "linux", architecture: "amd64")

    private static func key(
        _ fields: [(String, String)], instruction: String = "RUN make", platform: Platform = linux
    ) throws -> CacheKey {
        var key = try CacheKey(instruction: instruction, platform: platform)
        for (name, value) in fields { try key.add(name, value) }
        return key
    }

    @Test(
        "what stands side by side is never taken for something else",
        arguments: [
            ([("build argument A", "b c")], [("build argument A", "b"), ("c", "")]),
            ([("build argument A", "b"), ("build argument C", "")], [("build argument A", "b,C=")]),
            ([("files", "ab"), ("files", "c")], [("files", "a"), ("files", "bc")]),
            ([("ab", "c")], [("a", "bc")]),
            ([("a", "b")], [("a", "b"), ("", "")]),
            ([("a", "1"), ("b", "2")], [("b", "2"), ("a", "1")]),
            ([("a", "x\0y")], [("a", "x"), ("y", "")]),
            ([("a", "")], []),
        ] as [([(String, String)], [(String, String)])])
    func separators(first: [(String, String)], second: [(String, String)]) throws {
        #expect(try Self.key(first).digest != Self.key(second).digest)
    }

    @Test func `instruction and platform are part of it`() throws {
        let key = try Self.key([])
        #expect(try Self.key([]).digest == key.digest)
        #expect(try Self.key([], instruction: "RUN make ").digest != key.digest)
        let arm = Platform(os: "linux", architecture: "arm64")
        #expect(try Self.key([], platform: arm).digest != key.digest)
        let seventh = Platform(os: "linux", architecture: "arm", variant: "v7")
        let eighth = Platform(os: "linux", architecture: "arm", variant: "v8")
        #expect(try Self.key([], platform: seventh).digest != Self.key([], platform: eighth).digest)
    }

    @Test func `what a person is shown is no part of it`() throws {
        let key = try CacheKey(instruction: "RUN make", shown: "RUN …", platform: Self.linux)
        #expect(try key.digest == CacheKey(instruction: "RUN make", platform: Self.linux).digest)
        #expect(key.shown == "RUN …")
    }

    @Test func `names of files are for messages, and their digest counts`() throws {
        let (first, second) = (try Digest.of([1]), try Digest.of([2]))
        var (key, other, third) = (try Self.key([]), try Self.key([]), try Self.key([]))
        try key.add(CacheKey.files, first, files: [.init("a".utf8, second)])
        try other.add(CacheKey.files, first, files: [])
        try third.add(CacheKey.files, second, files: [.init("a".utf8, second)])
        #expect(key.digest == other.digest)
        #expect(key.digest != third.digest)
        let many = (0..<5000).map { CacheKey.File("f\($0)".utf8, first) }
        try key.add(CacheKey.files, first, files: many)
        #expect(key.fields.last?.files.count == CacheKey.fileLimit)
    }

    @Test func `it is the same on every machine`() throws {
        let key = try Self.key([("the base", "sha256:00"), ("build argument V", "1")])
        #expect(key.digest.hex == "066c688e2134ce56b64188081164b1a42ae1fde9506824bf2d356d35a7645c5e")
    }
}
