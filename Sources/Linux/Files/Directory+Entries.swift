import CLinux
import Glibc
import SystemPackage

extension Directory {
    /// The names of all entries but `.` and `..`, in no order.
    public func names() throws(FileError) -> [FileName] { try entries().map(\.name) }

    /// An entry as its directory lists it.
    struct Listed {
        let name: FileName
        /// `nil` where the file system does not say it here.
        let kind: FileStatus.Kind?
    }

    /// All entries but `.` and `..`, in no order.
    func entries() throws(FileError) -> [Listed] {
        // A descriptor of its own: reading moves the offset, which duplicates share. And to open `.` takes the right
        // to search, without which a walk would find no way out again.
        let copy = retrying { openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard copy >= 0 else { throw FileError("open", path, .current) }
        defer { close(copy) }
        var entries: [Listed] = []
        var reason: Errno?
        withUnsafeTemporaryAllocation(byteCount: 32 << 10, alignment: MemoryLayout<dirent>.alignment) {
            records in
            while true {
                let count = retrying { linux_read_directory(copy, records.baseAddress, records.count) }
                if count < 0 { reason = .current }
                guard count > 0 else { return }
                append(records.prefix(count), to: &entries)
            }
        }
        if let reason { throw FileError("list", path, reason) }
        return entries
    }
}

/// Takes directory records apart.
///
/// Source: getdents64(2).
private func append(_ records: Slice<UnsafeMutableRawBufferPointer>, to entries: inout [Directory.Listed]) {
    guard let lengthPlace = MemoryLayout<dirent>.offset(of: \.d_reclen),
        let kindPlace = MemoryLayout<dirent>.offset(of: \.d_type),
        let namePlace = MemoryLayout<dirent>.offset(of: \.d_name)
    else { preconditionFailure("dirent has these fields") }
    var rest = UnsafeRawBufferPointer(rebasing: records)
    while !rest.isEmpty {
        let length = Int(rest.load(fromByteOffset: lengthPlace, as: UInt16.self))
        // Zeros fill the record up.
        let end = rest[namePlace..<length].firstIndex(of: 0) ?? length - 1
        let name = FileName(terminated: Array(rest[namePlace...end]))
        if !name.isDots {
            let kind = FileStatus.Kind(listed: Int(rest[kindPlace]))
            entries.append(Directory.Listed(name: name, kind: kind))
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[length...])
    }
}

extension FileStatus.Kind {
    /// The kind that a directory record tells, if it does.
    fileprivate init?(listed type: Int) {
        switch type {
        case DT_REG: self = .regular
        case DT_DIR: self = .directory
        case DT_LNK: self = .symbolicLink
        case DT_FIFO: self = .fifo
        case DT_SOCK: self = .socket
        case DT_CHR: self = .characterDevice
        case DT_BLK: self = .blockDevice
        default: return nil
        }
    }
}
