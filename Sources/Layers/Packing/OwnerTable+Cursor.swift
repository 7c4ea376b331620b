import Linux
import SystemPackage
import Tar

extension OwnerTable {
    /// Goes through a table beside a walk, which meets paths in the same order.
    struct Cursor {
        private let entries: [Entry]
        private var next = 0

        init(_ table: OwnerTable?) { entries = table?.entries ?? [] }

        /// The next entry that the walk has passed by; all the rest for `nil`.
        mutating func takeEntry(before path: [UInt8]?) -> Entry? {
            guard next < entries.count else { return nil }
            let entry = entries[next]
            if let path, !precedes(entry.path, path) { return nil }
            next += 1
            return entry
        }

        /// The entry of a path that the walk is at.
        mutating func takeEntry(at path: [UInt8]) -> Entry? {
            guard next < entries.count, entries[next].path == path else { return nil }
            next += 1
            return entries[next - 1]
        }
    }
}

extension OwnerTable.Entry {
    /// Throws where the tree has something else than the specification says.
    func check(_ found: TarEntry.Kind) throws(LayerError) {
        guard let kind else { return }
        let isAsSpecified =
            switch (kind, found) {
            case (.file, .regular), (_, .hardLink), (.directory, .directory), (.fifo, .fifo),
                (.link, .symbolicLink), (.characterDevice, .characterDevice), (.blockDevice, .blockDevice):
                true
            default: false
            }
        guard isAsSpecified else {
            throw .specification(FilePath(bytes: path), "the tree has another kind of file there")
        }
    }

    /// Throws where the tree has something else than a directory, or nothing but a link, above an entry to be made.
    func expectDirectoryAbove(in root: borrowing Directory) throws {
        var place = try root.duplicate()
        for component in path.split(separator: 47).dropLast() {
            do throws(FileError) {
                place = try place.openDirectory(FileName(component))
            } catch {
                // What is missing there the table may have made, or a reader will.
                if error.errno == .noSuchFileOrDirectory { return }
                guard [.notDirectory, .tooManySymbolicLinkLevels].contains(error.errno) else { throw error }
                throw LayerError.specification(
                    FilePath(bytes: path), "\(error.path.escapedDescription) is no directory")
            }
        }
    }

    /// The member that an entry makes where the tree has none.
    ///
    /// - Throws: ``LayerError/specification(_:_:)`` for a file: its content is nowhere.
    func member() throws(LayerError) -> TarEntry {
        let made: TarEntry.Kind
        switch kind {
        case .directory: made = .directory
        case .fifo: made = .fifo
        case .link(let target) where !target.isEmpty: made = .symbolicLink(target: target)
        case .characterDevice(let major, let minor): made = .characterDevice(major: major, minor: minor)
        case .blockDevice(let major, let minor): made = .blockDevice(major: major, minor: minor)
        case .file, .link, nil:
            throw .specification(
                FilePath(bytes: path), "the tree has no such file, and a table holds no content")
        }
        let permissions: UInt32 =
            switch made {
            case .directory: 0o755
            case .symbolicLink: 0o777
            default: 0o644
            }
        return TarEntry(
            path: path, kind: made, permissions: self.permissions ?? permissions, user: user ?? 0,
            group: group ?? 0, modified: modified ?? 0,
            attributes: attributes.map { ($0.name, $0.value) })
    }
}
