import Compression
import Layers
import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

private struct Refusal: Error, Equatable {}

private func type(of method: CompressionMethod) -> MediaType {
    switch method {
    case .none: .layerTar
    case .gzip: .layerTarGzip
    case .zstd: .layerTarZstd
    }
}

@Suite(.timeLimit(.minutes(30)))
struct LayerReaderTests {
    private static let methods: [CompressionMethod] = [
        .none, .gzip(.level(1)), .gzip(.level(6)), .zstd(1), .zstd(9),
    ]

    @Test(arguments: methods, [1, 2, 4])
    func `what varve stored comes back`(method: CompressionMethod, jobs: Int) throws {
        let content = Sample.pieces.flatMap { $0 }
        let blob = try compressed(Sample.pieces, method).flatMap { $0 }
        let found = try BlobStore().read(
            blob, as: type(of: method), diffID: digest(of: content), jobs: jobs)
        #expect(found.bytes == content)
        #expect(try found.diffID == digest(of: content))
    }

    #if ISAL
        @Test(arguments: [1, 4]) func `what igzip stored comes back`(jobs: Int) throws {
            let blob = try compressed(Sample.pieces, .gzip(.fastest)).flatMap { $0 }
            #expect(try BlobStore().read(blob, jobs: jobs).bytes == Sample.pieces.flatMap { $0 })
        }
    #endif

    @Test(
        arguments: [
            ("gzip", "gzip -c $0"), ("gzip", "gzip -9c <$0"), ("gzip", "gzip -nc $0"),
            ("gzip", "(head -c 700000 $0 | gzip -n; tail -c +700001 $0 | gzip -1)"),
            ("pigz", "pigz -c -p 3 $0"), ("pigz", "pigz -nc -b 128 <$0"), ("pigz", "pigz -0nc <$0"),
            ("igzip", "igzip -c $0"), ("igzip", "igzip -3 -n -c <$0"),
            (
                "python3",
                """
                python3 -c 'import gzip, sys; d = open(sys.argv[1], "rb").read(); sys.stdout.buffer.write(b"".join(\
                gzip.compress(d[i:i + 99991], mtime=i % 2) for i in range(0, len(d), 99991)))' $0
                """
            ),
            ("zstd", "zstd -qc $0"), ("zstd", "zstd -q19c $0"), ("zstd", "zstd -q --long=27 -c $0"),
            ("zstd", "cat $0 | zstd -qc"), ("zstd", "cat $0 | zstd -qc --no-check -T2 -B512K"),
            (
                "zstd",
                """
                (head -c 70000 $0 | zstd -qc; printf '\\x50\\x2a\\x4d\\x18\\x03\\0\\0\\0abc'; tail -c +70001 $0 >$0.b; \
                zstd -qc $0.b)
                """
            ),
        ], [1, 4])
    func `what others stored comes back`(peer: (program: String, line: String), jobs: Int) throws {
        try Requirement.program(peer.program)
        let scratch = try Scratch()
        // Larger than what a thread may open alone, and with zeros.
        let content =
            Sample.pieces.flatMap { $0 } + Sample.noise(5 << 20, seed: 9) + Sample.pieces.flatMap { $0 }
        try Directory.writeFile(at: scratch["tar"], content)
        let line = peer.line.replacing("$0", with: scratch["tar"].string)
        let blob = try Command(shell: line).succeed().output
        let type: MediaType = peer.program == "zstd" ? .dockerLayerTarZstd : .dockerLayerTarGzip
        let found = try BlobStore().read(blob, as: type, diffID: digest(of: content), jobs: jobs)
        #expect(found.bytes == content)
    }

    @Test(arguments: methods)
    func `a layer may be read in part, and is verified in full`(method: CompressionMethod) throws {
        let store = try BlobStore()
        let blob = try compressed(Sample.pieces, method).flatMap { $0 }
        let slice = try store.store(blob)
        let right = Descriptor(mediaType: type(of: method), digest: try digest(of: blob), size: slice.size)
        let first = try readLayer(slice, right, diffID: nil, jobs: 2, UnpackLimits()) {
            try $0.next()?.first
        }
        #expect(first.value == Sample.pieces[0][0])
        let other = try digest(of: [])
        let content = try digest(of: Sample.pieces.flatMap { $0 })
        #expect(throws: LayerError.diffIDMismatch(expected: other, found: content)) {
            try readLayer(slice, right, diffID: other, jobs: 2, UnpackLimits()) { _ in }
        }
        let wrong = Descriptor(mediaType: type(of: method), digest: other, size: slice.size)
        #expect(throws: LayerError.digestMismatch(expected: other, found: right.digest)) {
            try readLayer(slice, wrong, diffID: nil, jobs: 2, UnpackLimits()) { _ in }
        }
        let short = Descriptor(mediaType: type(of: method), digest: right.digest, size: 7)
        #expect(throws: LayerError.sizeMismatch(expected: 7, found: slice.size)) {
            try readLayer(slice, short, diffID: nil, jobs: 2, UnpackLimits()) { _ in }
        }
    }

    @Test(arguments: methods, [0, 1, 3])
    func `an error of the reader stops everything and is thrown`(method: CompressionMethod, after count: Int)
        throws
    {
        let blob = try compressed(Sample.pieces + Sample.pieces, method).flatMap { $0 }
        let slice = try BlobStore().store(blob)
        let descriptor = Descriptor(
            mediaType: type(of: method), digest: try digest(of: blob), size: slice.size)
        #expect(throws: Refusal.self) {
            try readLayer(slice, descriptor, diffID: nil, jobs: 3, UnpackLimits()) { stream in
                for _ in 0..<count { _ = try stream.next() }
                throw Refusal()
            }
        }
    }

    @Test(
        arguments: [
            (MediaType.layerTar, "tar"), (.layerTarGzip, "gzip"), (.layerTarZstd, "zstd"),
            (.dockerLayerTar, "tar"), (.dockerLayerTarGzip, "gzip"), (.dockerLayerTarZstd, "zstd"),
            (.imageManifest, nil), (.inToto, nil), (.empty, nil),
        ] as [(MediaType, String?)])
    func `a media type names a form`(type: MediaType, form: String?) throws {
        #expect(StoredForm(mediaType: type)?.rawValue == form)
        guard form == nil else { return }
        #expect(throws: LayerError.mediaType(type)) { try BlobStore().read([1], as: type) }
    }

    @Test(
        arguments: ["tar --format=ustar -c", "gzip -c", "zstd -qc", "xz -c", "bzip2 -c"], StoredForm.all)
    func `bytes that contradict the media type are named`(line: String, form: StoredForm) throws {
        let program = line.split(separator: " ")[0]
        guard program != form.rawValue else { return }
        try Requirement.program(String(program))
        let scratch = try Scratch()
        try scratch.write("file", "content")
        let blob = try Command(shell: "cd \(scratch.path) && \(line) file").succeed().output
        #expect(throws: LayerError.storedOtherwise(form, looksLike: String(program))) {
            try BlobStore().read(blob, as: form.mediaType)
        }
    }

    @Test(arguments: StoredForm.all, [[], [0], Array("neither".utf8), [UInt8](repeating: 0, count: 1024)])
    func `bytes that look like nothing are an error of the decompressor`(form: StoredForm, blob: [UInt8])
        throws
    {
        let store = try BlobStore()
        if form == .tar {
            #expect(try store.read(blob, as: form.mediaType).bytes == blob)
        } else {
            #expect(throws: CompressionError.self) { try store.read(blob, as: form.mediaType) }
        }
    }
}

extension StoredForm {
    static let all: [StoredForm] = [.tar, .gzip, .zstd]

    var mediaType: MediaType {
        switch self {
        case .tar: .layerTar
        case .gzip: .layerTarGzip
        case .zstd: .layerTarZstd
        }
    }
}
