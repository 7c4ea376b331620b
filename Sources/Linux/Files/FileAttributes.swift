import CLinux
import Glibc
import SystemPackage

extension File {
    /// Gives it to a user and a group; takes setuid, setgid and capabilities away.
    public func setOwner(user: UInt32, group: UInt32) throws(FileError) {
        guard fchown(descriptor, user, group) == 0 else {
            throw FileError("change the owner of", path, .current)
        }
    }

    /// Sets the lower 12 bits of its mode.
    public func setPermissions(_ permissions: UInt32) throws(FileError) {
        guard fchmod(descriptor, permissions) == 0 else {
            throw FileError("change the mode of", path, .current)
        }
    }

    /// Sets when its content changed.
    public func setModified(_ time: FileStatus.Time) throws(FileError) {
        guard linux_set_modified(descriptor, "", time.seconds, Int(time.nanoseconds)) == 0 else {
            throw FileError("set the time of", path, .current)
        }
    }

    /// Sets an extended attribute.
    public func setAttribute(_ attribute: ExtendedAttribute) throws(FileError) {
        let code = FileName(attribute.name).withCString { name in
            attribute.value.withUnsafeBytes {
                linux_set_attribute(descriptor, name, $0.baseAddress, $0.count)
            }
        }
        guard code == 0 else {
            throw FileError("set the attribute \(escaped(attribute.name)) of", path, .current)
        }
    }
}

extension Directory {
    /// Gives the directory itself to a user and a group.
    public func setOwner(user: UInt32, group: UInt32) throws(FileError) {
        guard fchown(descriptor, user, group) == 0 else {
            throw FileError("change the owner of", path, .current)
        }
    }

    /// Sets the lower 12 bits of the directory's own mode.
    public func setPermissions(_ permissions: UInt32) throws(FileError) {
        guard fchmod(descriptor, permissions) == 0 else {
            throw FileError("change the mode of", path, .current)
        }
    }

    /// Sets when the directory itself changed.
    public func setModified(_ time: FileStatus.Time) throws(FileError) {
        guard linux_set_modified(descriptor, "", time.seconds, Int(time.nanoseconds)) == 0 else {
            throw FileError("set the time of", path, .current)
        }
    }

    /// Sets an extended attribute of the directory itself.
    public func setAttribute(_ attribute: ExtendedAttribute) throws(FileError) {
        let code = FileName(attribute.name).withCString { name in
            attribute.value.withUnsafeBytes {
                linux_set_attribute(descriptor, name, $0.baseAddress, $0.count)
            }
        }
        guard code == 0 else {
            throw FileError("set the attribute \(escaped(attribute.name)) of", path, .current)
        }
    }

    /// Gives an entry to a user and a group; a link itself, not what it leads to.
    public func setOwner(of name: FileName, user: UInt32, group: UInt32) throws(FileError) {
        let code = name.withCString { fchownat(descriptor, $0, user, group, AT_SYMLINK_NOFOLLOW) }
        guard code == 0 else { throw failure("change the owner of", name) }
    }

    /// Sets the lower 12 bits of an entry's mode; a link has none.
    public func setPermissions(of name: FileName, _ permissions: UInt32) throws(FileError) {
        let code = name.withCString { fchmodat(descriptor, $0, permissions, AT_SYMLINK_NOFOLLOW) }
        guard code == 0 else { throw failure("change the mode of", name) }
    }

    /// Sets when an entry changed; a link itself, not what it leads to.
    public func setModified(of name: FileName, _ time: FileStatus.Time) throws(FileError) {
        let code = name.withCString {
            linux_set_modified(descriptor, $0, time.seconds, Int(time.nanoseconds))
        }
        guard code == 0 else { throw failure("set the time of", name) }
    }

    /// Sets an extended attribute of an entry that cannot be opened; a link's own, not that of what it leads to.
    ///
    /// Goes through `/proc/self/fd`, for there is no `*at` call.
    public func setAttribute(_ attribute: ExtendedAttribute, of name: FileName) throws(FileError) {
        let path = FileName(Array("/proc/self/fd/\(descriptor)/".utf8) + name.bytes)
        let code = path.withCString { path in
            FileName(attribute.name).withCString { name in
                attribute.value.withUnsafeBytes {
                    linux_set_link_attribute(path, name, $0.baseAddress, $0.count)
                }
            }
        }
        guard code == 0 else { throw failure("set the attribute \(escaped(attribute.name)) of", name) }
    }
}
