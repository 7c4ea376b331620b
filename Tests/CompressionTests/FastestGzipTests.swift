#if ISAL
    import Compression
    import Linux
    import SystemPackage
    import TestSupport
    import Testing

    struct FastestGzipTests {
        @Test func `members joined are one gzip file`() throws {
            try Requirement.program("gzip")
            let scratch = try Scratch()
            let compressor = FastestGzip()
            let members = try compressor.members(Samples.all.map(\.bytes))
            try Directory.writeFile(at: scratch["all.gz"], members)
            #expect(
                try Command(["gzip", "-dc", scratch["all.gz"].string]).succeed().output
                    == Samples.all.flatMap(\.bytes))
        }

        @Test func `any size of noise fits`() throws {
            let compressor = FastestGzip()
            for size in [1, 2, 65534, 65535, 65536, 131_070, 131_071, 299_999] {
                let noise = Array(Samples.noise.prefix(size))
                let member = try compressor.member(noise)
                #expect(try GzipStream.inflate(member, limit: size) == noise)
            }
        }

        @Test func `the same piece gives the same bytes on the same machine`() throws {
            let compressor = FastestGzip()
            let first = try compressor.member(Samples.text)
            _ = try compressor.member(Samples.noise)
            #expect(try compressor.member(Samples.text) == first)
        }
    }
#endif
