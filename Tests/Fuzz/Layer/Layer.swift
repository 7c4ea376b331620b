import Compression
import Cryptography
import Layers
import Linux
import OCI
import SystemPackage
import Tar

/// The first byte says how a layer is stored, and its remaining bits how many threads open it: what comes out is
/// what one stream alone gives.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzLayer(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let first = bytes.first else { return 0 }
    do {
        try check(Array(bytes.dropFirst()), form: Int(first) % 3, jobs: 1 + Int(first) / 3 % 3)
    } catch {
        fatalError("\(error)")
    }
    return 0
}

private let limit = 4 << 20

private let limits = {
    var limits = UnpackLimits()
    limits.bytes = Int64(limit)
    limits.zstdWindowLog = 23
    return limits
}()

private func check(_ stored: [UInt8], form: Int, jobs: Int) throws {
    let types: [MediaType] = [.layerTar, .layerTarGzip, .layerTarZstd]
    let descriptor = Descriptor(
        mediaType: types[form], digest: try digest(stored), size: Int64(stored.count))
    let slice = try file(stored)
    let expected = alone(stored, form)
    var content: [UInt8] = []
    let read = try? readLayer(slice, descriptor, diffID: nil, jobs: jobs, limits) { stream in
        while let piece = try stream.next() { content += piece }
    }
    // What looks like another form is refused before anything is opened.
    guard let read else {
        guard expected == nil || form == 0 else { fatalError("the threads refuse what the stream takes") }
        return
    }
    // Libdeflate takes some codes that deflate does not have: a thread may open more than the stream.
    guard content == expected || (expected == nil && form == 1) else {
        fatalError("the threads and the stream open two different layers")
    }
    let diffID = try digest(content)
    guard diffID == read.diffID else { fatalError("the diff ID is of other bytes") }
    let listing = LayerListing(slice, descriptor, diffID: read.diffID, jobs: jobs, limits)
    _ = try? listing.forEach(progress: { _ in }) { entry in precondition(!entry.path.isEmpty) }
}

private func alone(_ stored: [UInt8], _ form: Int) -> [UInt8]? {
    switch form {
    case 0: return stored.count <= limit ? stored : nil
    case 1:
        guard var stream = try? GzipStream() else { return nil }
        return try? stream.decompressAll(stored.span, limit: limit)
    default:
        guard var stream = try? ZstdStream(windowLog: 23) else { return nil }
        return try? stream.decompressAll(stored.span, limit: limit)
    }
}

private func digest(_ bytes: [UInt8]) throws -> Digest {
    var sha256 = try SHA256()
    sha256.update(bytes.span)
    return Digest(sha256: sha256.finish())
}

/// A file that holds the bytes, and has no name any more.
private func file(_ bytes: [UInt8]) throws -> FileSlice {
    let home = FilePath(ProcessArguments.environment["TMPDIR"] ?? "/tmp")
    let directory = try Directory.open(home)
    let name = "varve-fuzz-\(UInt64.random(in: .min ... .max))"
    let file = try directory.createFile(FileName(name.utf8))
    defer { try? directory.remove(FileName(name.utf8)) }
    try file.write(bytes.span)
    return try FileSlice(File.reading(home.appending(name)))
}
