import Linux
import SystemPackage
import Tar

/// How a regular file gets into the stream: read to its end, and the same before and after.
extension TreeArchiver {
    mutating func archiveFile(_ entry: TreeWalk.Entry, in directory: borrowing Directory) throws
        -> Bool
    {
        let file = try directory.openFile(entry.name)
        let status = try file.status()
        guard status.kind == .regular else {
            throw LayerError.changed(location(entry.path), "another file took its place")
        }
        if let first = firstName(of: entry, status) {
            return try write(entry, .hardLink(target: first), status, [])
        }
        guard unreadable.isEmpty else { return true }
        let attributes = try file.extendedAttributes(where: options.attributes.keeps)
        let size = status.size
        guard try write(entry, .regular(size: size), status, attributes) else { return false }
        // Fewer blocks than bytes: there are holes, and reading them would only make zeros.
        let isComplete =
            status.blocks * 512 < size
            ? try copySparse(file, entry, size) : try copy(file, entry, 0..<size, of: size)
        guard isComplete else { return false }
        try writer.endMember()
        try expect(status, of: file, entry.path)
        return size < PieceRule.most || endPiece()
    }

    private mutating func copySparse(
        _ file: borrowing File, _ entry: TreeWalk.Entry, _ size: Int64
    ) throws -> Bool {
        var offset: Int64 = 0
        while offset < size {
            let found = try file.nextData(from: offset) ?? size..<size
            let data = found.clamped(to: offset..<size)
            guard try writeZeros(offset..<data.lowerBound, of: size) else { return false }
            guard try copy(file, entry, data, of: size) else { return false }
            offset = data.upperBound
        }
        return true
    }

    private mutating func writeZeros(_ range: Range<Int64>, of size: Int64) throws -> Bool {
        guard !range.isEmpty else { return true }
        let zeros = [UInt8](
            repeating: 0, count: Int(min(Int64(PieceRule.most), range.upperBound - range.lowerBound)))
        var offset = range.lowerBound
        while offset < range.upperBound {
            try Interruption.check()
            let count = Int(min(room(at: offset), range.upperBound - offset))
            try writer.write(zeros.span.extracting(first: count))
            offset += Int64(count)
            guard endPieceWithinFile(at: offset, of: size, isHole: count == PieceRule.most) else {
                return false
            }
        }
        return true
    }

    private mutating func copy(
        _ file: borrowing File, _ entry: TreeWalk.Entry, _ range: Range<Int64>, of size: Int64
    ) throws -> Bool {
        var offset = range.lowerBound
        while offset < range.upperBound {
            try Interruption.check()
            let wanted = Int(min(room(at: offset), range.upperBound - offset))
            let count = try writer.write { try file.read(upTo: wanted, appendingTo: &$0) }
            guard count > 0 else {
                throw LayerError.changed(
                    location(entry.path), "\(size) bytes announced, \(offset) read")
            }
            offset += Int64(count)
            guard endPieceWithinFile(at: offset, of: size) else { return false }
        }
        return true
    }

    /// Bytes up to the next cut within a file.
    private func room(at offset: Int64) -> Int64 { Int64(PieceRule.most) - offset % Int64(PieceRule.most) }

    private mutating func endPieceWithinFile(at offset: Int64, of size: Int64, isHole: Bool = false) -> Bool {
        guard size >= PieceRule.most, offset < size, offset % Int64(PieceRule.most) == 0 else { return true }
        return endPiece(isHole: isHole && writer.pendingCount == PieceRule.most)
    }

    /// Throws when a file is no longer what it was when it was met.
    private func expect(_ status: FileStatus, of file: borrowing File, _ path: [UInt8]) throws {
        let now = try file.status()
        guard now != status else { return }
        let what =
            if now.kind != status.kind || now.identity != status.identity {
                "another file took its place"
            } else if now.size != status.size {
                "\(status.size) bytes before, \(now.size) after"
            } else {
                "its times are not what they were"
            }
        throw LayerError.changed(location(path), what)
    }
}
