import Linux
import SystemPackage

/// What says of a plain user's unpacked tree what its files cannot hold.
///
/// It lies beside the tree: within it every packer would find it.
struct OwnersFile {
    let path: FilePath

    /// - Throws: `FileError`; `EEXIST` where there is a file that no unpacking made.
    init(of directory: FilePath) throws(FileError) {
        var tree = Machine.absolute(directory)
        guard let last = tree.lastComponent, last.kind == .regular else {
            throw FileError("write", tree, .fileExists)
        }
        tree.removeLastComponent()
        path = tree.appending(FilePath(bytes: Array(FileName(last).bytes) + ".owners.mtree".utf8).components)
        let home = try Directory.open(tree)
        do throws(FileError) {
            guard try home.status(of: name).kind == .regular, try home.openFile(name).isOwnerTable() else {
                throw FileError("write", path, .fileExists)
            }
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
        }
    }

    private var name: FileName {
        path.lastComponent.map { FileName($0) } ?? FileName([])
    }

    private func home() throws(FileError) -> Directory { try Directory.open(path.removingLastComponent()) }

    /// An empty file that will have its name.
    func begin() throws(FileError) -> TemporaryFile { try TemporaryFile(in: home()) }

    /// Gives both their names, or neither.
    func publish(
        _ table: consuming TemporaryFile, beside tree: consuming TemporaryDirectory
    ) throws(FileError) {
        try table.publish(as: name)
        do {
            try tree.publish()
        } catch {
            try? home().remove(name)
            throw error
        }
    }
}

extension File {
    fileprivate consuming func isOwnerTable() throws(FileError) -> Bool {
        var start: [UInt8] = []
        _ = try read(upTo: 64, appendingTo: &start)
        return start.starts(with: "#mtree\n# Made by varve unpack".utf8)
    }
}
