import Compression
import Testing

struct CompressionMethodTests {
    @Test(
        arguments: [
            ("gzip", nil, .gzip(.level(2))), ("gzip", "1", .gzip(.level(1))),
            ("gzip", "12", .gzip(.level(12))),
            ("gzip", "fastest", .gzip(.fastest)), ("zstd", nil, .zstd(3)), ("zstd", "19", .zstd(19)),
            ("none", nil, .none),
        ] as [(String, String?, CompressionMethod)])
    func `a method is known by name and level`(name: String, level: String?, method: CompressionMethod) throws
    {
        let parsed = try CompressionMethod(name: name, level: level)
        #expect(parsed == method)
        #expect(parsed.name == name)
    }

    @Test(
        arguments: [
            ("gzip", "0", "no level 0; give 1 to 12 or fastest"),
            ("gzip", "13", "no level 13; give 1 to 12 or fastest"),
            ("gzip", "best", "no level best; give 1 to 12 or fastest"),
            ("gzip", "", "no level ; give 1 to 12 or fastest"),
            ("gzip", "-1", "no level -1; give 1 to 12 or fastest"),
            ("gzip", "99999999999999999999", "no level 99999999999999999999; give 1 to 12 or fastest"),
            ("gzip", "FASTEST", "no level FASTEST; give 1 to 12 or fastest"),
            ("zstd", "20", "no level 20; give 1 to 19"),
            ("zstd", "fastest", "no level fastest; give 1 to 19"),
            ("zstd", "0", "no level 0; give 1 to 19"), ("none", "1", "it has no levels; leave the level out"),
            ("xz", nil, "no such compression; there are gzip, zstd and none"),
            ("GZIP", nil, "no such compression; there are gzip, zstd and none"),
            ("", nil, "no such compression; there are gzip, zstd and none"),
        ] as [(String, String?, String)])
    func `what there is not is refused with what there is`(name: String, level: String?, reason: String) {
        let error = #expect(throws: CompressionError.self) {
            try CompressionMethod(name: name, level: level)
        }
        #expect(error?.reason == reason)
    }

    @Test(
        arguments: [
            (.none, true), (.gzip(.level(2)), true), (.zstd(3), true), (.gzip(.fastest), false),
        ] as [(CompressionMethod, Bool)])
    func `only level fastest depends on the processor`(method: CompressionMethod, isReproducible: Bool) {
        #expect(method.isReproducible == isReproducible)
    }

    @Test(
        arguments: [
            (.none, nil, nil), (.gzip(.level(2)), "2", "libdeflate"), (.zstd(19), "19", "libzstd"),
        ] as [(CompressionMethod, String?, String?)])
    func `level and library are named`(method: CompressionMethod, level: String?, library: String?) {
        #expect(method.level?.description == level)
        #expect(method.library?.name == library)
    }

    @Test func `a library that cannot say its version has the header's, marked so`() {
        let versions = Dictionary(CompressionMethod.libraries.map { ($0.name, $0.version) }) { first, _ in
            first
        }
        #expect(versions["libdeflate"]?.hasSuffix(" (built with)") == true)
        #expect(versions["libzstd"]?.hasPrefix("1.") == true)
        #expect(versions["zlib"]?.hasPrefix("1.") == true)
    }

    @Test(arguments: [.gzip(.level(0)), .gzip(.level(13)), .zstd(20)] as [CompressionMethod])
    func `a level that was not read from a text is checked all the same`(method: CompressionMethod) {
        #expect(throws: CompressionError.self) { _ = try method.compressor() }
    }
}
