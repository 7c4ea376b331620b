import CLinux
import Glibc
import SystemPackage

/// An extended attribute: a name such as `security.capability`, and bytes.
public struct ExtendedAttribute: Equatable, Sendable {
    /// The name with its namespace; bytes, as file names are.
    public let name: [UInt8]
    /// The value; may be empty or hold NULs.
    public let value: [UInt8]

    /// An attribute that shall be set.
    public init(name: [UInt8], value: [UInt8]) { (self.name, self.value) = (name, value) }
}

extension File {
    /// The attributes whose name is wanted, ordered by the bytes of their names.
    ///
    /// A file system without attributes has none.
    public func extendedAttributes(where isWanted: ([UInt8]) -> Bool) throws(FileError) -> [ExtendedAttribute]
    {
        try readAttributes(
            path, isWanted, list: { linux_list_attributes(descriptor, $0, $1) },
            value: { linux_attribute(descriptor, $0, $1, $2) })
    }
}

extension Directory {
    /// The directory's own attributes whose name is wanted, ordered by the bytes of their names.
    public func extendedAttributes(where isWanted: ([UInt8]) -> Bool) throws(FileError) -> [ExtendedAttribute]
    {
        try readAttributes(
            path, isWanted, list: { linux_list_attributes(descriptor, $0, $1) },
            value: { linux_attribute(descriptor, $0, $1, $2) })
    }

    /// The attributes of an entry that cannot be opened: a link, fifo or device.
    ///
    /// Goes through `/proc/self/fd`, for there is no `*at` call; without a `/proc` such an entry has none.
    public func extendedAttributes(
        of name: FileName, where isWanted: ([UInt8]) -> Bool
    ) throws(FileError) -> [ExtendedAttribute] {
        let path = Array("/proc/self/fd/\(descriptor)/".utf8) + name.bytes
        let link = FileName(path)
        return try readAttributes(
            childPath(name), isWanted,
            list: { list, size in link.withCString { linux_list_link_attributes($0, list, size) } },
            value: { attribute, value, size in
                link.withCString { linux_link_attribute($0, attribute, value, size) }
            })
    }
}

private func readAttributes(
    _ path: @autoclosure () -> FilePath,
    _ isWanted: ([UInt8]) -> Bool,
    list: (UnsafeMutablePointer<CChar>?, Int) -> Int,
    value: (UnsafePointer<CChar>, UnsafeMutableRawPointer?, Int) -> Int
) throws(FileError) -> [ExtendedAttribute] {
    // Most files have none: this one call is all they cost.
    let size = list(nil, 0)
    if size == 0 { return [] }
    let names = try grow(from: size, "list the attributes of", path()) { memory in
        memory.withMemoryRebound(to: CChar.self) { list($0.baseAddress, $0.count) }
    }
    var attributes: [ExtendedAttribute] = []
    for name in (names ?? []).split(separator: 0).map(Array.init) where isWanted(name) {
        let terminated = FileName(name)
        let bytes = try grow(from: 256, "read the attribute \(escaped(name)) of", path()) { memory in
            terminated.withCString { value($0, memory.baseAddress, memory.count) }
        }
        if let bytes { attributes.append(ExtendedAttribute(name: name, value: bytes)) }
    }
    return attributes.sorted { $0.name.lexicographicallyPrecedes($1.name) }
}

/// Calls with more and more memory until it is enough.
///
/// - Returns: `nil` when there is nothing: no such attribute, or a file system without any.
private func grow(
    from size: Int, _ operation: @autoclosure () -> String, _ path: @autoclosure () -> FilePath,
    _ call: (UnsafeMutableBufferPointer<UInt8>) -> Int
) throws(FileError) -> [UInt8]? {
    var capacity = max(size, 256)
    while true {
        var count = 0
        var reason: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { memory, initialized in
            count = call(memory)
            reason = errno
            initialized = max(count, 0)
        }
        if count >= 0 { return bytes }
        switch reason {
        // A list can grow between two calls; the kernel's own bound of both is 64 KiB.
        case ERANGE where capacity <= 1 << 20: capacity *= 2
        case ENODATA, ENOTSUP, ENOENT, ENOSYS: return nil
        default: throw FileError(operation(), path(), Errno(rawValue: reason))
        }
    }
}
