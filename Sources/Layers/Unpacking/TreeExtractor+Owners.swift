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
        try add([], "type=dir", try root.status().identity.inode, to: &text)
        var walk = try TreeWalk(of: root)
        while let entry = try walk.next() {
            try Interruption.check()
            let status = try entry.status ?? walk.directory.status(of: entry.name)
            let kind =
                switch status.kind {
                case .directory: "dir"
                case .symbolicLink: "link"
                case .fifo: "fifo"
                default: "file"
                }
            try add(entry.path, "type=\(kind)", status.identity.inode, to: &text)
            if text.count >= 1 << 16 {
                try file.write(text)
                text = []
            }
        }
        for device in devices {
            let kind =
                switch device.kind {
                case .blockDevice(let major, let minor): "block device=native,\(major),\(minor)"
                case .characterDevice(let major, let minor): "char device=native,\(major),\(minor)"
                default: "file"
                }
            try add(device.path, "type=\(kind) time=\(device.modified.seconds).0", device.inode, to: &text)
        }
        try file.write(text)
        try file.synchronize()
    }

    private func add(_ path: [UInt8], _ words: String, _ inode: UInt64, to text: inout [UInt8]) throws {
        guard let record = owners[inode] else { return }
        let mode = String(record.permissions, radix: 8)
        let name = vis(path)
        text += name + " \(words) uid=\(record.user) gid=\(record.group) mode=0\(mode)\n".utf8
        for attribute in owners.attributes[inode] ?? [] {
            text += TreeSpecification.attributeLine(of: name, name: attribute.name, value: attribute.value)
        }
    }

    /// `./` and the path; what has a meaning in the format, or is no visible ASCII, in three octal digits.
    private func vis(_ path: [UInt8]) -> [UInt8] {
        var text = Array((path.isEmpty ? "." : "./").utf8)
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
