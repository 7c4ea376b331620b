/// An ignore file's answers for the paths of a walk, one directory after the other.
///
/// What holds for a directory holds for all that is in it, and is remembered from one path to the next: for most
/// patterns a look at a path's first and last byte is enough then.
public struct IgnoreWalk {
    /// A directory, by the length of its path, and the last pattern that decides on it.
    private struct Level {
        let length: Int
        let deciding: Int?
    }

    private let file: IgnoreFile
    /// The bytes that a match of each pattern begins with, that its last component does, and that it ends with; -1
    /// where it may be any.
    private let ends: [(first: Int16, initial: Int16, last: Int16)]
    /// Where the last path lies, and the directories there, from below the root on: a walk comes back to each of them.
    private var directory: [UInt8] = []
    private var levels: [Level] = []
    /// The last path, which is mostly the next one's directory or lies beside it, and what decides on it.
    private var last: (path: [UInt8], deciding: Int?) = ([], nil)

    init(_ file: IgnoreFile) {
        self.file = file
        ends = file.patterns.map { pattern in
            let (first, last) = pattern.glob.ends
            func number(_ byte: UInt8?) -> Int16 { byte.map(Int16.init) ?? -1 }
            return (number(first), number(pattern.glob.initial), number(last))
        }
    }

    /// Whether a path is left out, as ``IgnoreFile/isExcluded(_:)`` says.
    public mutating func isExcluded(_ path: [UInt8]) -> Bool {
        guard let byte = path.last, byte != Characters.slash, path != [UInt8(ascii: ".")] else {
            return file.isExcluded(path)
        }
        let above = enterDirectory(of: path)
        last = (path, matching(path, byte, behind: above) ?? above)
        return last.deciding.map { !file.patterns[$0].isException } ?? false
    }

    /// Goes where a path lies.
    ///
    /// - Returns: What decides on that directory.
    private mutating func enterDirectory(of path: [UInt8]) -> Int? {
        let end = path.lastIndex(of: Characters.slash) ?? 0
        if directory.count == end, path.starts(with: directory) { return levels.last?.deciding }
        while let level = levels.last, !Self.isDirectory(directory[..<level.length], above: path, end) {
            levels.removeLast()
        }
        directory = Array(path[..<end])
        if end == levels.last?.length ?? 0 { return levels.last?.deciding }
        let deciding = last.path == directory ? last.deciding : file.deciding(directory)
        levels.append(Level(length: end, deciding: deciding))
        return deciding
    }

    private static func isDirectory(_ directory: ArraySlice<UInt8>, above path: [UInt8], _ end: Int) -> Bool {
        directory.count <= end && path[directory.count] == Characters.slash && path.starts(with: directory)
    }

    /// The last pattern that matches a path itself, of those behind the one that decides on its directory.
    private func matching(_ path: [UInt8], _ byte: UInt8, behind above: Int?) -> Int? {
        let initial = Int16(path[directory.isEmpty ? 0 : directory.count + 1])
        var index = ends.count
        let end = above ?? -1
        while index > end + 1 {
            index -= 1
            let (first, wanted, last) = ends[index]
            if last >= 0, last != Int16(byte) { continue }
            if wanted >= 0, wanted != initial { continue }
            if first >= 0, first != Int16(path[0]) { continue }
            if file.patterns[index].glob.matches(path) { return index }
        }
        return nil
    }
}

extension IgnoreFile {
    /// Begins a walk.
    public func walk() -> IgnoreWalk { IgnoreWalk(self) }
}
