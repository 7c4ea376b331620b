import Linux
import SystemPackage
import TestSupport
import Testing

/// Each tar reader lists the members of the tree, once each and in the walk's order.
struct ListingTests {
    @Test func `bsdtar lists the layer and says nothing`() throws {
        try Requirement.program("bsdtar")
        let scratch = try Scratch()
        let original = try TreeCase.makeAll(in: scratch)
        let packed = try PackedTree(original, in: scratch)
        let listing = try Command(["bsdtar", "-tf", packed.layer.string]).with("LC_ALL", "C").succeed()
        #expect(members(listing.text) == shown(try TreeListing(of: original).paths))
        #expect(listing.errors == "")
    }

    @Test func `GNU tar lists the layer`() throws {
        let scratch = try Scratch()
        let original = try TreeCase.makeAll(in: scratch)
        let packed = try PackedTree(original, in: scratch)
        let listing = try Command([
            "tar", "--quoting-style=escape", "-tzf", packed.layer.string,
        ]).with("LC_ALL", "C").succeed()
        #expect(members(listing.text) == shown(try TreeListing(of: original).paths))
        // Keywords of other tars: that a name is in no encoding, and a minor number beyond 2^18.
        let known = ["hdrcharset", "SCHILY.devminor"].map {
            "tar: Ignoring unknown extended header keyword '\($0)'"
        }
        #expect(Set(listing.errors.split(separator: "\n").map(String.init)).subtracting(known) == [])
    }

    @Test func `names in ASCII bring no warning from GNU tar`() throws {
        let scratch = try Scratch()
        try scratch.write("tree/dir/file", "content")
        let packed = try PackedTree(scratch["tree"], in: scratch)
        #expect(try Command(["tar", "-tzf", packed.layer.string]).succeed().errors == "")
    }

    @Test func `the root has an entry only on demand`() throws {
        let scratch = try Scratch()
        try scratch.write("tree/file")
        try Command(["chmod", "0751", scratch["tree"].string]).succeed()
        let packed = try PackedTree(scratch["tree"], in: scratch, ["--no-provenance", "--root-entry"])
        let listing = try Command(["tar", "-tvzf", packed.layer.string]).succeed().text.split(separator: "\n")
        #expect(listing.count == 2)
        #expect(listing.first?.hasPrefix("drwxr-x--x 0/0") == true)
        #expect(listing.first?.hasSuffix(" ./") == true)
    }

    /// The names, with their escapes resolved and made readable again.
    private func members(_ listing: String) -> [String] {
        listing.split(separator: "\n").map { escaped(EscapedName(String($0)).bytes) }
    }

    private func shown(_ paths: [[UInt8]]) -> [String] { paths.map { escaped($0) } }
}

/// A name as tar lists it in the locale C: `\n`, `\\`, `\303`.
struct EscapedName {
    let bytes: [UInt8]

    init(_ text: String) {
        var rest = Array(text.utf8)[...]
        var bytes: [UInt8] = []
        let letters: [UInt8: UInt8] = [
            UInt8(ascii: "n"): 10, UInt8(ascii: "t"): 9, UInt8(ascii: "r"): 13, UInt8(ascii: "a"): 7,
            UInt8(ascii: "b"): 8, UInt8(ascii: "v"): 11, UInt8(ascii: "f"): 12,
        ]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let next = rest.first else {
                bytes.append(byte)
                continue
            }
            if let octal = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8), rest.count >= 3 {
                bytes.append(octal)
                rest.removeFirst(3)
            } else {
                bytes.append(letters[next] ?? next)
                rest.removeFirst()
            }
        }
        self.bytes = bytes
    }
}
