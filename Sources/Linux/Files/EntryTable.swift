import CLinux
import Glibc
import SystemPackage

/// The entries of many directories and what lstat(2) says of them, in 56 bytes and the name's for each.
public struct EntryTable: Sendable {
    /// What is known of an entry.
    public struct Record: Sendable {
        /// The file's number on its file system.
        public let inode: UInt64
        /// Bytes of content, or of a symbolic link's target; a device's number; what ``EntryTable/setNumber(_:of:)`` gave
        /// to a directory.
        public fileprivate(set) var extent: Int64
        private var modifiedSeconds: Int64
        private var changedSeconds: Int64
        private var modifiedNanoseconds: UInt32
        private var changedNanoseconds: UInt32
        /// The owner's number.
        public let user: UInt32
        /// The group's number.
        public let group: UInt32
        fileprivate let nameStart: UInt32
        fileprivate let nameCount: UInt8
        private var flags: UInt8
        private let mode: UInt16

        private static let severalNames: UInt8 = 1
        private static let leftOut: UInt8 = 2

        fileprivate init(_ found: linux_entry, nameStart: UInt32, nameCount: UInt8) {
            inode = found.inode
            let isDevice = [S_IFCHR, S_IFBLK].contains(UInt32(found.mode) & S_IFMT)
            extent = isDevice ? Int64(found.major) << 32 | Int64(found.minor) : found.size
            (modifiedSeconds, modifiedNanoseconds) = (found.modified_seconds, found.modified_nanoseconds)
            (changedSeconds, changedNanoseconds) = (found.changed_seconds, found.changed_nanoseconds)
            (user, group, mode) = (found.user, found.group, found.mode)
            (self.nameStart, self.nameCount) = (nameStart, nameCount)
            flags =
                (found.links > 1 ? Self.severalNames : 0) | (found.is_mount != 0 ? Self.leftOut : 0)
        }

        fileprivate mutating func renew(_ status: FileStatus) {
            modifiedSeconds = status.modified.seconds
            modifiedNanoseconds = UInt32(clamping: status.modified.nanoseconds)
            changedSeconds = status.changed.seconds
            changedNanoseconds = UInt32(clamping: status.changed.nanoseconds)
        }

        /// The kind of file.
        public var kind: FileStatus.Kind { FileStatus.Kind(mode: UInt32(mode)) }
        /// Permissions with setuid, setgid and sticky: the mode's lower 12 bits.
        public var permissions: UInt32 { UInt32(mode) & 0o7777 }
        /// Whether it has more names than this one; always for a directory.
        public var hasSeveralNames: Bool { flags & Self.severalNames != 0 }
        /// Whether something else is mounted there, or ``EntryTable/leaveOut(_:)`` said so.
        public fileprivate(set) var isLeftOut: Bool {
            get { flags & Self.leftOut != 0 }
            set { flags = newValue ? flags | Self.leftOut : flags & ~Self.leftOut }
        }
        /// When the content changed.
        public var modified: FileStatus.Time {
            FileStatus.Time(seconds: modifiedSeconds, nanoseconds: Int64(modifiedNanoseconds))
        }
        /// When content or attributes changed.
        public var changed: FileStatus.Time {
            FileStatus.Time(seconds: changedSeconds, nanoseconds: Int64(changedNanoseconds))
        }
    }

    /// The records, those of a directory one after the other by the bytes of their names.
    public private(set) var records: [Record] = []
    private var names: [UInt8] = []

    /// An empty table.
    public init() {}

    /// The name of an entry.
    public func name(of entry: Int) -> ArraySlice<UInt8> {
        let start = Int(records[entry].nameStart)
        return names[start..<start + Int(records[entry].nameCount)]
    }

    /// Gives a directory a number to find it by.
    public mutating func setNumber(_ number: UInt32, of entry: Int) { records[entry].extent = Int64(number) }

    /// Says when an entry changed, after its times were set.
    public mutating func renew(_ entry: Int, _ status: FileStatus) { records[entry].renew(status) }

    /// Says that an entry is not looked at.
    public mutating func leaveOut(_ entry: Int) { records[entry].isLeftOut = true }

    /// Orders two entries by the bytes of their names, as memcmp(3) does.
    ///
    /// - Returns: Less than 0, 0, or more.
    public static func compare(
        _ table: borrowing EntryTable, _ entry: Int, _ other: borrowing EntryTable, _ otherEntry: Int
    ) -> Int {
        let (one, two) = (table.records[entry], other.records[otherEntry])
        return table.names.withUnsafeBytes { names in
            other.names.withUnsafeBytes { otherNames in Self.order(names, one, otherNames, two) }
        }
    }

    private static func order(
        _ names: UnsafeRawBufferPointer, _ one: Record, _ otherNames: UnsafeRawBufferPointer, _ two: Record
    ) -> Int {
        guard let first = names.baseAddress?.advanced(by: Int(one.nameStart)),
            let second = otherNames.baseAddress?.advanced(by: Int(two.nameStart))
        else { return 0 }
        let order = memcmp(first, second, Int(min(one.nameCount, two.nameCount)))
        return order != 0 ? Int(order) : Int(one.nameCount) - Int(two.nameCount)
    }

    // MARK: Reading

    /// Adds all entries of a directory but `.` and `..`.
    ///
    /// - Parameters:
    ///   - name: The directory; `.` for the one that it is told to be in.
    ///   - parent: Where it lies.
    ///   - device: The device of the tree that it belongs to.
    /// - Returns: Their places in the table.
    /// - Throws: ``FileError``; `ENOENT` when an entry vanished meanwhile.
    public mutating func append(
        entriesOf name: FileName, in parent: borrowing Directory, device: UInt64
    ) throws(FileError) -> Range<Int> {
        let start = records.count
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        let opened = retrying { name.withCString { openat(parent.descriptor, $0, flags) } }
        guard opened >= 0 else { throw parent.failure("open", name) }
        defer { close(opened) }
        var reason: Errno?
        var failed: FileName?
        withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: MemoryLayout<dirent>.alignment) {
            memory in
            while reason == nil {
                let count = retrying { linux_read_directory(opened, memory.baseAddress, memory.count) }
                if count < 0 { reason = .current }
                guard count > 0 else { return }
                let listed = UnsafeRawBufferPointer(rebasing: memory.prefix(count))
                reason = append(listed, in: opened, device, failed: &failed)
            }
        }
        if let reason {
            let path = parent.childPath(name)
            guard let failed else { throw FileError("list", path, reason) }
            throw FileError("stat", Location.below(path, Array(failed.bytes)).path, reason)
        }
        sort(from: start)
        return start..<records.count
    }

    /// Takes directory records apart, and asks for the status of each.
    ///
    /// Source: getdents64(2).
    private mutating func append(
        _ listed: UnsafeRawBufferPointer, in directory: Int32, _ device: UInt64, failed: inout FileName?
    ) -> Errno? {
        guard let lengthPlace = MemoryLayout<dirent>.offset(of: \.d_reclen),
            let namePlace = MemoryLayout<dirent>.offset(of: \.d_name), let start = listed.baseAddress
        else { preconditionFailure("dirent has these fields") }
        var offset = 0
        while offset < listed.count {
            let length = Int(listed.load(fromByteOffset: offset + lengthPlace, as: UInt16.self))
            let name = start.advanced(by: offset + namePlace).assumingMemoryBound(to: CChar.self)
            offset += length
            let count = strnlen(name, length - namePlace)
            if name[0] == 46, count == 1 || (count == 2 && name[1] == 46) { continue }
            var found = linux_entry()
            guard linux_entry_status(directory, name, device, &found) == 0 else {
                let reason = Errno.current
                failed = FileName(UnsafeRawBufferPointer(start: name, count: count))
                return reason
            }
            guard let nameStart = UInt32(exactly: names.count), let nameCount = UInt8(exactly: count) else {
                return .outOfRange
            }
            names.append(contentsOf: UnsafeRawBufferPointer(start: name, count: count))
            records.append(Record(found, nameStart: nameStart, nameCount: nameCount))
        }
        return nil
    }

    private mutating func sort(from start: Int) {
        names.withUnsafeBytes { names in
            records[start...].withUnsafeMutableBufferPointer { part in
                part.sort { Self.order(names, $0, names, $1) < 0 }
            }
        }
    }
}
