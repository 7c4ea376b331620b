import Linux
import SystemPackage
import Tar

extension TreeExtractor {
    /// Writes down what a plain user's tree does not show: an mtree specification that ``OwnerTable`` reads back.
    ///
    /// Every entry that is there gets a line with owner, group and mode; devices that are not get one with all.
    ///
    /// Source: mtree(5).
    func writeOwners(to file: borrowing TemporaryFile) throws {
        var text = Array("#mtree\n# Made by varve unpack; varve pack --owners reads it back.\n".utf8)
        if let record = entries[try MemberPath([46], limit: .max)] {
            text += line(". type=dir", record.user, record.group, UInt32(record.permissions))
        }
        var walk = try TreeWalk(of: root)
        while let entry = try walk.next() {
            try Interruption.check()
            let path = try MemberPath(entry.path, limit: .max)
            guard let record = entries[path] else { continue }
            let kind =
                switch entry.status?.kind {
                case .directory: "dir"
                case .symbolicLink: "link"
                case .fifo: "fifo"
                default: "file"
                }
            let name = vis(entry.path)
            text += name + line(" type=\(kind)", record.user, record.group, UInt32(record.permissions))
            for attribute in attributesLeftOut[path] ?? [] {
                text += TreeSpecification.attributeLine(
                    of: name, name: attribute.name, value: attribute.value)
            }
            if text.count >= 1 << 16 {
                try file.write(text)
                text = []
            }
        }
        for (path, device) in devices.sorted(by: { OwnerTable.precedes($0.key.bytes, $1.key.bytes) }) {
            let kind =
                switch device.kind {
                case .characterDevice(let major, let minor): "char device=linux,\(major),\(minor)"
                case .blockDevice(let major, let minor): "block device=linux,\(major),\(minor)"
                default: "file"
                }
            text +=
                vis(path.bytes)
                + line(
                    " type=\(kind) time=\(device.modified).0", device.user, device.group, device.permissions)
        }
        try file.write(text)
        try file.synchronize()
    }

    private func line(_ words: String, _ user: UInt32, _ group: UInt32, _ permissions: UInt32) -> [UInt8] {
        Array("\(words) uid=\(user) gid=\(group) mode=0\(String(permissions & 0o7777, radix: 8))\n".utf8)
    }

    /// `./` and the path; what has a meaning in the format, or is no visible ASCII, in three octal digits.
    private func vis(_ path: [UInt8]) -> [UInt8] {
        var text = Array("./".utf8)
        for byte in path {
            if (33...126).contains(byte), byte != 92, byte != 35 {
                text.append(byte)
            } else {
                let digits = String(byte, radix: 8)
                text +=
                    Array("\\".utf8) + Array(String(repeating: "0", count: 3 - digits.utf8.count).utf8)
                    + digits.utf8
            }
        }
        return text
    }
}
