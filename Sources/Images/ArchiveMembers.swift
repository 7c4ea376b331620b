import Linux
import SystemPackage
import Tar

/// The members of an archive by their names, each read by its place.
///
/// Names are relative and have no `..`, no name stands twice: what two readers could understand in two ways is
/// refused when the archive is opened.
final class ArchiveMembers: Sendable {
    /// The most members of an archive that are looked at.
    static let limit = 100_000

    let path: FilePath
    private let file: File
    private let members: [[UInt8]: TarIndex.Member]

    /// Reads the headers of all members, and no content.
    ///
    /// - Throws: ``ImageError/notAnArchive(_:_:)``, ``ImageError/malformedDocument(_:_:)``, `FileError`.
    init(reading path: FilePath) throws {
        let file = try File.reading(path)
        let status = try file.status()
        guard status.kind == .regular else {
            throw ImageError.notAnArchive(
                path, status.kind == .directory ? "it is a directory; write oci:DIR" : "it is no regular file"
            )
        }
        if let program = try Self.program(inflating: FileSlice(of: file, 0..<status.size)) {
            throw ImageError.notAnArchive(path, "it is compressed; unpack it with \(program) first")
        }
        let index: TarIndex
        do {
            index = try TarIndex(size: status.size, limit: Self.limit) { offset, count, buffer in
                try Interruption.check()
                return try file.read(upTo: count, at: offset, appendingTo: &buffer)
            }
        } catch let error as TarError {
            throw ImageError.notAnArchive(path, "\(error)")
        }
        var members: [[UInt8]: TarIndex.Member] = [:]
        for member in index.members {
            guard let name = Self.normalized(member.path) else {
                throw ImageError.notAnArchive(
                    path, "a member's name leads out of it: \(escaped(member.path))")
            }
            guard let other = members.updateValue(member, forKey: name) else { continue }
            guard other.kind == .directory, member.kind == .directory else {
                throw ImageError.notAnArchive(path, "it has two members named \(escaped(name))")
            }
        }
        self.path = path
        self.members = members
        self.file = file
    }

    /// The program that undoes a compression, told by the first bytes; `nil` where there is none.
    static func program(inflating slice: FileSlice) throws(FileError) -> String? {
        var start: [UInt8] = []
        while start.count < 6 {
            guard try slice.read(upTo: 6, at: Int64(start.count), appendingTo: &start) > 0 else { break }
        }
        let magics: [([UInt8], String)] = [
            ([0x1F, 0x8B], "gunzip"), ([0x28, 0xB5, 0x2F, 0xFD], "unzstd"),
            ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "unxz"), ([0x42, 0x5A, 0x68], "bunzip2"),
        ]
        return magics.first { start.starts(with: $0.0) }?.1
    }

    /// The name without `.` and doubled slashes; `nil` for one that leads out of the archive.
    static func normalized(_ name: [UInt8]) -> [UInt8]? {
        let slash = UInt8(ascii: "/")
        let words = name.split(separator: slash).filter { !$0.elementsEqual(".".utf8) }
        guard name.first != slash, !words.contains(where: { $0.elementsEqual("..".utf8) }) else { return nil }
        return Array(words.joined(separator: [slash]))
    }

    /// Where a member is, for a message.
    func place(of name: String) -> FilePath { FilePath(bytes: path.bytes + ":\(name)".utf8) }

    /// The content of a member; `nil` where there is none of that name.
    ///
    /// - Throws: ``ImageError/malformedDocument(_:_:)`` for a link, a directory and whatever else is no regular file.
    func slice(_ name: String) throws -> FileSlice? {
        guard let member = members[Array(name.utf8)] else { return nil }
        guard member.kind == .regular else {
            throw ImageError.malformedDocument(place(of: name), "it is no regular member")
        }
        return try slice(at: member.content)
    }

    /// The names of the members in a directory, without it.
    func names(in directory: String) -> [FileName] {
        let prefix = Array(directory.utf8)
        return members.keys.filter { $0.starts(with: prefix) }.map { FileName($0.dropFirst(prefix.count)) }
    }

    /// The whole content of a member, of `limit` bytes at most.
    func content(of name: String, limit: Int) throws -> [UInt8]? {
        guard let slice = try slice(name) else { return nil }
        guard slice.size <= Int64(limit) else {
            throw ImageError.malformedDocument(place(of: name), "it has more than \(limit) bytes")
        }
        return try slice.readAll(limit: limit)
    }

    /// A stretch of the archive.
    func slice(at content: Range<Int64>) throws(FileError) -> FileSlice { try FileSlice(of: file, content) }

    /// Where the content of the member is that a name leads to, by links within the archive.
    ///
    /// Old `docker save` stored a layer once and linked to it.
    ///
    /// - Throws: ``ImageError/malformedDocument(_:_:)`` also where it leads out, to nothing, or round in a circle.
    func followedContent(_ name: String) throws(ImageError) -> Range<Int64> {
        func broken(_ reason: String) -> ImageError { .malformedDocument(place(of: name), reason) }
        guard var here = Self.normalized(Array(name.utf8)) else { throw broken("the name leads out of it") }
        var visited: Set<[UInt8]> = []
        while let member = members[here] {
            guard visited.insert(here).inserted, visited.count <= 40 else {
                throw broken("its links lead round in a circle, or through too many others")
            }
            let next: [UInt8]?
            switch member.kind {
            case .symbolicLink(let target): next = Self.resolved(target, from: here)
            case .hardLink(let target): next = Self.normalized(target)
            case .regular: return member.content
            case .directory, .special: throw broken("it is no regular member")
            }
            guard let next else { throw broken("a link leads out of the archive") }
            here = next
        }
        throw broken("the archive does not have it")
    }

    /// Where a link leads to, within the archive.
    private static func resolved(_ target: [UInt8], from name: [UInt8]) -> [UInt8]? {
        let slash = UInt8(ascii: "/")
        guard target.first != slash else { return nil }
        var words = name.split(separator: slash).dropLast()
        for word in target.split(separator: slash) where !word.elementsEqual(".".utf8) {
            if word.elementsEqual("..".utf8) {
                guard words.popLast() != nil else { return nil }
            } else {
                words.append(word)
            }
        }
        return Array(words.joined(separator: [slash]))
    }
}
