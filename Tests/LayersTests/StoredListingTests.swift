import Linux
import Testing

@testable import Layers

struct StoredListingTests {
    private static func sample() throws -> [UInt8] {
        try ListedImage([
            [
                .directory("etc"), .file("etc/passwd", "root:x:0:0::/:\n"), .link("l", to: "etc"),
                .file("a", mode: 0o600).owned(by: 7),
            ]
        ]).listing.bytes
    }

    @Test func `equal images have equal bytes, whatever their layers`() throws {
        let other = try ListedImage([
            [.file("x"), .file("a"), .file("l/f")],
            [
                .file("a", mode: 0o600).owned(by: 7), .file(".wh.x"), .link("l", to: "etc"),
                .file("etc/passwd", "root:x:0:0::/:\n"), .directory("etc"),
            ],
        ])
        #expect(try other.listing.bytes == Self.sample())
    }

    @Test func `a stored listing that is cut off anywhere, or goes on, is refused`() throws {
        let bytes = try Self.sample()
        for count in 0..<bytes.count {
            #expect(throws: LayerError.self) { try FileListing(bytes: Array(bytes.prefix(count))) }
        }
        #expect(throws: LayerError.self) { try FileListing(bytes: bytes + [0]) }
    }

    @Test func `a stored listing with any byte changed is refused, or is another listing`() throws {
        let bytes = try Self.sample()
        for place in bytes.indices {
            for change: UInt8 in [1, 0x2F, 0x80, 0xFF] {
                var other = bytes
                other[place] ^= change
                guard let listing = try? FileListing(bytes: other) else { continue }
                #expect(listing.bytes == other, "byte \(place)")
            }
        }
    }

    @Test func `more files than the limit are refused`() throws {
        var limits = UnpackLimits()
        limits.entries = 1
        #expect(throws: LayerError.storedListing("it has 4 files")) {
            try FileListing(bytes: Self.sample(), limits)
        }
    }
}
