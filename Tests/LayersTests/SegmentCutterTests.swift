import Compression
import Testing

@testable import Layers

struct SegmentCutterTests {
    private func segments(of blob: [UInt8], _ form: StoredForm, read size: Int) -> [CompressedSegment] {
        var cutter = SegmentCutter(form)
        var segments: [CompressedSegment] = []
        for start in stride(from: 0, to: blob.count, by: size) {
            cutter.append(Array(blob[start..<min(start + size, blob.count)]))
            while let segment = cutter.next() { segments.append(segment) }
        }
        if let last = cutter.finish() { segments.append(last) }
        return segments
    }

    @Test(arguments: [StoredForm.gzip, .zstd], [1009, 65536, 262_144, 1 << 24])
    func `a varve layer is cut where its members or frames end`(form: StoredForm, size: Int) throws {
        let parts = try compressed(Sample.pieces, form == .gzip ? .gzip(.level(2)) : .zstd(3))
        let found = segments(of: parts.flatMap { $0 }, form, read: size)
        #expect(found.flatMap(\.bytes) == parts.flatMap { $0 })
        #expect(found.allSatisfy { $0.isGuess })
        // Each part is one that a segment names, and small ones share a segment.
        let ends = found.flatMap { segment in
            zip([0] + segment.ends, segment.ends).map { Array(segment.bytes[$0..<$1]) }
        }
        #expect(ends == parts)
        #expect(found.count < parts.count)
        #expect(found.map(\.contentSize).reduce(0, +) == Sample.pieces.map(\.count).reduce(0, +))
    }

    @Test(arguments: [StoredForm.gzip, .zstd], [4097, 262_144])
    func `one long member or frame goes on in stretches`(form: StoredForm, size: Int) throws {
        let part = try compressed([Sample.noise(6 << 20)], form == .gzip ? .gzip(.level(1)) : .zstd(1))[0]
        let found = segments(of: part, form, read: size)
        #expect(found.flatMap(\.bytes) == part)
        #expect(found.allSatisfy { !$0.isGuess })
        #expect(found.dropFirst().allSatisfy { $0.bytes.count < SegmentCutter.stretch + size })
    }

    @Test func `behind a long gzip member the members are seen again, behind a long frame none`() throws {
        for (form, method) in [(StoredForm.gzip, CompressionMethod.gzip(.level(1))), (.zstd, .zstd(1))] {
            let pieces = [Sample.noise(5 << 20), Sample.noise(200_000), Sample.noise(300_000, seed: 8)]
            let parts = try compressed(pieces, method)
            let found = segments(of: parts.flatMap { $0 }, form, read: 262_144)
            #expect(found.flatMap(\.bytes) == parts.flatMap { $0 })
            // What is left of the long member may be too short for a segment of its own.
            let guesses = found.filter(\.isGuess).map(\.bytes)
            let isRight = form == .gzip ? guesses.last == parts.last : guesses.isEmpty
            #expect(isRight)
        }
    }

    @Test func `a boundary is found wherever it stands`() {
        let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 3]
        for place in 0..<40 {
            let bytes = [UInt8](repeating: 0, count: place) + header + [UInt8](repeating: 0, count: 5)
            for start in 0..<45 {
                let found = GzipBoundary.next(in: bytes.span, from: start)
                #expect(found == (start <= place ? place : nil), "at \(place) from \(start)")
            }
            let short = Array(bytes.prefix(place + 9))
            #expect(GzipBoundary.next(in: short.span, from: 0) == nil)
        }
    }

    @Test(arguments: 0..<10)
    func `another byte in the header makes it none`(place: Int) {
        let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 4, 255]
        for value in UInt8.min ... .max where value != header[place] {
            var bytes = header
            bytes[place] = value
            let isHeader = (place == 8 && [0, 2, 4].contains(value)) || (place == 9 && value == 3)
            let found = GzipBoundary.next(in: bytes.span, from: 0)
            #expect((found == 0) == isHeader, "\(value)")
        }
    }
}
