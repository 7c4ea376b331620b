import CCurl

/// A way to servers that stays open from one request to the next.
///
/// Each thread has its own. Nothing happens that was not asked for: redirects are not followed, cookies
/// and `.netrc` are not read, and only `http` and `https` are spoken. Proxies are those of the environment
/// (`http_proxy`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`), as libcurl reads it.
///
/// Source: RFC 9110, RFC 9112, RFC 9113; libcurl's easy interface.
public final class Connection {
    private let handle: CurlHandle
    private let settings: ConnectionSettings
    private let interruption: () throws -> Void

    /// - Parameters:
    ///   - settings: What holds for every request.
    ///   - interruption: Asked about once a second, and throws when everything shall stop.
    /// - Throws: ``HTTPError`` of kind ``HTTPError/Kind/configuration`` or ``HTTPError/Kind/failed``.
    public init(_ settings: ConnectionSettings, interruption: @escaping () throws -> Void = {})
        throws(HTTPError)
    {
        guard let handle = CurlHandle() else {
            throw HTTPError(.failed, "open a connection", "libcurl has no memory")
        }
        self.handle = handle
        (self.settings, self.interruption) = (settings, interruption)
        setRules()
        try setTrust()
        Transfer.install(on: self.handle)
    }

    private func setRules() {
        // Options that this libcurl does not know are told by their effects in the tests, not here one by one.
        _ = handle.set(CURLOPT_NOSIGNAL, true)
        _ = handle.set(CURLOPT_PROTOCOLS_STR, "http,https")
        _ = handle.set(CURLOPT_FOLLOWLOCATION, false)
        _ = handle.set(CURLOPT_PATH_AS_IS, true)
        _ = handle.set(CURLOPT_DISALLOW_USERNAME_IN_URL, true)
        _ = handle.set(CURLOPT_HTTP_CONTENT_DECODING, false)
        _ = handle.set(CURLOPT_USERAGENT, settings.userAgent)
        let version = settings.offersHTTP2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1
        _ = handle.set(CURLOPT_HTTP_VERSION, Int(version))
        // What a registry shall know, a proxy shall not.
        _ = handle.set(CURLOPT_HEADEROPT, Int(CURLHEADER_SEPARATE))
        _ = handle.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, true)
        _ = handle.set(CURLOPT_CONNECTTIMEOUT_MS, settings.connectTimeout.milliseconds)
        _ = handle.set(CURLOPT_TCP_KEEPALIVE, true)
        _ = handle.set(CURLOPT_TCP_KEEPIDLE, 30)
        _ = handle.set(CURLOPT_TCP_KEEPINTVL, 15)
        _ = handle.set(CURLOPT_BUFFERSIZE, 256 << 10)
        _ = handle.set(CURLOPT_UPLOAD_BUFFERSIZE, 512 << 10)
        _ = handle.set(CURLOPT_NOPROGRESS, false)
    }

    private func setTrust() throws(HTTPError) {
        func check(_ code: CURLcode, _ what: String) throws(HTTPError) {
            guard code == CURLE_OK else { throw HTTPError(.configuration, what, handle.words(for: code)) }
        }
        try check(handle.set(CURLOPT_SSLVERSION, 6), "require TLS 1.2")  // CURL_SSLVERSION_TLSv1_2
        _ = handle.set(CURLOPT_SSL_VERIFYPEER, settings.verifiesServer)
        _ = handle.set(CURLOPT_SSL_VERIFYHOST, settings.verifiesServer ? 2 : 0)
        let isOwn = settings.systemCertificates.map { !$0.isEmpty } ?? false
        if !settings.additionalCertificates.isEmpty || isOwn {
            guard isOwn || settings.additionalCertificates.contains("-----BEGIN CERTIFICATE-----".utf8) else {
                throw HTTPError(.configuration, "trust a certificate", "the file holds no certificate in PEM")
            }
            // The blob takes the place of libcurl's file, so that the file's content must be part of it.
            let all =
                settings.additionalCertificates + [0x0A]
                + (settings.systemCertificates ?? handle.systemCertificates())
            try check(handle.set(CURLOPT_CAINFO_BLOB, blob: all), "trust a certificate")
        }
        if let client = settings.clientCertificate {
            try check(handle.set(CURLOPT_SSLCERT, path: client.certificate), "use a client certificate")
            try check(handle.set(CURLOPT_SSLKEY, path: client.key), "use a client certificate's key")
        }
    }

    /// Asks, and hands over what is answered.
    ///
    /// - Parameters:
    ///   - request: What is asked, with its body where it is at hand.
    ///   - head: Gets status and headers before the first byte of the body; throwing ends the transfer.
    ///   - receive: Gets the body piece by piece; throwing ends the transfer.
    /// - Returns: Status and headers once more, and how many bytes went.
    /// - Throws: ``HTTPError``, and what the closures throw, as it is.
    @discardableResult
    public func perform(
        _ request: Request, head: (Response) throws -> Void = { _ in },
        receive: (Span<UInt8>) throws -> Void = { _ in }
    ) throws -> Response {
        let body: Transfer.Body = request.body.map { .bytes($0) } ?? .none
        return try perform(request, body, head, receive)
    }

    /// The same with a body that comes as a stream.
    ///
    /// - Parameters:
    ///   - request: What is asked; its own body is not looked at.
    ///   - length: The stream's length in bytes; `nil` where nobody knows it yet.
    ///   - next: Appends the next bytes to an empty array, and nothing at the end. Pieces of some 100 KiB go fastest.
    ///   - head: Gets status and headers, which may come before the stream has ended.
    ///   - receive: Gets the body piece by piece.
    /// - Returns: Status and headers once more, and how many bytes went.
    /// - Throws: ``HTTPError``, and what the closures throw, as it is.
    @discardableResult
    public func perform(
        _ request: Request, streaming length: Int64?, from next: (inout [UInt8]) throws -> Void,
        head: (Response) throws -> Void = { _ in }, receive: (Span<UInt8>) throws -> Void = { _ in }
    ) throws -> Response {
        try withoutActuallyEscaping(next) { next in
            try perform(request, .stream(length: length, next), head, receive)
        }
    }

    private func perform(
        _ request: Request, _ body: Transfer.Body, _ head: (Response) throws -> Void,
        _ receive: (Span<UInt8>) throws -> Void
    ) throws -> Response {
        try withoutActuallyEscaping(head) { head in
            try withoutActuallyEscaping(receive) { receive in
                let transfer = Transfer(
                    request, body, settings, interruption: interruption, head: head, receive: receive)
                return try transfer.perform(on: handle)
            }
        }
    }
}

extension Connection {
    /// Asks, and keeps the answer's body.
    ///
    /// - Parameters:
    ///   - request: What is asked.
    ///   - limit: The most bytes of a body that is kept; a larger one is ``HTTPError/Kind/tooLarge``.
    ///   - head: Gets status and headers before the first byte of the body; throwing ends the transfer.
    /// - Returns: Status and headers, and the body.
    /// - Throws: ``HTTPError``, and what `head` throws.
    public func perform(
        _ request: Request, limit: Int, head: (Response) throws -> Void = { _ in }
    ) throws -> (response: Response, body: [UInt8]) {
        var body: [UInt8] = []
        let response = try perform(request, head: head) { bytes in
            guard body.count + bytes.count <= limit else {
                throw HTTPError(.tooLarge, request, "the answer is larger than \(limit) bytes")
            }
            body.append(contentsOf: bytes)
        }
        return (response, body)
    }
}

extension Duration {
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(clamping: min(seconds, 1 << 31) * 1_000 + attoseconds / 1_000_000_000_000_000)
    }
}

extension [UInt8] {
    /// Appends what a span shows.
    mutating func append(contentsOf bytes: Span<UInt8>) {
        bytes.withUnsafeBufferPointer { append(contentsOf: $0) }
    }

    fileprivate func contains(_ text: String.UTF8View) -> Bool {
        let text = Array(text)
        return indices.contains { self[$0] == text[0] && self[$0...].starts(with: text) }
    }
}
