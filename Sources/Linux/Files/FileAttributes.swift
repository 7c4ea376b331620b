import CLinux
import Glibc
import SystemPackage

extension File {
    /// Gives it to a user and a group; takes setuid, setgid and capabilities away.
    public func setOwner(user: UInt32, group: UInt32) throws(FileError) {
        try expectZero(fchown(descriptor, user, group), "change the owner of", path)
    }

    /// Sets the lower 12 bits of its mode.
    public func setPermissions(_ permissions: UInt32) throws(FileError) {
        try expectZero(fchmod(descriptor, permissions), "change the mode of", path)
    }

    /// Sets when its content changed.
    public func setModified(_ time: FileStatus.Time) throws(FileError) {
        try expectZero(
            linux_set_modified(descriptor, "", time.seconds, Int(time.nanoseconds)), "set the time of", path)
    }

    /// Sets an extended attribute.
    public func setAttribute(_ attribute: ExtendedAttribute) throws(FileError) {
        let code = attribute.withCValues { linux_set_attribute(descriptor, $0, $1, $2) }
        try expectZero(code, attribute.setting, path)
    }
}

extension Directory {
    /// Gives the directory itself to a user and a group.
    public func setOwner(user: UInt32, group: UInt32) throws(FileError) {
        try expectZero(fchown(descriptor, user, group), "change the owner of", path)
    }

    /// Sets the lower 12 bits of the directory's own mode.
    public func setPermissions(_ permissions: UInt32) throws(FileError) {
        try expectZero(fchmod(descriptor, permissions), "change the mode of", path)
    }

    /// Sets when the directory itself changed.
    public func setModified(_ time: FileStatus.Time) throws(FileError) {
        try expectZero(
            linux_set_modified(descriptor, "", time.seconds, Int(time.nanoseconds)), "set the time of", path)
    }

    /// Sets an extended attribute of the directory itself.
    public func setAttribute(_ attribute: ExtendedAttribute) throws(FileError) {
        let code = attribute.withCValues { linux_set_attribute(descriptor, $0, $1, $2) }
        try expectZero(code, attribute.setting, path)
    }

    /// Gives the directory itself another one's owner, mode, time and attributes, but for those of the kernel's own.
    public func takeAttributes(of other: borrowing Directory) throws(FileError) {
        let status = try other.status()
        try setOwner(user: status.user, group: status.group)
        try setPermissions(status.permissions)
        let kept = try other.extendedAttributes { name in
            name.starts(with: "user.".utf8) && !name.starts(with: "user.overlay.".utf8)
                || name.starts(with: "system.posix_acl".utf8)
        }
        for attribute in kept { try setAttribute(attribute) }
        try setModified(status.modified)
    }

    /// Gives an entry to a user and a group; a link itself, not what it leads to.
    public func setOwner(of name: FileName, user: UInt32, group: UInt32) throws(FileError) {
        let code = name.withCString { fchownat(descriptor, $0, user, group, AT_SYMLINK_NOFOLLOW) }
        try expectZero(code, "change the owner of", childPath(name))
    }

    /// Sets the lower 12 bits of an entry's mode; a link has none.
    public func setPermissions(of name: FileName, _ permissions: UInt32) throws(FileError) {
        let code = name.withCString { fchmodat(descriptor, $0, permissions, AT_SYMLINK_NOFOLLOW) }
        try expectZero(code, "change the mode of", childPath(name))
    }

    /// Sets when an entry changed; a link itself, not what it leads to.
    public func setModified(of name: FileName, _ time: FileStatus.Time) throws(FileError) {
        let code = name.withCString {
            linux_set_modified(descriptor, $0, time.seconds, Int(time.nanoseconds))
        }
        try expectZero(code, "set the time of", childPath(name))
    }

    /// Sets an extended attribute of an entry that cannot be opened; a link's own, not that of what it leads to.
    ///
    /// Goes through `/proc/self/fd`, for there is no `*at` call.
    public func setAttribute(_ attribute: ExtendedAttribute, of name: FileName) throws(FileError) {
        let path = FileName(Array("/proc/self/fd/\(descriptor)/".utf8) + name.bytes)
        let code = path.withCString { path in
            attribute.withCValues { linux_set_link_attribute(path, $0, $1, $2) }
        }
        try expectZero(code, attribute.setting, childPath(name))
    }
}

extension ExtendedAttribute {
    fileprivate var setting: String { "set the attribute \(escaped(name)) of" }

    fileprivate func withCValues(_ body: (UnsafePointer<CChar>, UnsafeRawPointer?, Int) -> Int32) -> Int32 {
        FileName(name).withCString { name in value.withUnsafeBytes { body(name, $0.baseAddress, $0.count) } }
    }
}

private func expectZero(
    _ code: Int32, _ operation: @autoclosure () -> String, _ path: @autoclosure () -> FilePath
) throws(FileError) {
    guard code != 0 else { return }
    let reason = Errno.current
    throw FileError(operation(), path(), reason)
}
