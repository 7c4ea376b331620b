import Compression
import Testing

private func member(_ bytes: [UInt8], level: Int = 6) throws -> [UInt8] {
    try GzipCompressor(level: level).member(bytes)
}

struct GzipStreamTests {
    @Test func `a file that is cut off is an error at every byte`() throws {
        let file = try member(Array("the quick brown fox jumps over the lazy dog, again and again".utf8))
        for length in 0..<file.count {
            #expect(throws: CompressionError.self, "\(length) of \(file.count) bytes") {
                try GzipStream.inflate(Array(file.prefix(length)), limit: 1000)
            }
        }
    }

    @Test func `a second member that is cut off is an error at every byte`() throws {
        let first = try member([1, 2, 3])
        let both = try first + member(Array("four five six".utf8))
        for length in (first.count + 1)..<both.count {
            #expect(throws: CompressionError.self, "\(length) of \(both.count) bytes") {
                try GzipStream.inflate(Array(both.prefix(length)), limit: 1000)
            }
        }
        #expect(try GzipStream.inflate(Array(both.prefix(first.count)), limit: 1000) == [1, 2, 3])
    }

    @Test func `a bit that flips in what is checked is an error`() throws {
        let text = Array("the quick brown fox jumps over the lazy dog".utf8)
        let file = try member(text)
        // Time, extra flags and system mean nothing.
        for place in [0, 1, 2, 3] + Array(10..<file.count) {
            for bit in 0..<8 {
                var damaged = file
                damaged[place] ^= 1 << bit
                let found = try? GzipStream.inflate(damaged, limit: 1000)
                #expect(found == nil || found == text, "bit \(bit) of byte \(place)")
            }
        }
    }

    @Test func `members of any size are joined`() throws {
        let pieces = [[], [1], Samples.text, [], Samples.noise, [2], []]
        let file = try GzipCompressor(level: 6).members(pieces)
        let whole = pieces.flatMap { $0 }
        #expect(try GzipStream.inflate(file, limit: whole.count) == whole)
    }

    @Test func `what follows the last member and is none is an error`() throws {
        let file = try member([1, 2, 3])
        for tail in [[0], [0, 0, 0, 0], Array("garbage".utf8), [0x1F], [0x1F, 0x8B]] as [[UInt8]] {
            #expect(throws: CompressionError.self, "\(tail)") {
                try GzipStream.inflate((file + tail), limit: 1000)
            }
        }
    }

    @Test(arguments: [0, 1, 65535, 65536, 65537, (1 << 20) - 1])
    func `a bomb stops at the limit`(limit: Int) throws {
        let bomb = try member([UInt8](repeating: 0, count: 1 << 20), level: 12)
        #expect(bomb.count < 2000)
        let error = #expect(throws: CompressionError.self) {
            try GzipStream.inflate(bomb, limit: limit)
        }
        #expect(error?.reason == "more than \(limit) bytes come out")
    }

    @Test func `a bomb of many members stops at the limit`() throws {
        let one = try member([UInt8](repeating: 0, count: 1 << 20), level: 12)
        let bomb = [[UInt8]](repeating: one, count: 100).flatMap { $0 }
        #expect(throws: CompressionError.self) {
            try GzipStream.inflate(bomb, limit: 3 << 20)
        }
    }

    @Test func `output of the limit's very size is within it`() throws {
        let bytes = [UInt8](repeating: 7, count: 1 << 20)
        #expect(try GzipStream.inflate(member(bytes), limit: 1 << 20) == bytes)
        #expect(try GzipStream.inflate(member([]), limit: 0) == [])
    }

    @Test(arguments: [[], [0], Array("plain text, no gzip".utf8), [0x28, 0xB5, 0x2F, 0xFD]] as [[UInt8]])
    func `what is no gzip is an error`(bytes: [UInt8]) {
        let error = #expect(throws: CompressionError.self) {
            try GzipStream.inflate(bytes, limit: 1000)
        }
        #expect(error?.library == "gzip")
    }
}
