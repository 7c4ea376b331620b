/// An ignore file's answers for the paths of a walk, one directory after the other.
///
/// What holds for a directory holds for all that is in it, and is remembered from one path to the next: for most
/// patterns a look at a path's first and last byte is enough then.
public struct IgnoreWalk {
    /// A directory and the last pattern that decides on it.
    private struct Place {
        var path: [UInt8] = []
        var deciding: Int?
    }

    private let file: IgnoreFile
    /// The bytes that a match of each pattern begins and ends with; -1 where it may be any.
    private let ends: [(first: Int16, last: Int16)]
    /// Where the last path lies, and that path: mostly it is the next one's directory, or lies beside it.
    private var directory = Place()
    private var last = Place()

    init(_ file: IgnoreFile) {
        self.file = file
        ends = file.patterns.map { pattern in
            let (first, last) = pattern.glob.ends
            return (first.map(Int16.init) ?? -1, last.map(Int16.init) ?? -1)
        }
    }

    /// Whether a path is left out, as ``IgnoreFile/isExcluded(_:)`` says.
    public mutating func isExcluded(_ path: [UInt8]) -> Bool {
        guard let byte = path.last, byte != Characters.slash, path != [UInt8(ascii: ".")] else {
            return file.isExcluded(path)
        }
        enterDirectory(of: path)
        last = Place(path: path, deciding: matching(path, byte) ?? directory.deciding)
        return last.deciding.map { !file.patterns[$0].isException } ?? false
    }

    private mutating func enterDirectory(of path: [UInt8]) {
        let end = path.lastIndex(of: Characters.slash) ?? 0
        if directory.path.count == end, path.starts(with: directory.path) { return }
        if last.path.count == end, path.starts(with: last.path) {
            directory = last
        } else {
            let above = Array(path[..<end])
            directory = Place(path: above, deciding: file.deciding(above))
        }
    }

    /// The last pattern that matches a path itself, of those behind the one that decides on its directory.
    private func matching(_ path: [UInt8], _ byte: UInt8) -> Int? {
        var index = ends.count
        let end = directory.deciding ?? -1
        while index > end + 1 {
            index -= 1
            let (first, last) = ends[index]
            if last >= 0, last != Int16(byte) { continue }
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
