public import Linux

/// What stays as it is in a tree, whatever layers and programs do around it: it is neither removed nor overwritten, and
/// no layer holds it.
///
/// Paths stand for all that is below them, and are bytes below the tree's root, compared component by component. What
/// they name need not be there.
public struct KeptPaths: Sendable {
    private var paths: Set<[UInt8]> = []
    /// Directories that something below them keeps.
    private var above: Set<[UInt8]> = []

    /// Nothing.
    public init() {}

    /// All of them, without a slash in front.
    public var all: [[UInt8]] { Array(paths) }

    /// Whether a path itself is kept.
    public func contains(_ path: [UInt8]) -> Bool { paths.contains(path) }

    /// Whether a path is kept, or lies below one that is.
    public func holds(_ path: [UInt8]) -> Bool {
        if paths.contains(path) { return true }
        return path.indices.contains { path[$0] == 47 && paths.contains(Array(path[..<$0])) }
    }

    /// Whether a directory stays because something below it does.
    public func isAbove(_ path: [UInt8]) -> Bool { above.contains(path) }

    /// Adds a path, and every link on its way: whoever asks for it by its name shall find it.
    ///
    /// - Parameters:
    ///   - path: A path in the tree; `.` and `..` are followed.
    ///   - root: The tree's root.
    /// - Returns: `false` for the root itself, which nothing would be left of.
    @discardableResult
    public mutating func insert(_ path: [UInt8], in root: borrowing Directory) -> Bool {
        let end = follow(path, in: root)
        guard !end.isEmpty else { return false }
        keep(end)
        return true
    }

    /// Lets a directory stay, and nothing that is in it.
    ///
    /// - Parameters:
    ///   - path: As for ``insert(_:in:)``.
    ///   - root: The tree's root.
    public mutating func hold(_ path: [UInt8], in root: borrowing Directory) {
        hold(follow(path, in: root))
    }

    /// Keeps the links on a path's way.
    ///
    /// - Returns: Where it leads.
    private mutating func follow(_ path: [UInt8], in root: borrowing Directory) -> [UInt8] {
        var pending = Self.names(path)[...]
        var arrived: [ArraySlice<UInt8>] = []
        var links = 40
        while let name = pending.popFirst() {
            if name.elementsEqual("..".utf8) {
                arrived = arrived.dropLast()
                continue
            }
            let home = try? root.openInRoot(Self.joined(arrived))
            arrived.append(name)
            guard links > 0, let target = try? home?.linkTarget(of: FileName(name)) else { continue }
            links -= 1
            keep(Self.joined(arrived))
            arrived = target.first == 47 ? [] : arrived.dropLast()
            pending = (Self.names(target) + pending)[...]
        }
        return Self.joined(arrived)
    }

    private mutating func keep(_ path: [UInt8]) {
        paths.insert(path)
        if let end = path.lastIndex(of: 47) { hold(Array(path[..<end])) }
    }

    private mutating func hold(_ path: [UInt8]) {
        var path = path
        while !path.isEmpty, above.insert(path).inserted {
            path = path.lastIndex(of: 47).map { Array(path[..<$0]) } ?? []
        }
    }

    private static func names(_ path: [UInt8]) -> [ArraySlice<UInt8>] {
        path.split(separator: 47).filter { !$0.elementsEqual([46]) }
    }

    private static func joined(_ names: [ArraySlice<UInt8>]) -> [UInt8] {
        Array(names.joined(separator: [47]))
    }

    // MARK: Removing

    /// Removes all that is in a directory of the tree and is not kept.
    ///
    /// - Parameters:
    ///   - directory: The directory.
    ///   - path: Its path.
    ///   - isSpared: As for `Directory/removeTree(_:except:)`.
    /// - Throws: `FileError`, `Interruption`.
    public func clear(
        _ directory: borrowing Directory, at path: [UInt8] = [],
        except isSpared: (FileStatus.Identity, FileName) -> Bool = { _, _ in false }
    ) throws {
        for name in try directory.names() {
            try Interruption.check()
            try remove(name, in: directory, at: path, except: isSpared)
        }
    }

    /// Removes an entry; of a directory that something below keeps, only what is in it.
    ///
    /// - Parameters:
    ///   - name: The entry.
    ///   - directory: Where it lies.
    ///   - path: The directory's path.
    ///   - isSpared: As for `Directory/removeTree(_:except:)`.
    /// - Throws: `FileError`, `Interruption`.
    func remove(
        _ name: FileName, in directory: borrowing Directory, at path: [UInt8],
        except isSpared: (FileStatus.Identity, FileName) -> Bool
    ) throws {
        let whole = (path.isEmpty ? [] : path + [47]) + name.bytes
        if holds(whole) { return }
        guard isAbove(whole), try directory.status(of: name).kind == .directory else {
            try directory.removeTree(name, except: isSpared)
            return
        }
        try clear(directory.openDirectory(name), at: whole, except: isSpared)
    }
}
