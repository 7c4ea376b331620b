import Linux
import SystemPackage
import Tar

/// Writes a layer's members, and gives the stream away in pieces.
///
/// Whoever knows what comes next calls it: a walk through a tree, or a plan.
/// A verb gives `false` once the stream is no longer wanted.
struct MemberWriter: ~Copyable {
    private let push: (Piece) -> Bool
    private var writer: TarWriter
    private var entriesInPiece = 0
    /// What was written so far.
    var summary = TreeSummary()

    init(push: @escaping (Piece) -> Bool) throws(TarError) {
        self.push = push
        writer = try TarWriter()
    }

    /// Writes a member's header, at the end of the piece or at the beginning of the next one.
    mutating func write(_ member: TarEntry) throws -> Bool {
        let size: Int64 = if case .regular(let size) = member.kind { size } else { 0 }
        if PieceRule.endsPiece(holding: writer.pendingCount, before: member.path, size: size) {
            guard endPiece() else { return false }
        }
        summary.newestTime = max(summary.newestTime ?? member.modified, member.modified)
        summary.entries += 1
        entriesInPiece += 1
        try writer.begin(member)
        return true
    }

    /// Writes a regular file whose content is in memory; the header says how much it is.
    mutating func write(_ member: TarEntry, content: [UInt8]) throws -> Bool {
        let size = Int64(content.count)
        guard try write(member) else { return false }
        var offset: Int64 = 0
        while offset < size {
            let end = offset + min(room(at: offset), size - offset)
            try writer.write(content.span.extracting(Int(offset)..<Int(end)))
            offset = end
            guard endPieceWithinFile(at: offset, of: size) else { return false }
        }
        return try endFile(of: size)
    }

    /// Writes a regular file whose content can change no more.
    ///
    /// - Parameters:
    ///   - member: The header.
    ///   - size: Bytes of the content, as the header says.
    ///   - read: Appends up to `count` bytes from an offset of the content to a buffer; never none.
    /// - Throws: `TarError`, `Interruption`, and what `read` throws.
    /// - Returns: Whether the stream is still wanted.
    mutating func write(
        _ member: TarEntry, size: Int64,
        read: (_ offset: Int64, _ count: Int, _ buffer: inout [UInt8]) throws -> Int
    ) throws -> Bool {
        guard try write(member) else { return false }
        var offset: Int64 = 0
        while offset < size {
            try Interruption.check()
            let wanted = Int(min(room(at: offset), size - offset))
            offset += Int64(try writer.write { try read(offset, wanted, &$0) })
            guard endPieceWithinFile(at: offset, of: size) else { return false }
        }
        return try endFile(of: size)
    }

    /// Writes a regular file, which is read to its end, and must be the same before and after.
    ///
    /// - Parameters:
    ///   - member: The header; its size is the one of `status`.
    ///   - file: The open file.
    ///   - status: What it was when it was met.
    /// - Throws: ``LayerError/changed(_:_:)``, `FileError`, `TarError`, `Interruption`.
    /// - Returns: Whether the stream is still wanted.
    mutating func write(
        _ member: TarEntry, content file: borrowing File, _ status: FileStatus
    ) throws -> Bool {
        let size = status.size
        guard try write(member) else { return false }
        // Fewer blocks than bytes: there are holes, and reading them would only make zeros.
        let isComplete =
            status.blocks * 512 < size ? try copySparse(file, size) : try copy(file, 0..<size, of: size)
        guard isComplete else { return false }
        try writer.endMember()
        try file.expect(status)
        return size < PieceRule.most || endPiece()
    }

    /// Writes the end of the stream.
    ///
    /// - Returns: What was written.
    consuming func finish() throws(TarError) -> TreeSummary {
        try writer.finish()
        _ = endPiece()
        return summary
    }

    private mutating func endFile(of size: Int64) throws -> Bool {
        try writer.endMember()
        return size < PieceRule.most || endPiece()
    }

    private mutating func copySparse(_ file: borrowing File, _ size: Int64) throws -> Bool {
        var offset: Int64 = 0
        while offset < size {
            let found = try file.nextData(from: offset) ?? size..<size
            let data = found.clamped(to: offset..<size)
            guard try writeZeros(offset..<data.lowerBound, of: size) else { return false }
            guard try copy(file, data, of: size) else { return false }
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
        _ file: borrowing File, _ range: Range<Int64>, of size: Int64
    ) throws -> Bool {
        var offset = range.lowerBound
        while offset < range.upperBound {
            try Interruption.check()
            let wanted = Int(min(room(at: offset), range.upperBound - offset))
            let count = try writer.write { try file.read(upTo: wanted, appendingTo: &$0) }
            guard count > 0 else {
                throw LayerError.changed(file.path, "\(size) bytes announced, \(offset) read")
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

    private mutating func endPiece(isHole: Bool = false) -> Bool {
        let bytes = writer.take(reserving: PieceRule.most + 4096)
        defer { entriesInPiece = 0 }
        return bytes.isEmpty || push(Piece(bytes, entries: entriesInPiece, isHole: isHole))
    }
}

extension File {
    /// Throws when the file is no longer what it was when it was met.
    ///
    /// - Throws: ``LayerError/changed(_:_:)``, `FileError`.
    func expect(_ status: FileStatus) throws {
        let now = try self.status()
        guard now != status else { return }
        let what =
            if now.kind != status.kind || now.identity != status.identity {
                "another file took its place"
            } else if now.size != status.size {
                "\(status.size) bytes before, \(now.size) after"
            } else {
                "its times are not what they were"
            }
        throw LayerError.changed(path, what)
    }
}
