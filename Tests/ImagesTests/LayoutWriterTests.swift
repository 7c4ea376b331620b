import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

@testable import Images

struct LayoutWriterTests {
    /// Publishes an image whose layer holds a text.
    private func publish(_ text: String, as name: String, in path: FilePath) throws -> Descriptor {
        let layout = try ImageLayout(writing: path)
        let blob = try layout.temporaryBlob()
        try blob.write(Array(text.utf8))
        try blob.synchronize()
        var writer = try LayoutWriter(layout)
        // A layer that is told under a digest of its own: the writer takes the caller's word for it.
        let layer = Descriptor(mediaType: .layerTar, digest: .emptyObject, size: Int64(text.utf8.count))
        try writer.adopt(blob, as: layer.digest)
        let configuration = ImageConfiguration(platform: Platform(os: "linux", architecture: "amd64"))
        let config = try writer.put(Document(configuration).bytes, .imageConfiguration)
        let manifest = Manifest(config: config, layers: [layer], annotations: ["text": text])
        let descriptor = try writer.put(Document(manifest).bytes, .imageManifest)
        try writer.tag(descriptor, as: [name])
        return descriptor
    }

    private func source(_ path: FilePath) throws -> ImageSource {
        try ImageSource(reading: ImageLocation(parsing: Array("oci:".utf8) + path.bytes))
    }

    @Test func `an image is found by its name and by its digest, and read back`() throws {
        let scratch = try Scratch()
        let published = try publish("a", as: "one", in: scratch["layout"])
        let layout = try source(scratch["layout"])
        #expect(try layout.resolve(.name("one")).digest == published.digest)
        #expect(try layout.resolve(.digest(published.digest)).referenceName == "one")
        #expect(try layout.manifest(layout.resolve(nil)).value.annotations["text"] == "a")
    }

    @Test func `a second image leaves the first, and the same name replaces`() throws {
        let scratch = try Scratch()
        let first = try publish("a", as: "one", in: scratch["layout"])
        _ = try publish("b", as: "two", in: scratch["layout"])
        let third = try publish("c", as: "two", in: scratch["layout"])
        let layout = try source(scratch["layout"])
        #expect(layout.index().manifests.map(\.referenceName) == ["one", "two"])
        #expect(layout.index().manifests.map(\.digest) == [first.digest, third.digest])
    }

    @Test func `several images and no name are ambiguous, and an unknown name tells those there are`() throws
    {
        let scratch = try Scratch()
        _ = try publish("a", as: "one", in: scratch["layout"])
        _ = try publish("b", as: "two", in: scratch["layout"])
        let path = scratch["layout"]
        #expect(throws: ImageError.ambiguous(path, names: ["one", "two"])) {
            try source(path).resolve(nil)
        }
        #expect(throws: ImageError.noSuchImage(path, "three", names: ["one", "two"])) {
            try source(path).resolve(.name("three"))
        }
    }

    @Test func `a writer that does not tag takes away what it added`() throws {
        let scratch = try Scratch()
        _ = try publish("a", as: "one", in: scratch["layout"])
        let before = try Command(["find", scratch["layout"].string]).succeed().text
        do {
            var writer = try LayoutWriter(ImageLayout(writing: scratch["layout"]))
            _ = try writer.put(Array("never".utf8), .imageConfiguration)
        }
        #expect(try Command(["find", scratch["layout"].string]).succeed().text == before)
    }

    @Test func `a layout that nothing was written to does not stay`() throws {
        let scratch = try Scratch()
        do { _ = try ImageLayout(writing: scratch["new/layout"]).temporaryBlob() }
        #expect(try Command(["ls", "-A"]).at(scratch.path).succeed().line == "")
    }

    @Test func `a document whose bytes were changed is refused`() throws {
        let scratch = try Scratch()
        let published = try publish("a", as: "one", in: scratch["layout"])
        let blob = scratch["layout/blobs/sha256/\(published.digest.hex)"]
        let bytes = try content(of: blob)
        try Directory.writeFile(at: blob, bytes.map { $0 == UInt8(ascii: "a") ? UInt8(ascii: "b") : $0 })
        #expect(throws: ImageError.self) { try source(scratch["layout"]).manifest(published) }
    }

    @Test func `a waiting writer gives up after its time`() throws {
        let scratch = try Scratch()
        _ = try publish("a", as: "one", in: scratch["layout"])
        let lock = try Directory.open(scratch["layout"]).openLockFile(".lock")
        #expect(try lock.tryLock())
        #expect(throws: ImageError.locked(scratch["layout/.lock"], seconds: 0)) {
            _ = try LayoutWriter(ImageLayout(writing: scratch["layout"]), waitingSeconds: 0)
        }
    }
}
