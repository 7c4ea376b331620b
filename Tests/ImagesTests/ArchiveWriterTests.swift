import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

@testable import Images

struct ArchiveWriterTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// An image of one layer, whose bytes lie in a file.
    private func image(_ text: String = "layer", isOwn: Bool = true, lying: Bool = false) throws -> NewImage {
        let path = try scratch.write("layer", lying ? text.uppercased() : text)
        let digest = try digest(Array(text.utf8))
        var configuration = ImageConfiguration(platform: Platform(os: "linux", architecture: "amd64"))
        for _ in 0..<2 { configuration.append(layer: digest, history: HistoryEntry(createdBy: "test")) }
        let descriptor = Descriptor(mediaType: .layerTar, digest: digest, size: Int64(text.utf8.count))
        let layer = NewImage.Layer(descriptor, isOwn: isOwn) { try FileSlice(File.reading(path)) }
        return try NewImage(configuration: configuration, layers: [layer, layer], annotations: [:])
    }

    private func write(_ image: NewImage, _ location: String) throws -> (bytes: [UInt8], digest: Digest) {
        var bytes: [UInt8] = []
        let name = try ImageLocation(parsing: Array(location.utf8)).name
        let digest = try image.writeArchive(named: [name]) { bytes += $0 }
        return (bytes, digest)
    }

    @Test(arguments: [
        ("oci-archive:a:1.0", "oci-archive", "1.0"), ("oci-archive:a", "oci-archive", "latest"),
        ("docker-archive:a:example.com/app:1.0", "oci-archive", "1.0"),
        ("docker-archive:a:example.com/app:1.0", "docker-archive", "example.com/app:1.0"),
        ("docker-archive:a:app", "docker-archive", "docker.io/library/app:latest"),
        ("oci-archive:a:team/app:1.0", "docker-archive", "team/app:1.0"),
    ])
    func `what is written is read back in both forms`(written: String, form: String, name: String) throws {
        let image = try image()
        try Directory.writeFile(at: scratch["archive"], write(image, written).bytes)
        let source = try ImageSource(
            reading: ImageLocation(parsing: Array("\(form):\(scratch["archive"])".utf8)))
        let descriptor = try source.resolve(.name(name))
        #expect(descriptor.digest == image.manifest.digest)
        let manifest = try source.manifest(descriptor).value
        #expect(manifest.layers.count == 2)
        #expect(try source.openBlob(manifest.layers[1]).readAll(limit: 10) == Array("layer".utf8))
    }

    @Test func `the digest is of all the bytes, and the same image gives the same ones`() throws {
        let first = try write(image(), "oci-archive:a:x")
        let second = try write(image(), "oci-archive:b:x")
        #expect(first.bytes == second.bytes)
        #expect(first.digest == second.digest)
        #expect(try digest(first.bytes) == first.digest)
        // Changing this changes the digest of every archive that was ever written.
        #expect(
            first.digest.hex == "b92983e79f8adaf88c448549ccaac40235e3afd370b45f4ed7a751c6fea56a6e")
    }

    @Test func `members are ordered by name and belong to root, without a time`() throws {
        let members = try TarMember.all(of: write(image(), "docker-archive:a:app:1").bytes)
        let names = members.map(\.name)
        #expect(names == names.sorted())
        #expect(names.first == "blobs/" && names.last == "repositories")
        #expect(members.count == 9)
    }

    @Test func `a large layer is written piece by piece, and whole`() throws {
        let text = String(repeating: "0123456789abcdef", count: 100_000)
        let image = try image(text)
        var largest = 0
        let location = try ImageLocation(parsing: Array("oci-archive:a".utf8))
        _ = try image.writeArchive(named: [location.name]) { largest = max(largest, $0.count) }
        #expect(largest < 1 << 20)
        let members = try TarMember.all(of: write(image, "oci-archive:a").bytes)
        #expect(members.contains { $0.content == Array(text.utf8) })
    }

    @Test func `a layer from elsewhere that is not what its digest says is refused`() throws {
        _ = try write(image(isOwn: false), "oci-archive:a")
        #expect(throws: ImageError.self) { try write(image(isOwn: false, lying: true), "oci-archive:a") }
    }

    @Test func `Docker's names are short where it shows them, and whole where containerd reads them`() throws
    {
        let members = try TarMember.all(of: write(image(), "docker-archive:a:docker.io/library/app:1").bytes)
        func text(_ name: String) -> String {
            String(decoding: members.first { $0.name == name }?.content ?? [], as: UTF8.self)
        }
        #expect(text("manifest.json").contains(#""RepoTags":["app:1"]"#))
        #expect(text("index.json").contains(#""io.containerd.image.name":"docker.io/library/app:1""#))
        #expect(text("index.json").contains(#""org.opencontainers.image.ref.name":"1""#))
        #expect(text("repositories").hasPrefix(#"{"app":{"1":""#))
    }

    @Test func `without a name Docker gets none`() throws {
        let members = try TarMember.all(of: write(image(), "docker-archive:a").bytes)
        let manifest = members.first { $0.name == "manifest.json" }?.content ?? []
        #expect(String(decoding: manifest, as: UTF8.self).contains(#""RepoTags":null"#))
        #expect(!members.contains { $0.name == "repositories" })
    }
}
