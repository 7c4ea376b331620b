import FuzzTarHeaders
import Images
import Linux
import OCI
import SystemPackage

/// The first byte says in which form an image lies there; the rest is the archive, or a layout's index.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzImage(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let first = bytes.first else { return 0 }
    let form = ["oci", "oci-archive", "docker-archive"][Int(first % 3)]
    do {
        follow(try location(form, Array(bytes.dropFirst())))
    } catch {
        fatalError("\(error)")
    }
    return 0
}

/// Goes wherever the image leads.
private func follow(_ location: ImageLocation) {
    do {
        let source = try ImageSource(reading: location)
        let graph = ImageGraph(of: source, from: source.index().manifests)
        precondition(graph.faults.allSatisfy { !"\($0)".isEmpty })
        for blob in graph.blobs { _ = try? source.openBlob(blob.descriptor) }
        _ = try source.storedNames()
        let image = try source.resolve(nil)
        _ = source.attestations(of: image.digest)
        _ = try source.configuration(of: source.manifest(image).value)
    } catch {
        precondition(!"\(error)".isEmpty)
    }
}

private let home: FilePath = {
    let path = FilePath(ProcessArguments.environment["TMPDIR"] ?? "/tmp")
    return path.appending("varve-fuzz-\(UInt64.random(in: .min ... .max))")
}()

/// The bytes as a file or in a layout.
private func location(_ form: String, _ bytes: [UInt8]) throws -> ImageLocation {
    if try Directory.makeDirectory(home.appending("oci").appending("blobs").appending("sha256")).count > 1 {
        let layout = try Directory.open(home.appending("oci"))
        try layout.createFile("oci-layout").write(Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8).span)
    }
    let isLayout = form == "oci"
    let directory = try Directory.open(isLayout ? home.appending("oci") : home)
    let name: FileName = isLayout ? "index.json" : "archive"
    try? directory.remove(name)
    try directory.createFile(name).write(bytes.span)
    let path = home.appending(isLayout ? "oci" : "archive")
    return try ImageLocation(parsing: Array("\(form):\(path)".utf8))
}

/// Mends the headers' checksums: behind a wrong one nothing is read.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutateImage(_ start: UnsafeMutablePointer<UInt8>, _ count: Int, _ room: Int, _: UInt32) -> Int {
    mutateHeaders(start, count, room, from: 1)
}
