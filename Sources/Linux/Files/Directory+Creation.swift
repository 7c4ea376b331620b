import CLinux
import Glibc
import SystemPackage

extension Directory {
    /// Makes a symbolic link; its target stands in it as it is.
    public func createLink(_ name: FileName, to target: [UInt8]) throws(FileError) {
        let code = FileName(target).withCString { target in
            name.withCString { symlinkat(target, descriptor, $0) }
        }
        guard code == 0 else { throw failure("create the link", name) }
    }

    /// Gives an entry of another directory a further name in this one; a link itself, not what it leads to.
    public func createHardLink(
        _ name: FileName, to other: FileName, in home: borrowing Directory
    ) throws(FileError) {
        let code = other.withCString { from in
            name.withCString { linkat(home.descriptor, from, descriptor, $0, 0) }
        }
        guard code == 0 else { throw failure("create the hard link", name) }
    }

    /// Makes an empty file that has no name any more: nothing is left of it after whatever end.
    public func createNamelessFile() throws(FileError) -> File {
        let random = String(UInt64.random(in: .min ... .max), radix: 36)
        // Who is killed between the two leaves what a sweep takes away.
        let name = FileName(TemporaryFile.prefix + random.utf8)
        let file = try createFile(name, permissions: 0o600)
        try remove(name)
        return file
    }

    /// Makes a named pipe that only its owner reads.
    public func createFifo(_ name: FileName) throws(FileError) { try createNode(name, S_IFIFO, (0, 0)) }

    /// Makes a character device that only its owner reads.
    public func createCharacterDevice(_ name: FileName, major: UInt32, minor: UInt32) throws(FileError) {
        try createNode(name, S_IFCHR, (major, minor))
    }

    /// Makes a block device that only its owner reads.
    public func createBlockDevice(_ name: FileName, major: UInt32, minor: UInt32) throws(FileError) {
        try createNode(name, S_IFBLK, (major, minor))
    }

    private func createNode(
        _ name: FileName, _ kind: mode_t, _ device: (major: UInt32, minor: UInt32)
    ) throws(FileError) {
        let code = name.withCString {
            linux_make_node(descriptor, $0, kind | 0o600, device.major, device.minor)
        }
        guard code == 0 else { throw failure("create", name) }
    }

    /// Moves an entry into another directory, in place of what has that name there: a file, or an empty directory.
    public func move(
        _ name: FileName, to other: FileName, in home: borrowing Directory
    ) throws(FileError) {
        let code = name.withCString { from in
            other.withCString { renameat(descriptor, from, home.descriptor, $0) }
        }
        guard code == 0 else { throw failure("rename", name) }
    }
}
