package import HTTP

/// What is asked of a registry, as often as it takes: through redirects, refusals and failures.
struct Ask {
    /// A body that can be sent more than once: appends the next bytes from an offset, and nothing at the end.
    struct Stream {
        let length: Int64
        let read: (_ offset: Int64, _ piece: inout [UInt8]) throws -> Void
    }

    var method: Request.Method
    var url: URL
    /// What a token must allow.
    var scopes: [Scope]
    var headers = Headers()
    var body: [UInt8]?
    var stream: Stream?
    /// The most bytes of a success's body that are kept.
    var limit = 0
    var answerTimeout: Duration?

    init(_ method: Request.Method, _ url: URL, _ scopes: [Scope]) {
        (self.method, self.url, self.scopes) = (method, url, scopes)
    }
}

/// What a registry answered.
struct Answer {
    let method: Request.Method
    /// Where the answer came from, redirects followed.
    let url: URL
    let response: Response
    /// The body; of one that is no success, the beginning.
    var body: [UInt8] = []

    var status: Int { response.status }

    /// The error that it is, where it is none of what was hoped for.
    var refusal: RegistryError {
        RegistryError(method, url, .refused(status: status, ErrorBody(parsing: body)))
    }

    func malformed(_ why: String) -> RegistryError { RegistryError(method, url, .malformed(why)) }

    /// Whether the same request may succeed later.
    var isTransient: Bool { response.isTransient }
}

extension Response {
    /// Whether the same request may succeed later.
    package var isTransient: Bool { [408, 425, 429, 500, 502, 503, 504].contains(status) }
}
