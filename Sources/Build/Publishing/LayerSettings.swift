import Compression
import Linux
import OCI

/// How layers are stored; texts as the user wrote them.
public struct LayerSettings: Sendable {
    /// `gzip`, `zstd` or `none`.
    public var compression = "gzip"
    /// A number, or `fastest`; `nil` for the default.
    public var compressionLevel: String?
    /// Threads that compress; `nil` for as many as the machine gives, 16 at most.
    public var jobs: Int?
    /// The latest time of a file, in seconds since 1970; `nil` for `SOURCE_DATE_EPOCH`.
    public var sourceDateEpoch: String?

    /// The defaults.
    public init() {}

    /// - Throws: ``BuildError/usage(_:_:)``.
    func method() throws -> CompressionMethod {
        do {
            return try CompressionMethod(name: compression, level: compressionLevel)
        } catch {
            throw BuildError.usage("--compression", error.reason)
        }
    }

    /// Threads that compress, or decompress.
    ///
    /// - Throws: ``BuildError/usage(_:_:)``.
    static func jobs(_ wish: Int?) throws -> Int {
        guard let wish else { return min(Machine.processors, 16) }
        guard (1...64).contains(wish) else { throw BuildError.usage("--jobs", "give 1 to 64") }
        return wish
    }

    /// The latest time of a file, in seconds since 1970; `variables` is varve's own environment.
    ///
    /// - Throws: ``BuildError/usage(_:_:)``.
    func latestTime(_ variables: [String: String]) throws -> Int64? {
        let (flag, text) =
            sourceDateEpoch.map { ("--source-date-epoch", $0) }
            ?? ("SOURCE_DATE_EPOCH", variables["SOURCE_DATE_EPOCH"] ?? "")
        if text.isEmpty, sourceDateEpoch == nil { return nil }
        guard let seconds = Int64(text), seconds >= 0, Timestamp(seconds: seconds) != nil else {
            throw BuildError.usage(flag, "\(text) is no number of seconds since 1970")
        }
        return seconds
    }
}

/// When an image says that it was made.
enum CreationTime {
    case newestFile
    case at(Timestamp)

    /// - Throws: ``BuildError/usage(_:_:)``.
    init(_ text: String?) throws {
        guard let text else {
            self = .newestFile
            return
        }
        let time =
            text == "now"
            ? Timestamp(seconds: Machine.now.seconds)
            : Int64(text).flatMap { Timestamp(seconds: $0) } ?? (try? Timestamp(parsing: text))
        guard let time else {
            throw BuildError.usage(
                "--created", "\(text) is no time; write now, 2026-01-31T12:00:00Z or seconds since 1970")
        }
        self = .at(time)
    }

    /// The time of an image whose newest file has a time; one is never older than what it was made of.
    ///
    /// - Parameters:
    ///   - newestFile: In seconds since 1970.
    ///   - base: When the image's base was made.
    ///   - latest: The time that counts where nobody says another one, whatever the files have: in seconds since 1970.
    /// - Throws: ``BuildError/timeOutOfRange(_:)``.
    /// - Returns: The image's time.
    func time(newestFile: Int64, base: Timestamp?, latest: Int64? = nil) throws -> Timestamp {
        if case .newestFile = self, let latest, let time = Timestamp(seconds: latest) { return time }
        let own: Timestamp
        switch self {
        case .at(let time): own = time
        case .newestFile:
            guard let time = Timestamp(seconds: newestFile) else {
                throw BuildError.timeOutOfRange(newestFile)
            }
            own = time
        }
        return max(own, base ?? own)
    }
}
