import Compression
import Linux
import SystemPackage
import TestSupport
import Testing

struct GzipCompressorTests {
    @Test(arguments: GzipCompressor.levels)
    func `every level gives back what went in`(level: Int) throws {
        let compressor = try GzipCompressor(level: level)
        for sample in Samples.all {
            let member = try compressor.member(sample.bytes)
            let back = try GzipStream.inflate(member, limit: sample.bytes.count)
            #expect(back == sample.bytes, "\(sample.name)")
        }
    }

    @Test func `members joined are one gzip file`() throws {
        try Requirement.program("gzip")
        let scratch = try Scratch()
        let compressor = try GzipCompressor(level: 2)
        let members = try compressor.members(Samples.all.map(\.bytes))
        try Directory.writeFile(at: scratch["all.gz"], members)
        try Command(["gzip", "-t", scratch["all.gz"].string]).succeed()
        let whole = Samples.all.flatMap(\.bytes)
        #expect(try Command(["gzip", "-dc", scratch["all.gz"].string]).succeed().output == whole)
        #expect(
            try GzipStream.inflate(members, limit: whole.count) == whole)
    }

    @Test func `a header names no file, no time and no system`() throws {
        let member = try GzipCompressor(level: 2).member(Samples.text)
        #expect(Array(member.prefix(8)) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0])
        #expect(member[9] == 255)
    }

    @Test func `the same piece gives the same bytes, whatever came before and on any thread`() throws {
        let first = try GzipCompressor(level: 2).member(Samples.text)
        let compressor = try GzipCompressor(level: 2)
        _ = try compressor.member(Samples.noise)
        #expect(try compressor.member(Samples.text) == first)
        let workers = (0..<4).map { _ in Worker { try GzipCompressor(level: 2).member(Samples.text) } }
        for worker in workers { #expect(try worker.join() == first) }
    }

    @Test func `noise grows by little`() throws {
        let member = try GzipCompressor(level: 2).member(Samples.noise)
        #expect(member.count <= Samples.noise.count + 200)
    }

    @Test func `a higher level is no larger`() throws {
        let sizes = try [1, 6, 12].map { try GzipCompressor(level: $0).member(Samples.text).count }
        #expect(sizes == sizes.sorted(by: >))
    }

    @Test(arguments: [0, 13, -1, .max, .min])
    func `a level that there is not is refused`(level: Int) {
        let error = #expect(throws: CompressionError.self) { _ = try GzipCompressor(level: level) }
        #expect(error?.description == "cannot compress: libdeflate: no level \(level); it has 1 to 12")
    }
}
