import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Tar

extension FilteredStream.Filter {
    fileprivate var program: String {
        switch self {
        case .bzip2: "bzip2"
        case .xz: "xz"
        }
    }
}

struct FilteredStreamTests {
    private static let content = (0..<2_000_003).map { UInt8(truncatingIfNeeded: ($0 &* $0) >> 7) }

    private static func compressed(
        _ content: [UInt8], _ filter: FilteredStream.Filter, _ flags: String = ""
    ) throws -> [UInt8] {
        try Requirement.program(filter.program)
        let scratch = try Scratch()
        try Directory.open(scratch.path).createFile("in").write(content.span)
        return try Command(shell: "\(filter.program) \(flags) < in").at(scratch.path).succeed().output
    }

    private static func opened(
        _ bytes: [UInt8], _ filter: FilteredStream.Filter, chunk: Int = 1 << 16
    ) throws -> [UInt8] {
        var rest = bytes[...]
        var stream = try FilteredStream(filter) {
            guard !rest.isEmpty else { return nil }
            defer { rest = rest.dropFirst(chunk) }
            return Array(rest.prefix(chunk))
        }
        var content: [UInt8] = []
        while let piece = try stream.next() {
            #expect(!piece.isEmpty)
            content += piece
        }
        #expect(try stream.next() == nil)
        return content
    }

    @Test(
        arguments: [
            (FilteredStream.Filter.bzip2, "-1"), (.bzip2, "-9"), (.xz, "-0"), (.xz, "-6"),
            (.xz, "--check=sha256 --block-size=100000"),
        ], [7, 4096, 1 << 20])
    func `what the program compressed comes out again`(
        form: (filter: FilteredStream.Filter, flags: String), chunk: Int
    ) throws {
        let bytes = try Self.compressed(Self.content, form.filter, form.flags)
        #expect(try Self.opened(bytes, form.filter, chunk: chunk) == Self.content)
    }

    @Test(arguments: [FilteredStream.Filter.bzip2, .xz])
    func `streams one behind the other are one`(filter: FilteredStream.Filter) throws {
        let (one, other) = (Array("first ".utf8), Array("second".utf8))
        let bytes = try Self.compressed(one, filter) + Self.compressed(other, filter)
        #expect(try Self.opened(bytes, filter) == one + other)
    }

    @Test(arguments: [FilteredStream.Filter.bzip2, .xz])
    func `what is compressed twice is opened once`(filter: FilteredStream.Filter) throws {
        let inner = try Self.compressed(Array("content".utf8), filter)
        #expect(try Self.opened(Self.compressed(inner, filter), filter) == inner)
    }

    @Test(arguments: [FilteredStream.Filter.bzip2, .xz], [1, 5, 100])
    func `a stream that ends early is refused`(filter: FilteredStream.Filter, missing: Int) throws {
        let bytes = try Self.compressed(Self.content, filter).dropLast(missing)
        let error = #expect(throws: TarError.self) { try Self.opened(Array(bytes), filter) }
        #expect(error?.operation == .decompress)
    }

    @Test(arguments: [FilteredStream.Filter.bzip2, .xz], ["x", "garbage of some length", "\0\0\0\0\0"])
    func `what follows the end is refused`(filter: FilteredStream.Filter, garbage: String) throws {
        let bytes = try Self.compressed(Self.content, filter) + Array(garbage.utf8)
        #expect(throws: TarError.self) { try Self.opened(bytes, filter) }
        #expect(throws: TarError.self) { try Self.opened(bytes, filter, chunk: 1) }
    }

    @Test(arguments: [FilteredStream.Filter.bzip2, .xz])
    func `no bit that the checksum covers can change`(filter: FilteredStream.Filter) throws {
        let bytes = try Self.compressed(Self.content, filter)
        for place in stride(from: 20, to: bytes.count, by: bytes.count / 29) {
            var damaged = bytes
            damaged[place] ^= 4
            #expect(throws: TarError.self, "\(place)") { try Self.opened(damaged, filter) }
        }
    }

    @Test func `the source's own error comes through`() throws {
        struct Broken: Error {}
        var stream = try FilteredStream(.xz) { throw Broken() }
        #expect(throws: Broken.self) { _ = try stream.next() }
    }
}
