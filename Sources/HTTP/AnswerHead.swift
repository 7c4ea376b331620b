/// The head of the answer, read line by line.
///
/// Source: RFC 9112, sections 4 and 5.
struct AnswerHead {
    /// The most bytes of all heads of one request, those of status 1xx and trailers included.
    static let limit = 128 << 10
    /// The most fields of a head.
    static let fieldLimit = 500

    /// The answer, once its head was read.
    private(set) var response: Response?

    private let request: Request
    private let report: (Response) throws -> Void
    private var pending: Response?
    private var bytes = 0

    init(_ request: Request, _ report: @escaping (Response) throws -> Void) {
        (self.request, self.report) = (request, report)
    }

    /// Reads a line with its end.
    mutating func take(_ line: UnsafeRawBufferPointer) throws {
        bytes += line.count
        guard bytes <= Self.limit else {
            throw HTTPError(.tooLarge, request, "the answer's headers are larger than \(Self.limit) bytes")
        }
        guard response == nil else { return }  // trailers
        let text = String(decoding: line, as: UTF8.self).trimmingLine
        if text.isEmpty {
            try finish()
        } else if pending == nil {
            pending = Response(statusLine: text)
            guard pending != nil else {
                throw HTTPError(.malformed, request, "the status line is none of HTTP's")
            }
        } else {
            try takeField(text)
        }
    }

    private mutating func takeField(_ text: Substring) throws {
        // Libcurl joins what older servers fold, and refuses what has no colon.
        guard let colon = text.firstIndex(of: ":") else { return }
        guard let count = pending?.headers.fields.count, count < Self.fieldLimit else {
            throw HTTPError(.tooLarge, request, "the answer has more than \(Self.fieldLimit) headers")
        }
        pending?.headers.add(
            String(text[..<colon].trimmingSpace), String(text[text.index(after: colon)...].trimmingSpace))
    }

    private mutating func finish() throws {
        guard let head = pending else { return }
        pending = nil
        // 100 and its like come before the answer, and may come often.
        guard !(100...199).contains(head.status) else { return }
        let lengths = head.headers.all("Content-Length")
        guard Set(lengths).count <= 1 else {
            throw HTTPError(.malformed, request, "the answer has two different lengths")
        }
        response = head
        try report(head)
    }
}

extension Response {
    /// Reads `HTTP/1.1 200 OK`; the words are optional.
    fileprivate init?(statusLine: Substring) {
        let words = statusLine.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[1].utf8.count == 3, let status = Int(words[1]), status >= 100 else {
            return nil
        }
        let version = words[0] == "HTTP/2.0" ? .http2 : Version(rawValue: String(words[0]))
        guard let version else { return nil }
        self.init(status: status, version: version)
    }
}

extension StringProtocol {
    /// Without the line's end.
    fileprivate var trimmingLine: Substring {
        Substring(self).unicodeScalars.trimming { $0 == "\r" || $0 == "\n" }
    }
    /// Without white space at its ends.
    fileprivate var trimmingSpace: Substring {
        Substring(self).unicodeScalars.trimming { $0 == " " || $0 == "\t" || $0 == "\r" }
    }
}

extension Substring.UnicodeScalarView {
    fileprivate func trimming(_ isDropped: (Unicode.Scalar) -> Bool) -> Substring {
        var rest = drop(while: isDropped)
        while let last = rest.last, isDropped(last) { rest.removeLast() }
        return Substring(rest)
    }
}
