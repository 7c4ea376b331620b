import CCurl
import Glibc

/// Libcurl's easy handle with the options that hold for every request; lets no pointer out of this room.
///
/// Source: libcurl 7.88, curl_easy_setopt(3).
struct CurlHandle: ~Copyable {
    let pointer: UnsafeMutableRawPointer
    private let words = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    /// Once in a process; safe from several threads since 7.84.
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

    /// `nil` without memory.
    init?() {
        guard Self.isReady, let pointer = curl_easy_init() else { return nil }
        self.pointer = pointer
        words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        _ = curl_set_pointer(pointer, CURLOPT_ERRORBUFFER, words)
    }

    deinit {
        curl_easy_cleanup(pointer)
        words.deallocate()
    }

    func set(_ option: CURLoption, _ value: Int) -> CURLcode { curl_set_long(pointer, option, value) }

    func set(_ option: CURLoption, _ value: Bool) -> CURLcode { set(option, value ? 1 : 0) }

    func set(_ option: CURLoption, offset value: Int64) -> CURLcode {
        curl_set_offset(pointer, option, curl_off_t(value))
    }

    /// A text; `nil` for libcurl's own value.
    func set(_ option: CURLoption, _ text: String?) -> CURLcode { curl_set_text(pointer, option, text) }

    /// The bytes of a path.
    func set(_ option: CURLoption, path: [UInt8]) -> CURLcode {
        (path + [0]).withUnsafeBytes {
            curl_set_text(pointer, option, $0.bindMemory(to: CChar.self).baseAddress)
        }
    }

    func set(_ option: CURLoption, blob: [UInt8]) -> CURLcode {
        blob.withUnsafeBytes { curl_set_blob(pointer, option, $0.baseAddress, $0.count) }
    }

    func long(_ key: CURLINFO) -> Int {
        var value = 0
        _ = curl_get_long(pointer, key, &value)
        return value
    }

    func offset(_ key: CURLINFO) -> Int64 {
        var value: curl_off_t = 0
        _ = curl_get_offset(pointer, key, &value)
        return Int64(value)
    }

    func text(_ key: CURLINFO) -> String? {
        var value: UnsafePointer<CChar>?
        _ = curl_get_text(pointer, key, &value)
        return value.map { String(cString: $0) }
    }

    func forgetWords() { words.pointee = 0 }

    /// What libcurl says of a failure: its own words on the occasion, else those for the code.
    func words(for code: CURLcode) -> String {
        let text = words.pointee == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: words)
        // A server's words can be part of it.
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(300).filter { $0.isPrintable }))
    }

    /// The certificates that this libcurl trusts by itself, in PEM; empty where it has no file of them.
    func systemCertificates() -> [UInt8] {
        guard let path = text(CURLINFO_CAINFO), let file = fopen(path, "re") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        let piece = 64 << 10
        while bytes.count < 16 << 20 {
            let chunk = [UInt8](unsafeUninitializedCapacity: piece) { memory, count in
                count = fread(memory.baseAddress, 1, piece, file)
            }
            guard !chunk.isEmpty else { break }
            bytes += chunk
        }
        return bytes
    }
}

extension Unicode.Scalar {
    fileprivate var isPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: false
        default: true
        }
    }
}

/// The library behind this room.
public enum HTTPLibrary {
    /// The certificates in PEM that are trusted here; empty where libcurl has no file of them.
    public static var systemCertificates: [UInt8] {
        guard let handle = CurlHandle() else { return [] }
        return handle.systemCertificates()
    }

    /// The version of libcurl, as it says itself: `7.88.1`.
    public static var version: String {
        String(cString: curl_version_info(CURLVERSION_FIRST).pointee.version)
    }
}
