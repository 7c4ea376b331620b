import Glibc
import Linux
import SystemPackage
import Tar
import TestSupport
import Testing

@testable import Layers

/// An archive as somebody gives it: compressed by a program where one is named.
func archive(_ bytes: [UInt8], by command: String? = nil) throws -> [UInt8] {
    guard let command else { return bytes }
    try Requirement.program(String(command.prefix { $0 != " " }))
    let scratch = try Scratch()
    try Directory.open(scratch.path).createFile("in").write(bytes.span)
    return try Command(shell: "\(command) < in").at(scratch.path).succeed().output
}

/// The bytes as a stream of chunks.
func streamed(_ bytes: [UInt8], chunk: Int = 1 << 16, _ limits: UnpackLimits = UnpackLimits()) throws
    -> ArchiveStream
{
    var rest = bytes[...]
    return try ArchiveStream("given", limits) {
        guard !rest.isEmpty else { return nil }
        defer { rest = rest.dropFirst(chunk) }
        return Array(rest.prefix(chunk))
    }
}

extension ArchiveStream {
    /// All that comes out.
    func all() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let more = try next() { bytes += more }
        return bytes
    }
}

struct ArchiveStreamTests {
    static let commands: [(String?, ArchiveForm)] = [
        (nil, .plain), ("gzip", .gzip), ("bzip2", .bzip2), ("xz", .xz), ("zstd -q", .zstd),
        ("zstd -q --long=25", .zstd),
    ]

    private static let noise = Sample.noise(1_000_000)

    /// More than one block of bzip2, which gives nothing before a block's end.
    private static func tar() throws -> [UInt8] {
        try Member.tar([
            .directory("d"), .file("d/f", "content"),
            Member(
                entry: TarEntry(
                    path: Array("noise".utf8), kind: .regular(size: Int64(noise.count)), permissions: 0o600),
                content: noise),
        ])
    }

    @Test(arguments: commands, [100, 1 << 20])
    func `an archive is known by what it holds`(
        command: (String?, ArchiveForm), chunk: Int
    ) throws {
        let tar = try Self.tar()
        let stream = try streamed(archive(tar, by: command.0), chunk: chunk)
        #expect(stream.form == command.1)
        let isSame = try stream.all() == tar
        #expect(isSame)
    }

    private static let files: [String: [UInt8]] = [
        "nothing": [], "text": Array("FROM scratch\n".utf8), "zeros": [UInt8](repeating: 0, count: 10240),
        "a short header": Array(TarBytes.archive([.file("a", [])]).prefix(511)),
        "a magic number alone": [0x1F, 0x8B, 8], "bzip2's": Array("BZh9".utf8), "noise": noise,
    ]

    @Test(arguments: files.keys.sorted())
    func `what is none is given as it is`(title: String) throws {
        let bytes = try #require(Self.files[title])
        let stream = try streamed(bytes)
        #expect(stream.form == nil)
        let isSame = try stream.all() == bytes
        #expect(isSame)
        #expect(throws: LayerError.source("given", "it is no tar archive that can be unpacked")) {
            let scratch = try Scratch()
            try unpackTree(from: streamed(bytes), into: Directory.open(scratch.path))
        }
    }

    @Test(arguments: ["gzip", "bzip2", "xz", "zstd -q"])
    func `a file that is compressed and no archive is a file`(command: String) throws {
        for content in [Self.noise, Array("text".utf8), [], [UInt8](repeating: 0, count: 1 << 20)] {
            let bytes = try archive(content, by: command)
            let stream = try streamed(bytes)
            #expect(stream.form == nil)
            let isSame = try stream.all() == bytes
            #expect(isSame)
        }
    }

    @Test func `a header's sum may be of bytes with signs, and must be right`() throws {
        var tar = TarBytes.archive([.file("a", [1])])
        #expect(try streamed(tar).form == .plain)
        tar[0] = 200
        #expect(try streamed(tar).form == nil)
        let sum = (0..<512).reduce(0) {
            $0 + ((148..<156).contains($1) ? 32 : Int(Int8(bitPattern: tar[$1])))
        }
        let digits = Array(String(sum, radix: 8).utf8)
        tar.replaceSubrange(
            148..<154, with: [UInt8](repeating: 48, count: 6 - digits.count) + digits)
        #expect(try streamed(tar).form == .plain)
    }

    @Test(arguments: commands.dropFirst().map(\.0), ["cut", "behind", "flipped"])
    func `a damaged archive is refused`(command: String?, damage: String) throws {
        var bytes = try archive(Self.tar(), by: command)
        switch damage {
        case "cut": bytes.removeLast(3)
        case "behind": bytes += Array("more".utf8)
        default: bytes[bytes.count - 5000] ^= 16
        }
        let stream = try streamed(bytes)
        #expect(stream.form != nil)
        let error = #expect(throws: LayerError.self) { try stream.all() }
        if case .source("given", _) = error {} else { Issue.record("\(String(describing: error))") }
    }

    @Test func `several gzip members are one archive`() throws {
        let tar = try Self.tar()
        let bytes =
            try archive(Array(tar.prefix(700)), by: "gzip") + archive(Array(tar.dropFirst(700)), by: "gzip")
        let stream = try streamed(bytes)
        #expect(stream.form == .gzip)
        let isSame = try stream.all() == tar
        #expect(isSame)
    }

    @Test(arguments: ["gzip", "bzip2", "xz", "zstd -q"])
    func `a bomb ends at the limit`(command: String) throws {
        var limits = UnpackLimits()
        limits.bytes = 1 << 20
        let tar = try Member.tar([
            Member(
                entry: TarEntry(path: [97], kind: .regular(size: 3 << 20), permissions: 0o600),
                content: [UInt8](repeating: 0, count: 3 << 20))
        ])
        let stream = try streamed(archive(tar, by: command), limits)
        #expect(stream.form != nil)
        #expect(throws: LayerError.tooManyBytes(limit: 1 << 20)) { try stream.all() }
    }

    @Test func `a pipe is read as a file is`() throws {
        let scratch = try Scratch()
        let tar = try Self.tar()
        try Directory.open(scratch.path).createFile("a.tar").write(tar.span)
        mkfifo(scratch["pipe"].string, 0o600)
        try Command(shell: "(cat a.tar > pipe) > /dev/null 2>&1 &").at(scratch.path).succeed()
        let stream = try ArchiveStream(of: File.reading(scratch["pipe"]))
        #expect(stream.form == .plain && stream.path == scratch["pipe"])
        let isSame = try stream.all() == tar
        #expect(isSame)
    }
}
