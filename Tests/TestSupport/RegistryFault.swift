/// What a ``FaultyRegistry`` does wrong, and when.
public struct RegistryFault: Sendable {
    /// What goes wrong.
    public enum Action: Sendable {
        /// Nothing is done, and this is the answer.
        case answer(Int, [(String, String)] = [], String = "")
        /// Nothing is done, and the connection ends.
        case close
        /// Nothing is done, and the connection is reset.
        case reset
        /// So many bytes of the request's body are read, then the connection is reset.
        case resetInBody(Int)
        /// Nothing is answered until the client leaves.
        case stall
        /// Another host is to be asked, or another path.
        case redirect(String, status: Int = 307)
        /// All is done, and nothing answered.
        case silence
        /// The answer's body ends behind so many bytes, short of its announced end.
        case cut(Int)
        /// So many bytes of the answer's body come, then none until the client leaves.
        case stallInBody(Int)
        /// The answer's body comes a byte at a time, with so many milliseconds between.
        case drip(milliseconds: UInt32)
        /// One byte of the answer's body is another one.
        case corrupt(Int)
        /// The answer's body is another one, and its length that of the other one.
        case body([UInt8])
        /// The answer's body is so many spaces.
        case spaces(Int)
        /// The answer's length is a lie.
        case length(Int)
        /// A field of the answer is another one, or `nil`, missing.
        case field(String, String?)
        /// The status is another one; all is done.
        case status(Int)
        /// The request's range is not seen.
        case ignoreRange
        /// Of the upload's bytes only so many are kept, before the request is looked at.
        case jumpBack(Int)
        /// The upload is forgotten, before the request is looked at.
        case forgetUpload
        /// The blob of this digest is collected, before the request is looked at.
        case collect(String)
    }

    let method: String
    let path: String
    let times: ClosedRange<Int>
    let action: Action

    /// - Parameters:
    ///   - method: Such as `GET`; `*` for any.
    ///   - path: What the target must hold, such as `/blobs/uploads/`; a `$` at its end stands for the end of the path.
    ///   - times: Which of the requests that fit, counted from 1.
    ///   - action: What goes wrong.
    public init(_ method: String, _ path: String, _ times: ClosedRange<Int> = 1...1, _ action: Action) {
        (self.method, self.path, self.times, self.action) = (method, path, times, action)
    }

    /// At every time.
    public static func always(_ method: String, _ path: String, _ action: Action) -> RegistryFault {
        RegistryFault(method, path, 1...Int.max, action)
    }

    func fits(_ request: RegistryExchange) -> Bool {
        guard method == "*" || method == request.method else { return false }
        return path.hasSuffix("$")
            ? request.path.hasSuffix(path.dropLast()) : request.target.contains(path)
    }
}

/// A request that a ``FaultyRegistry`` got, and what it answered.
public struct RegistryExchange: Sendable, CustomStringConvertible {
    /// Such as `GET`.
    public let method: String
    /// Path and query as they came.
    public let target: String
    /// The fields of the request.
    public let request: ReceivedRequest
    /// The status of the answer; 0 without one.
    public internal(set) var status = 0

    init(_ request: ReceivedRequest) {
        let words = request.line.split(separator: " ")
        method = words.first.map(String.init) ?? ""
        target = words.count > 1 ? String(words[1]) : ""
        self.request = request
    }

    /// The target without its query.
    public var path: String { String(target.prefix { $0 != "?" }) }

    /// The parameters of the query, percent signs resolved.
    public var query: [(name: String, value: String)] {
        target.drop { $0 != "?" }.dropFirst().split(separator: "&").map { pair in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (Self.plain(sides[0]), sides.count == 2 ? Self.plain(sides[1]) : "")
        }
    }

    /// The first value of a parameter.
    public func parameter(_ name: String) -> String? { query.first { $0.name == name }?.value }

    /// A field of the request.
    public func header(_ name: String) -> String? { request.header(name) }

    /// Method, target and status.
    public var description: String { "\(method) \(target) \(status)" }

    private static func plain(_ text: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let code = rest.prefix(2)
            if byte == 0x25, let value = UInt8(String(decoding: code, as: UTF8.self), radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == 0x2B ? 0x20 : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
