import CCurl

extension HTTPError {
    /// An error before there was a request.
    init(_ kind: Kind, _ what: String, _ reason: String) {
        (self.kind, request, self.reason) = (kind, "cannot \(what)", reason)
    }

    /// What libcurl ended a transfer with.
    ///
    /// Source: libcurl 7.88, libcurl-errors(3).
    init(_ code: CURLcode, _ request: Request, _ handle: borrowing CurlHandle) {
        let words = handle.words(for: code)
        self.init(
            Self.kind(of: code, hasSystemError: handle.long(CURLINFO_OS_ERRNO) != 0, words), request, words)
    }

    private static func kind(of code: CURLcode, hasSystemError: Bool, _ words: String) -> Kind {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST: .unresolved
        case CURLE_COULDNT_CONNECT: .unreachable
        // The one time that libcurl watches itself; the others are TransferClock's.
        case CURLE_OPERATION_TIMEDOUT: .connectTimedOut
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_ISSUER_ERROR: .untrusted
        // A connection that is reset within the handshake is a broken one.
        case CURLE_SSL_CONNECT_ERROR
        where words.contains("reset by peer") || words.contains("SSL_ERROR_SYSCALL"):
            .broken
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_SSL_CLIENTCERT: .tls
        case CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE: .configuration
        case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY: .proxy
        case CURLE_RECV_ERROR where words.contains("CONNECT tunnel") || words.contains("from proxy"): .proxy
        case CURLE_PARTIAL_FILE: .cutShort
        case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_HTTP2, CURLE_HTTP2_STREAM,
            CURLE_SEND_FAIL_REWIND:
            .broken
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING: .malformed
        case CURLE_URL_MALFORMAT: .invalidRequest
        default: .failed
        }
    }
}
