import FuzzTarHeaders
import Tar

/// The first byte is the length of a chunk, the rest a tar: however it is divided, it has the same entries, and
/// both readers agree on them.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTar(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let first = bytes.first else { return 0 }
    let tar = Array(bytes.dropFirst())
    let whole = entries(of: tar, chunk: tar.count)
    guard entries(of: tar, chunk: Int(first) + 1) == whole else { fatalError("the chunks' length matters") }
    let index = try? TarIndex(size: Int64(tar.count), limit: 10_000) { offset, count, buffer in
        let part = tar.dropFirst(Int(offset)).prefix(count)
        buffer += part
        return part.count
    }
    guard let whole, let members = index?.members else { return 0 }
    guard members.map(\.path) == whole.map(\.path) else { fatalError("the readers see other names") }
    for (member, entry) in zip(members, whole) where member.kind == .regular {
        // Libarchive may give content to a file whose size it says is another.
        guard case .regular(Int64(entry.content.count)) = entry.kind else { continue }
        let content = tar[Int(member.content.lowerBound)..<Int(member.content.upperBound)]
        guard content.elementsEqual(entry.content) else { fatalError("the readers see other content") }
    }
    return 0
}

private struct Entry: Equatable {
    let path: [UInt8]
    let kind: TarEntry.Kind
    var content: [UInt8] = []
}

/// What the reader gives, or `nil` where it refuses.
private func entries(of tar: [UInt8], chunk: Int) -> [Entry]? {
    var rest = tar[...]
    do {
        var reader = try TarReader {
            guard !rest.isEmpty else { return nil }
            defer { rest = rest.dropFirst(chunk) }
            return Array(rest.prefix(chunk))
        }
        var entries: [Entry] = []
        while let header = try reader.next() {
            var entry = Entry(path: header.path, kind: header.kind)
            try reader.content { offset, bytes in
                guard offset >= 0 else { fatalError("content before the file") }
                for place in bytes.indices { entry.content.append(bytes[place]) }
            }
            entries.append(entry)
        }
        try reader.finish()
        return entries
    } catch {
        return nil
    }
}

/// Mends the headers' checksums: behind a wrong one nothing is read.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutateTar(_ start: UnsafeMutablePointer<UInt8>, _ count: Int, _ room: Int, _: UInt32) -> Int {
    mutateHeaders(start, count, room, from: 1)
}
