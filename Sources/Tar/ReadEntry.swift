import CArchive

extension TarEntry {
    /// What libarchive found in a header.
    ///
    /// Its reader takes an owner of 2^33, an empty name or the target-less link for good: these are errors here.
    ///
    /// - Throws: ``TarError``, with the member's path.
    init(_ entry: OpaquePointer) throws(TarError) {
        let path = bytes(archive_entry_pathname(entry)) ?? []
        guard !path.isEmpty else { throw TarError(.readHeader, reason: "a member without a name") }
        func refused(_ reason: String) -> TarError {
            TarError(.readHeader, reason: "\(String(decoding: path, as: UTF8.self)): \(reason)")
        }
        guard let user = UInt32(exactly: archive_entry_uid(entry)), user != .max,
            let group = UInt32(exactly: archive_entry_gid(entry)), group != .max
        else {
            throw refused("owner \(archive_entry_uid(entry)):\(archive_entry_gid(entry)) is none")
        }
        guard Kind.hasDevice(entry) else { throw refused("its device numbers are none") }
        guard let kind = Kind(entry) else { throw refused("a kind of member that no layer has") }
        self.init(
            path: path, kind: kind, permissions: archive_entry_perm(entry), user: user, group: group,
            modified: Int64(archive_entry_mtime(entry)), attributes: Self.attributes(of: entry))
        nanoseconds = UInt32(clamping: archive_entry_mtime_nsec(entry))
        if (Int64.min + 1..<0).contains(modified), (1..<1_000_000_000).contains(nanoseconds) {
            // Libarchive counts the fraction of "-1.25" away from 1970, as it stands; a time's fraction goes onwards.
            modified -= 1
            nanoseconds = 1_000_000_000 - nanoseconds
        }
        switch kind {
        case .regular(let size) where size < 0: throw refused("its size is \(size)")
        case .symbolicLink(let target) where target.isEmpty: throw refused("a link to nothing")
        default: break
        }
    }

    private static func attributes(of entry: OpaquePointer) -> [(name: [UInt8], value: [UInt8])] {
        var attributes: [(name: [UInt8], value: [UInt8])] = []
        archive_entry_xattr_reset(entry)
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var count = 0
        while archive_entry_xattr_next(entry, &name, &value, &count) == ARCHIVE_OK {
            attributes.append(
                (
                    bytes(name) ?? [],
                    Array(UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : count))
                ))
        }
        return attributes
    }
}

extension TarEntry.Kind {
    /// Whether the device's numbers are such as Linux has; a pax record may claim any.
    fileprivate static func hasDevice(_ entry: OpaquePointer) -> Bool {
        let kind = archive_entry_filetype(entry)
        guard kind == archive_kind_character_device || kind == archive_kind_block_device else { return true }
        return UInt32(exactly: archive_entry_rdevmajor(entry)) != nil
            && UInt32(exactly: archive_entry_rdevminor(entry)) != nil
    }

    /// - Returns: `nil` for what is none of the kinds.
    fileprivate init?(_ entry: OpaquePointer) {
        if let target = bytes(archive_entry_hardlink(entry)) {
            self = .hardLink(target: target)
            return
        }
        let device = (
            major: UInt32(truncatingIfNeeded: archive_entry_rdevmajor(entry)),
            minor: UInt32(truncatingIfNeeded: archive_entry_rdevminor(entry))
        )
        switch archive_entry_filetype(entry) {
        case archive_kind_regular: self = .regular(size: archive_entry_size(entry))
        case archive_kind_directory: self = .directory
        case archive_kind_symbolic_link:
            self = .symbolicLink(target: bytes(archive_entry_symlink(entry)) ?? [])
        case archive_kind_fifo: self = .fifo
        case archive_kind_character_device: self = .characterDevice(major: device.major, minor: device.minor)
        case archive_kind_block_device: self = .blockDevice(major: device.major, minor: device.minor)
        default: return nil
        }
    }
}

func bytes(_ text: UnsafePointer<CChar>?) -> [UInt8]? {
    guard let text else { return nil }
    var count = 0
    while text[count] != 0 { count += 1 }
    return Array(UnsafeRawBufferPointer(start: text, count: count))
}
