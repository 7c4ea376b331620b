import Linux
import SystemPackage

/// Where a member of a layer belongs in the tree: its path without `.`, without `/` in front or behind.
struct MemberPath: Hashable {
    /// The path; empty for the root itself.
    let bytes: [UInt8]

    /// - Parameters:
    ///   - text: The path as it stands in the tar.
    ///   - limit: The most bytes.
    /// - Throws: ``LayerError/hostile(_:_:)`` for a path that leads upwards, ``LayerError/limit(_:_:)``.
    init(_ text: [UInt8], limit: Int) throws(LayerError) {
        let components = text.split(separator: 47).filter { !$0.elementsEqual([46]) }
        guard !components.contains(where: { $0.elementsEqual([46, 46]) }) else {
            throw .hostile(FilePath(bytes: text), "its path leads upwards by \"..\"")
        }
        guard text.count <= limit else {
            throw .limit("a path of \(text.count) bytes, where \(limit) are allowed", flag: "--max-path")
        }
        bytes = Array(components.joined(separator: [47]))
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// The last component; empty for the root.
    var name: [UInt8] { bytes.lastIndex(of: 47).map { Array(bytes[($0 + 1)...]) } ?? bytes }

    /// The directory that it belongs in; the root's own is the root.
    var parent: MemberPath { MemberPath(bytes: bytes.lastIndex(of: 47).map { Array(bytes[..<$0]) } ?? []) }

    /// An entry of this directory.
    func appending(_ name: some Collection<UInt8>) -> MemberPath {
        MemberPath(bytes: bytes.isEmpty ? Array(name) : bytes + [47] + name)
    }

    /// The path for messages.
    var filePath: FilePath { FilePath(bytes: bytes.isEmpty ? [46] : bytes) }
}
