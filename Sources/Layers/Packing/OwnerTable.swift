public import Linux
import SystemPackage
public import Tar

/// What a packer knows better than the file system: owners, modes, times, and entries that a plain user cannot make.
public struct OwnerTable: Sendable {
    struct Entry: Sendable {
        /// Below the root, without `./`; the root's own is empty.
        let path: [UInt8]
        let kind: TreeSpecification.Kind?
        let permissions: UInt32?
        let user: UInt32?
        let group: UInt32?
        let modified: Int64?
        let attributes: [ExtendedAttribute]
    }

    /// In the order of a walk: a directory before what is in it, by the bytes of the names.
    let entries: [Entry]

    /// Makes a table of a specification.
    ///
    /// Names of users and groups are looked up in the tree's own `etc/passwd` and `etc/group`.
    ///
    /// - Throws: ``LayerError/specification(_:_:)``, `FileError`.
    public init(_ specification: TreeSpecification, in root: borrowing Directory) throws {
        let needsNames = specification.entries.contains { $0.userName != nil || $0.groupName != nil }
        let users = needsNames ? try Self.numbers(in: "passwd", of: root) : [:]
        let groups = needsNames ? try Self.numbers(in: "group", of: root) : [:]
        var entries: [Entry] = []
        entries.reserveCapacity(specification.entries.count)
        for entry in specification.entries {
            let path = try MemberPath(entry.path, limit: .max)
            guard !path.name.starts(with: Whiteout.prefix) else {
                throw LayerError.whiteoutName(path.filePath)
            }
            func number(_ number: UInt32?, _ name: [UInt8]?, _ numbers: [[UInt8]: UInt32], _ file: String)
                throws(LayerError) -> UInt32?
            {
                guard number == nil, let name else { return number }
                guard let found = numbers[name] else {
                    throw .specification(path.filePath, "the tree's etc/\(file) has no \(escaped(name))")
                }
                return found
            }
            entries.append(
                Entry(
                    path: path.bytes, kind: entry.kind, permissions: entry.permissions,
                    user: try number(entry.user, entry.userName, users, "passwd"),
                    group: try number(entry.group, entry.groupName, groups, "group"),
                    modified: entry.modified,
                    attributes: entry.attributes.map { ExtendedAttribute(name: $0.name, value: $0.value) }))
        }
        entries.sort { Self.precedes($0.path, $1.path) }
        for (first, second) in zip(entries, entries.dropFirst()) where first.path == second.path {
            throw LayerError.specification(FilePath(bytes: first.path), "it is specified twice")
        }
        let files = Set(entries.filter { $0.kind != nil && $0.kind != .directory }.map(\.path))
        for entry in entries {
            guard let end = entry.path.lastIndex(of: 47), files.contains(Array(entry.path[..<end])) else {
                continue
            }
            throw LayerError.specification(
                FilePath(bytes: entry.path), "what it lies in is specified, and not as a directory")
        }
        self.entries = entries
    }

    /// Whether a walk meets the first path before the second.
    static func precedes(_ first: [UInt8], _ second: [UInt8]) -> Bool {
        // A `/` counts less than any byte of a name.
        func rank(_ byte: UInt8) -> UInt8 { byte == 47 ? 0 : byte }
        for (one, other) in zip(first, second) where one != other { return rank(one) < rank(other) }
        return first.count < second.count
    }

    private static func numbers(in name: FileName, of root: borrowing Directory) throws -> [[UInt8]: UInt32] {
        let etc: Directory
        do {
            etc = try root.openInRoot(Array("etc".utf8))
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            return [:]
        }
        guard let text = try etc.content(of: name, limit: 16 << 20) else { return [:] }
        var numbers: [[UInt8]: UInt32] = [:]
        for line in text.split(separator: 10) {
            let fields = line.split(separator: 58, omittingEmptySubsequences: false)
            guard fields.count >= 3, let number = UInt32(String(decoding: fields[2], as: UTF8.self)),
                numbers[Array(fields[0])] == nil
            else { continue }
            numbers[Array(fields[0])] = number
        }
        return numbers
    }
}
