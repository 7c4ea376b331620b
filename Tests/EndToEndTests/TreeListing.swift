import Cryptography
import Linux
import OCI
import SystemPackage

/// A tree as a list of lines, one an entry with all that a layer keeps of it.
///
/// Two trees are the same when their lines are.
struct TreeListing {
    /// The paths in the walk's order: bytes, directories with a `/` at their end as tar lists them.
    private(set) var paths: [[UInt8]] = []
    /// The entries in the walk's order.
    private(set) var lines: [String] = []
    private var firstNames: [FileStatus.Identity: String] = [:]
    private let isKept: ([UInt8]) -> Bool

    /// Walks a tree.
    ///
    /// The extended attributes whose name is kept are listed.
    init(of root: FilePath, attributes isKept: @escaping ([UInt8]) -> Bool = TreeListing.usual) throws {
        self.isKept = isKept
        var walk = try TreeWalk(of: Directory.open(root))
        while let entry = try walk.next() {
            paths.append(entry.path + (entry.status?.kind == .directory ? [UInt8(ascii: "/")] : []))
            lines.append(try line(entry, in: walk.directory))
        }
    }

    /// What varve keeps when nobody asks for more.
    static func usual(_ name: [UInt8]) -> Bool {
        let text = String(decoding: name, as: UTF8.self)
        // umoci keeps a plain user's owners there.
        if text.hasPrefix("user.overlay.") || text == "user.rootlesscontainers" { return false }
        return text.hasPrefix("user.") || text == "security.capability" || text.hasPrefix("system.posix_acl_")
    }

    /// The lines that only one of two listings has, marked by whose they are.
    func differences(from other: TreeListing) -> [String] {
        let mine = Set(lines)
        let others = Set(other.lines)
        return lines.filter { !others.contains($0) }.map { "+ \($0)" }
            + other.lines.filter { !mine.contains($0) }.map { "- \($0)" }
    }

    private mutating func line(_ entry: TreeWalk.Entry, in directory: borrowing Directory) throws -> String {
        let status = try entry.status ?? directory.status(of: entry.name)
        let path = escaped(entry.path)
        var words = [
            path, "\(status.kind)", String(status.permissions, radix: 8), "\(status.user):\(status.group)",
            "\(status.modified.seconds)",
        ]
        var attributes: [ExtendedAttribute] = []
        switch status.kind {
        case .regular:
            if let first = firstNames[status.identity] { return "\(path) is also \(first)" }
            firstNames[status.identity] = path
            let file = try directory.openFile(entry.name)
            words += ["\(status.size)", try digest(of: file)]
            attributes = try directory.openFile(entry.name).extendedAttributes(where: isKept)
        case .directory:
            attributes = try directory.openDirectory(entry.name).extendedAttributes(where: isKept)
        case .symbolicLink: words.append(escaped(try directory.linkTarget(of: entry.name)))
        case .characterDevice, .blockDevice:
            words.append("\(status.deviceNumber.major),\(status.deviceNumber.minor)")
            attributes = try directory.extendedAttributes(of: entry.name, where: isKept)
        case .fifo: attributes = try directory.extendedAttributes(of: entry.name, where: isKept)
        case .socket: break
        }
        words += attributes.map { "\(escaped($0.name))=\(digest(of: $0.value))" }
        return words.joined(separator: " ")
    }

    private func digest(of file: consuming File) throws -> String {
        var sha256 = try SHA256()
        var buffer: [UInt8] = []
        while try file.read(upTo: 1 << 18, appendingTo: &buffer) > 0 {
            sha256.update(buffer.span)
            buffer.removeAll(keepingCapacity: true)
        }
        return Digest(sha256: sha256.finish()).hex
    }

    private func digest(of bytes: [UInt8]) -> String {
        guard var sha256 = try? SHA256() else { return "" }
        sha256.update(bytes.span)
        return "\(bytes.count) bytes, " + Digest(sha256: sha256.finish()).hex
    }
}
