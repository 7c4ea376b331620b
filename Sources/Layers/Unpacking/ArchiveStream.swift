import Compression
public import Linux
public import SystemPackage
import Tar

/// Bytes that may be a tar archive, compressed or not: what they are shows in themselves, never in a name.
///
///     let stream = try ArchiveStream(of: file)
///     if stream.form != nil { try unpackTree(from: stream, into: directory) }
///
/// Checksums are verified where the format has them, and behind the end of what
/// is compressed nothing more may come. For one thread at a time.
public final class ArchiveStream {
    /// How the archive is compressed, or `nil` where the bytes are none: ``next()`` then gives them as they are.
    public let form: ArchiveForm?
    /// Where the bytes come from, for messages.
    public let path: FilePath
    private let source: RewindingSource
    private let limits: UnpackLimits
    private var open: () throws -> [UInt8]?
    private var count: Int64 = 0

    /// The most bytes of a file that are looked at: more than a bzip2 block, before whose end nothing comes out.
    private static let reach = 4 << 20

    /// Looks at the beginning of a stream.
    ///
    /// - Parameters:
    ///   - path: Where the bytes come from, for messages.
    ///   - limits: How much may come out.
    ///   - read: Gives the next bytes, and `nil` at the end.
    /// - Throws: What `read` throws.
    public init(
        _ path: FilePath, _ limits: UnpackLimits = UnpackLimits(), read: @escaping () throws -> [UInt8]?
    ) throws {
        let source = RewindingSource(read)
        (self.source, self.path, self.limits) = (source, path, limits)
        form = try Self.form(of: source, limits)
        source.rewind()
        open = source.next
        if let form { open = try Self.opening(form, limits, source.next) }
    }

    /// Looks at the beginning of a file, which may be a pipe or a terminal.
    ///
    /// - Throws: `FileError`, `Interruption`.
    public convenience init(of file: consuming File, _ limits: UnpackLimits = UnpackLimits()) throws {
        let input = FileInput(file)
        try self.init(input.file.path, limits, read: input.next)
    }

    /// The next bytes of the tar, never none; of what is no archive its own.
    ///
    /// - Throws: ``LayerError/source(_:_:)`` for bytes that cannot be opened to their end, ``LayerError`` for too many
    ///   of them, and what the source throws.
    /// - Returns: `nil` at the end.
    public func next() throws -> [UInt8]? {
        do {
            guard let bytes = try open() else { return nil }
            count += Int64(bytes.count)
            try limits.check(bytes: count, ofBlob: source.count)
            return bytes
        } catch let error as CompressionError {
            throw LayerError.source(path, "\(error)")
        } catch let error as TarError {
            throw LayerError.source(path, "\(error)")
        }
    }

    /// A reader of the tar's members.
    func reader() throws -> TarReader {
        guard form != nil else { throw LayerError.source(path, "it is no tar archive that can be unpacked") }
        return try TarReader { try self.next() }
    }

    private static func form(of source: RewindingSource, _ limits: UnpackLimits) throws -> ArchiveForm? {
        let beginning = try Self.beginning(source.next)
        if ArchiveForm.isHeader(beginning) { return .plain }
        guard let form = ArchiveForm(compressionOf: beginning) else { return nil }
        source.rewind(keeping: true)
        do {
            let open = try opening(form, limits) { source.count < reach ? try source.next() : nil }
            return ArchiveForm.isHeader(try Self.beginning(open)) ? form : nil
        } catch is CompressionError {
            return nil
        } catch is TarError {
            return nil
        }
    }

    /// The first 512 bytes or a few more.
    private static func beginning(_ read: () throws -> [UInt8]?) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < 512, let more = try read() { bytes += more }
        return bytes
    }

    private static func opening(
        _ form: ArchiveForm, _ limits: UnpackLimits, _ read: @escaping () throws -> [UInt8]?
    ) throws -> () throws -> [UInt8]? {
        switch form {
        case .plain: return read
        case .gzip: return PulledStream(try GzipStream(), read).next
        case .zstd: return PulledStream(try ZstdStream(windowLog: limits.zstdWindowLog), read).next
        case .bzip2: return PulledFilter(try FilteredStream(.bzip2, read: read)).next
        case .xz: return PulledFilter(try FilteredStream(.xz, read: read)).next
        }
    }
}

/// A source whose first bytes can be read twice.
private final class RewindingSource {
    private let read: () throws -> [UInt8]?
    private var kept: [[UInt8]] = []
    private var place = 0
    private var isKeeping = true
    /// Bytes that were given since the last beginning.
    private(set) var count: Int64 = 0

    init(_ read: @escaping () throws -> [UInt8]?) { self.read = read }

    func rewind(keeping: Bool = false) { (place, isKeeping, count) = (0, keeping, 0) }

    func next() throws -> [UInt8]? {
        guard let chunk = try place < kept.count ? kept[place] : read() else { return nil }
        count += Int64(chunk.count)
        if place < kept.count {
            if !isKeeping { kept[place] = [] }
            place += 1
        } else if isKeeping {
            kept.append(chunk)
            place += 1
        }
        return chunk
    }
}

/// A file in a place where closures find it.
private final class FileInput {
    let file: File

    init(_ file: consuming File) { self.file = file }

    func next() throws -> [UInt8]? { try file.nextChunk() }
}

/// A decompressor that asks for what it needs.
private final class PulledStream<Stream: DecompressionStream & ~Copyable> {
    private var stream: Stream
    private let read: () throws -> [UInt8]?
    private var chunk: [UInt8] = []
    private var position = 0

    init(_ stream: consuming Stream, _ read: @escaping () throws -> [UInt8]?) {
        self.stream = stream
        self.read = read
    }

    func next() throws -> [UInt8]? {
        while true {
            let input = chunk
            let piece = try stream.decompress(input.span, from: &position)
            if !piece.isEmpty { return piece }
            guard let more = try read() else {
                try stream.finish()
                return nil
            }
            (chunk, position) = (more, 0)
        }
    }
}

/// A filter in a place where closures find it.
private final class PulledFilter {
    private var stream: FilteredStream

    init(_ stream: consuming FilteredStream) { self.stream = stream }

    func next() throws -> [UInt8]? { try stream.next() }
}
