import Compression
import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

@testable import Layers

@Suite(.timeLimit(.minutes(30)))
struct UnpackLimitsTests {
    private static let forms: [StoredForm] = [.gzip, .zstd]

    /// So many MiB of zeros, in members of a MiB each or in one.
    private static func bomb(_ mebibytes: Int, _ form: StoredForm, isOne: Bool) throws -> [UInt8] {
        if isOne {
            let program = form == .gzip ? "gzip -c1" : "zstd -qc"
            return try Command(shell: "head -c \(mebibytes)M /dev/zero | \(program)").succeed().output
        }
        let method: CompressionMethod = form == .gzip ? .gzip(.level(12)) : .zstd(3)
        let one = try compressed([[UInt8](repeating: 0, count: 1 << 20)], method)[0]
        return [[UInt8]](repeating: one, count: mebibytes).flatMap { $0 }
    }

    @Test(arguments: forms, [true, false])
    func `a layer stops at its limit of bytes`(form: StoredForm, isOne: Bool) throws {
        let bomb = try Self.bomb(20, form, isOne: isOne)
        var limits = UnpackLimits()
        for limit in [0, 1, (20 << 20) - 1] as [Int64] {
            limits.bytes = limit
            #expect(throws: LayerError.tooManyBytes(limit: limit)) {
                try BlobStore().read(bomb, as: form.mediaType, limits)
            }
        }
        limits.bytes = 20 << 20
        #expect(try BlobStore().read(bomb, as: form.mediaType, limits).bytes.count == 20 << 20)
    }

    @Test func `an uncompressed layer has the limit too`() throws {
        var limits = UnpackLimits()
        limits.bytes = 9
        #expect(throws: LayerError.tooManyBytes(limit: 9)) {
            try BlobStore().read([UInt8](repeating: 1, count: 10), as: .layerTar, limits)
        }
    }

    @Test func `the ratio counts from 1 GiB on`() throws {
        var limits = UnpackLimits()
        limits.bytes = .max
        try limits.check(bytes: 1 << 30, ofBlob: 1)
        try limits.check(bytes: 1000 << 30, ofBlob: 1 << 30)
        #expect(throws: LayerError.tooHighRatio(limit: 1000)) {
            try limits.check(bytes: (1 << 30) + 1, ofBlob: 1 << 20)
        }
        var lowest = UnpackLimits()
        (lowest.ratio, lowest.bytes) = (0, .max)
        #expect(throws: LayerError.tooHighRatio(limit: 0)) {
            try lowest.check(bytes: .max, ofBlob: 1 << 40)
        }
    }

    @Test(arguments: [
        (LayerError.tooManyBytes(limit: 5), "--max-bytes"),
        (.tooHighRatio(limit: 5), "--max-ratio"), (.tooLargeWindow(log: 27), "--zstd-window"),
    ])
    func `an error names the flag that raises its limit`(error: LayerError, flag: String) {
        #expect(error.description.contains("raise \(flag)"))
    }

    @Test func `a window of more than 2^27 bytes must be allowed`() throws {
        try Requirement.program("zstd")
        let line = "head -c 1M /dev/urandom | zstd -qc --long=28"
        let blob = try Command(shell: line).succeed().output
        #expect(throws: LayerError.tooLargeWindow(log: 27)) {
            try BlobStore().read(blob, as: .layerTarZstd)
        }
        var limits = UnpackLimits()
        limits.zstdWindowLog = 28
        #expect(try BlobStore().read(blob, as: .layerTarZstd, limits).bytes.count == 1 << 20)
        limits.zstdWindowLog = 32
        #expect(throws: CompressionError.self) { try BlobStore().read(blob, as: .layerTarZstd, limits) }
    }

    @Test(arguments: forms, [true, false])
    func `a bomb of 1 GiB is read in little memory`(form: StoredForm, isOne: Bool) async throws {
        try Requirement.program("zstd")
        try Requirement.unsanitizedMemory()
        let bomb = try Self.bomb(1024, form, isOne: isOne)
        let scratch = try Scratch()
        try Directory.writeFile(at: scratch["bomb"], bomb)
        let (path, name) = (scratch["bomb"].string, form.rawValue)
        await #expect(processExitsWith: .success) { [path = path as String, name = name as String] in
            let form = StoredForm(rawValue: name) ?? .tar
            let slice = try FileSlice(try File.reading(FilePath(path)))
            let descriptor = Descriptor(
                mediaType: form.mediaType, digest: try digest(of: try content(of: FilePath(path))),
                size: slice.size)
            var limits = UnpackLimits()
            limits.ratio = 1 << 20
            let before = try peak()
            let read = try readLayer(slice, descriptor, diffID: nil, jobs: 2, limits) { stream in
                var count = 0
                while let piece = try stream.next() { count += piece.count }
                return count
            }
            precondition(read.value == 1 << 30)
            let after = try peak()
            precondition(after - before < 96 << 10, "\(after - before) KiB more")
        }
    }
}

/// The most memory that this process ever held, in KiB.
private func peak() throws -> Int {
    let status = try File.reading("/proc/self/status").readAll(limit: 1 << 20)
    let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return Int(line?.split(separator: " ").dropFirst().first ?? "") ?? .max
}
