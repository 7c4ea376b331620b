import Linux
import SystemPackage
import TestSupport

@testable import Layers

/// An image of a few layers, listed, and the same layers extracted.
struct ListedImage {
    let listing: FileListing

    init(_ layers: [[UInt8]]) throws {
        let stored = try layers.map { try StoredLayer($0) }
        listing = try FileListing(of: stored.map(\.listing))
    }

    init(_ layers: [[Member]]) throws { try self.init(layers.map(Member.tar)) }

    /// `path kind mode owner target`, a line a file, and the root's own.
    var lines: [String] {
        get throws {
            guard let root = try listing.entry(at: []) else { return [] }
            var lines = [line([], root)]
            listing.forEach { path, entry in lines.append(line(path, entry)) }
            return lines
        }
    }

    private func line(_ path: [UInt8], _ entry: FileListing.Entry) -> String {
        "\(escaped(path)) \(entry.kind) \(String(entry.permissions, radix: 8)) \(entry.user):\(entry.group) "
            + escaped(entry.target)
    }

    /// The same lines of layers that root extracted.
    static func extracted(_ layers: [[UInt8]]) throws -> [String] {
        let tree = try ExtractedTree(layers) { $0.keepsOwners = true }
        return try lines(of: Directory.open(tree.scratch["root"]))
    }

    /// The same lines of a tree.
    static func lines(of root: borrowing Directory) throws -> [String] {
        func line(_ path: [UInt8], _ status: FileStatus, _ target: [UInt8]) -> String {
            "\(escaped(path)) \(status.kind) \(String(status.permissions, radix: 8)) "
                + "\(status.user):\(status.group) \(escaped(target))"
        }
        var lines = [line([], try root.status(), [])]
        var walk = try TreeWalk(of: root)
        while let entry = try walk.next() {
            let status = try walk.directory.status(of: entry.name)
            let target = status.kind == .symbolicLink ? try walk.directory.linkTarget(of: entry.name) : []
            lines.append(line(entry.path, status, target))
        }
        return lines
    }
}

/// Numbers that look random and are the same in each run.
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state &* 0x2545_F491_4F6C_DD1D
    }
}
