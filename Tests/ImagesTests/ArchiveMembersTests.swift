import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

@testable import Images

struct ArchiveMembersTests {
    private func open(_ bytes: [UInt8], in scratch: Scratch) throws -> ImageSource {
        try Directory.writeFile(at: scratch["archive"], bytes)
        return try ImageSource(
            reading: ImageLocation(parsing: Array("oci-archive:\(scratch["archive"])".utf8)))
    }

    private func members(_ image: SampleImage) -> [TarBytes.Member] {
        image.files.sorted { $0.key < $1.key }.map { .file($0.key, $0.value) }
    }

    @Test func `names may begin with a dot and a slash, and directories stand twice`() throws {
        let scratch = try Scratch()
        let image = try SampleImage()
        let files = image.files.map { TarBytes.Member.file("./" + $0.key, $0.value) }
        let directories: [TarBytes.Member] = [
            .other("./", "5"), .other("./blobs/", "5"), .other("blobs", "5"),
        ]
        let source = try open(TarBytes.archive(directories + files), in: scratch)
        #expect(try source.resolve(nil).digest == image.manifest.digest)
    }

    @Test(
        "B46: a member's name that leads out of the archive",
        arguments: ["../x", "/etc/passwd", "a/../../x", "..", "a/.."])
    func traversal(name: String) throws {
        let scratch = try Scratch()
        let bytes = try TarBytes.archive(members(SampleImage()) + [.file(name, [1])])
        let error = #expect(throws: ImageError.self) { try open(bytes, in: scratch) }
        #expect(try #require(error).description.contains("leads out of it"))
    }

    @Test(
        "B46: two members of one name",
        arguments: ["index.json", "./index.json", "blobs//../index.json", "blobs"])
    func duplicate(name: String) throws {
        let scratch = try Scratch()
        let bytes = try TarBytes.archive([.other("blobs", "5")] + members(SampleImage()) + [.file(name, [1])])
        #expect(throws: ImageError.self) { try open(bytes, in: scratch) }
    }

    @Test(
        "B27-B33: what is no file in a blob's place is refused",
        arguments: [("2", "index.json"), ("1", "index.json"), ("5", ""), ("6", ""), ("3", "")]
            as [(Character, String)])
    func irregular(type: Character, link: String) throws {
        let scratch = try Scratch()
        var image = try SampleImage()
        let name = "blobs/sha256/\(image.layer.digest.hex)"
        image.files[name] = nil
        let bytes = TarBytes.archive(members(image) + [.other(name, type, link: link)])
        let source = try open(bytes, in: scratch)
        #expect(throws: ImageError.self) { try source.openBlob(image.layer) }
    }

    @Test func `a blob stored without its holes is refused`() throws {
        let scratch = try Scratch()
        var image = try SampleImage("abc")
        let name = "blobs/sha256/\(image.layer.digest.hex)"
        image.files[name] = nil
        let records = [
            ("GNU.sparse.size", "10000"), ("GNU.sparse.numblocks", "1"), ("GNU.sparse.map", "0,3"),
        ]
        let bytes = TarBytes.archive(members(image) + [TarBytes.pax(records), .file(name, [1, 2, 3])])
        #expect(throws: ImageError.self) { try open(bytes, in: scratch).openBlob(image.layer) }
    }

    @Test(
        "an archive that is compressed as a whole says what to do",
        arguments: [("gzip", "gunzip"), ("zstd -q", "unzstd"), ("xz", "unxz"), ("bzip2", "bunzip2")])
    func compressed(program: String, remedy: String) throws {
        try Requirement.program(program.split(separator: " ").first.map(String.init) ?? "")
        let scratch = try Scratch()
        try Directory.writeFile(at: scratch["image.tar"], SampleImage().archive)
        try Command(shell: "\(program) <image.tar >archive").at(scratch.path).succeed()
        let error = #expect(throws: ImageError.self) {
            try open(content(of: scratch["archive"]), in: scratch)
        }
        #expect(try #require(error).description.contains("unpack it with \(remedy) first"))
    }

    @Test("what is no tar", arguments: [[], [1, 2, 3], [UInt8](repeating: 0x41, count: 5000)] as [[UInt8]])
    func noTar(bytes: [UInt8]) throws {
        let scratch = try Scratch()
        #expect(throws: ImageError.self) { try open(bytes, in: scratch) }
    }

    @Test("an archive cut anywhere is an error when it is opened or read")
    func cut() throws {
        let scratch = try Scratch()
        let image = try SampleImage()
        let whole = image.archive
        for length in stride(from: 0, to: whole.count - 1024, by: 256) {
            #expect(throws: (any Error).self, "\(length)") {
                let source = try open(Array(whole.prefix(length)), in: scratch)
                let manifest = try source.manifest(source.resolve(nil)).value
                _ = try source.configuration(of: manifest)
                _ = try source.openBlob(manifest.layers[0])
            }
        }
    }

    @Test func `what is no file is no archive, and a pipe is not read`() throws {
        let scratch = try Scratch()
        func read(_ text: String) throws -> ImageSource {
            try ImageSource(reading: ImageLocation(parsing: Array(text.utf8)))
        }
        try Command(["mkfifo", scratch["fifo"].string]).succeed()
        for (text, reason) in [
            ("oci-archive:\(scratch.path)", "write oci:DIR"),
            ("docker-archive:\(scratch["fifo"])", "no regular file"),
            ("oci-archive:-", "write it to a file first"),
            ("docker-archive:-:a:b", "write it to a file first"),
        ] {
            let error = #expect(throws: ImageError.self) { _ = try read(text) }
            #expect(try #require(error).description.contains(reason))
        }
    }

    @Test func `the other kind of archive is named where one is met`() throws {
        let scratch = try Scratch()
        let path = scratch["archive"]
        try Directory.writeFile(at: path, TarBytes.archive([.file("manifest.json", Array("[]".utf8))]))
        #expect(throws: ImageError.notAnArchive(path, "it has no oci-layout; write docker-archive:FILE")) {
            try ImageSource(reading: ImageLocation(parsing: Array("oci-archive:\(path)".utf8)))
        }
        try Directory.writeFile(at: path, SampleImage().archive)
        #expect(throws: ImageError.notAnArchive(path, "it has no manifest.json; write oci-archive:FILE")) {
            try ImageSource(reading: ImageLocation(parsing: Array("docker-archive:\(path)".utf8)))
        }
    }
}
