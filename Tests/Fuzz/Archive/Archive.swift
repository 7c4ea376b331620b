import Compression
import FuzzTarHeaders
import Layers
import Linux
import OCI
import SystemPackage
import Tar

/// Bytes as an archive that ADD is given: what cannot be one stays as it is, and what is unpacked makes of the image
/// below what the plan says that it makes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzArchive(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    do {
        try check(bytes)
    } catch {
        fatalError("\(error)")
    }
    return 0
}

private let limits = {
    var limits = UnpackLimits()
    limits.bytes = 4 << 20
    limits.zstdWindowLog = 23
    return limits
}()

private let attributes = CopyRules.Attributes(permissions: 0o755, modified: 1)

private func check(_ bytes: [UInt8]) throws {
    let archive = try stream(bytes)
    guard archive.form != nil else {
        var same: [UInt8] = []
        while let more = try archive.next() { same += more }
        guard same == bytes else { fatalError("what is no archive came out otherwise") }
        return
    }
    let home = try home()
    let base = try base()
    var plan = LayerPlan(over: base, try AttributeFilter())
    var rules = CopyRules(modified: 1)
    rules.owner = { ($0.user, $0.group) }
    rules.verdict = { path, _, _ in path.last == 0x61 ? .keptForContent : .kept }
    let spool = try Spool(in: home)
    guard (try? plan.unpack(archive, to: Array("/bin".utf8), into: spool, rules, limits)) != nil else {
        return
    }
    let file = try TemporaryFile(in: home)
    // An attribute may have a name that no tar of ours can hold.
    guard
        let layer = try? packLayer(of: plan, into: file, .none, jobs: 1, latestTime: nil, progress: { _ in })
    else { return }
    let listing = LayerListing(
        try file.slice(), layer.descriptor, diffID: layer.diffID, jobs: 1, UnpackLimits())
    var image = base
    try image.apply(listing)
    guard image.bytes == plan.listing.bytes else { fatalError("the layer is not what the plan says") }
}

private func home() throws -> Directory {
    try Directory.open(FilePath(ProcessArguments.environment["TMPDIR"] ?? "/tmp"))
}

private func stream(_ bytes: [UInt8]) throws -> ArchiveStream {
    var rest = bytes[...]
    return try ArchiveStream("input", limits) {
        guard !rest.isEmpty else { return nil }
        defer { rest = rest.dropFirst(1000) }
        return Array(rest.prefix(1000))
    }
}

/// An image with links that names may lead over.
private func base() throws -> FileListing {
    var plan = LayerPlan(over: FileListing(), try AttributeFilter())
    try plan.makeDirectory(Array("/usr/bin".utf8), attributes)
    var writer = try TarWriter()
    for (path, target) in [("bin", "usr/bin"), ("usr/bin/c", "/../usr")] {
        try writer.begin(
            TarEntry(
                path: Array(path.utf8), kind: .symbolicLink(target: Array(target.utf8)), permissions: 0o777))
    }
    try writer.finish()
    let links = try stream(writer.take(reserving: 0))
    try plan.unpack(links, to: [], into: Spool(in: home()), CopyRules(modified: 1), limits)
    try plan.addFile(
        [1], named: [], to: Array("/usr/bin/b".utf8), attributes, parents: attributes)
    return plan.listing
}

/// Mends the headers' checksums: behind a wrong one nothing is read.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutateArchive(_ start: UnsafeMutablePointer<UInt8>, _ count: Int, _ room: Int, _: UInt32) -> Int {
    mutateHeaders(start, count, room, from: 0)
}
