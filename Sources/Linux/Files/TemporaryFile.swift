import SystemPackage

/// A file that is being written, under a name that nobody takes for the real one.
///
/// It is removed when its owner lets go of it before ``publish(as:)``. While it
/// exists its writer holds its lock, so that ``Directory/sweep()`` can tell it
/// from one that a killed process left behind.
public struct TemporaryFile: ~Copyable {
    /// What every temporary name begins with.
    static let prefix = Array(".tmp-".utf8)

    private let directory: Directory
    private let name: FileName
    private let file: File
    private let owner: AnyObject?
    private var isPublished = false
    private var isNameless = false

    /// Makes an empty file in the directory that the finished one belongs in.
    ///
    /// Renaming it never crosses a file system. The umask is taken off the permissions. The owner is held until the
    /// file is published or removed.
    public init(
        in directory: borrowing Directory, permissions: UInt32 = 0o666, owner: AnyObject? = nil
    ) throws(FileError) {
        try self.init(in: directory, prefix: Self.prefix, permissions: permissions, owner: owner)
    }

    init(
        in directory: borrowing Directory, prefix: [UInt8], permissions: UInt32 = 0o666,
        owner: AnyObject? = nil
    ) throws(FileError) {
        let home = try directory.duplicate()
        var tries = 100
        while true {
            tries -= 1
            let random = String(UInt64.random(in: .min ... .max), radix: 36)
            let name = FileName(prefix + random.utf8)
            let file = try home.createFile(name, permissions: permissions)
            // A sweep may come between creation and lock: then the name is gone, and so is the file. Where nothing can
            // be locked nothing is swept.
            if file.tryLockWherePossible(),
                (try? home.status(of: name).identity) == (try file.status().identity)
            {
                self.directory = home
                self.name = name
                self.file = file
                self.owner = owner
                return
            }
            guard tries > 0 else {
                throw FileError("lock", home.childPath(name), .resourceTemporarilyUnavailable)
            }
        }
    }

    deinit {
        if !isPublished, !isNameless { try? directory.remove(name) }
    }

    /// Appends bytes.
    public func write(_ bytes: Span<UInt8>) throws(FileError) { try file.write(bytes) }

    /// Appends bytes.
    public func write(_ bytes: [UInt8]) throws(FileError) { try file.write(bytes.span) }

    /// Appends what a slice holds; the kernel copies where it can.
    ///
    /// - Throws: ``FileError``, ``Interruption``.
    public func append(_ slice: FileSlice) throws { try slice.copy(to: file) }

    /// Takes its name away: nothing is left of it after whatever end, and it can no longer be published.
    public mutating func forgetName() throws(FileError) {
        try directory.remove(name)
        isNameless = true
    }

    /// All that was written, to be read; it stays readable after it is published, and without a name.
    public func slice() throws(FileError) -> FileSlice { try FileSlice(of: file, 0..<file.status().size) }

    /// Begins to bring a stretch of it to the disk, without waiting.
    public func beginWriteback(offset: Int64, count: Int64) {
        if !isNameless { file.beginWriteback(offset: offset, count: count) }
    }

    /// Sets the lower 12 bits of its mode, whatever the umask is.
    public func setPermissions(_ permissions: UInt32) throws(FileError) {
        try file.setPermissions(permissions)
    }

    /// Waits until it is on the disk; a file without a name outlives nothing, and is not brought there.
    public func synchronize() throws(FileError) {
        if !isNameless { try file.synchronize() }
    }

    /// Gives it its name, in place of whatever had that name.
    ///
    /// The content must be on the disk already (``synchronize()``), and the
    /// directory is the caller's to synchronize.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - isNew: Whether it must be nobody's yet.
    /// - Throws: ``FileError``; `EEXIST` where it should have been nobody's.
    public consuming func publish(as name: FileName, isNew: Bool = false) throws(FileError) {
        precondition(!isNameless, "a file without a name cannot be renamed")
        if isNew {
            try directory.renameNew(self.name, to: name)
        } else {
            try directory.rename(self.name, to: name)
        }
        isPublished = true
    }
}

extension Directory {
    /// Removes the temporary files whose writers are gone; for a directory that is varve's own.
    public func sweep() throws(FileError) {
        try sweep { name in
            name.starts(with: TemporaryFile.prefix)
                || name.first == UInt8(ascii: ".")
                    && name.indices.contains { place in
                        name[place...].starts(with: StagedFile.mark)
                    }
        }
    }

    func sweep(_ isTemporary: (ArraySlice<UInt8>) -> Bool) throws(FileError) {
        for name in try names() where isTemporary(name.bytes) {
            // Somebody else's file, or one that vanished meanwhile, is not this process's trouble.
            guard let file = try? openFile(name), (try? file.tryLock()) == true else { continue }
            try? remove(name)
            // Its owner must not get the lock before the name is gone.
            extendLifetime(file)
        }
    }

    /// Writes a whole file: temporary name, sync, rename.
    ///
    /// Whoever reads the name finds the old bytes or the new ones. The directory is the caller's to synchronize.
    public func replace(_ name: FileName, with bytes: [UInt8]) throws(FileError) {
        try complete(bytes).publish(as: name)
    }

    /// A temporary file of these bytes, on the disk.
    func complete(_ bytes: [UInt8]) throws(FileError) -> TemporaryFile {
        let temporary = try TemporaryFile(in: self)
        try temporary.write(bytes)
        try temporary.synchronize()
        return temporary
    }
}
