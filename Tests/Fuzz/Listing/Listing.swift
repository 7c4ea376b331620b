import Layers

/// Bytes as a stored file listing: what is taken is written again as it was, and its paths lead where they can.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzListing(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let listing = try? FileListing(bytes: bytes) else { return 0 }
    guard listing.bytes == bytes else { fatalError("it is written otherwise than it was read") }
    var found = 0
    var last: [ArraySlice<UInt8>] = []
    listing.forEach { path, entry in
        found += 1
        let components = path.split(separator: 47)
        precondition(last.lexicographicallyPrecedes(components) { $0.lexicographicallyPrecedes($1) })
        last = components
        guard found <= 64 else { return }
        guard let own = try? listing.resolve(path, followingLast: false) else {
            fatalError("a listed path leads nowhere")
        }
        precondition(own.path == path && own.entry == entry && own.missing.isEmpty)
        check(path, in: listing)
        if entry.kind == .symbolicLink { check(entry.target, in: listing) }
    }
    precondition(found == listing.count)
    _ = listing.accounts.user(named: [])
    _ = listing.accounts.group(named: [])
    return 0
}

/// What a path was resolved to leads to itself.
private func check(_ path: [UInt8], in listing: FileListing) {
    guard let found = try? listing.resolve(path) else { return }
    precondition(found.entry.kind != .symbolicLink && !found.missing.contains([46, 46]))
    precondition(found.missing.isEmpty || found.entry.kind == .directory)
    guard let again = try? listing.resolve(found.fullPath) else { fatalError("a real path leads nowhere") }
    precondition(again == found)
}
