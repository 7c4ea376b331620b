import Cryptography
import HTTP
import Linux
import OCI
import Registry
import TestSupport

/// A registry on sockets that does what a test wants to go wrong, and the right thing otherwise.
final class ScriptedRegistry: Sendable {
    /// What goes wrong.
    enum Action: Sendable {
        /// This, byte for byte, and nothing else.
        case say(String)
        /// The connection is reset before an answer.
        case drop
        /// So many bytes of the request's body are taken in, and the connection is reset.
        case dropWithin(Int)
        /// The right thing is done, and the connection is reset in place of the answer.
        case dropAnswer
        /// So many bytes of the answer's body go out, and the connection is reset.
        case cut(Int)
        /// The right answer, changed.
        case change(@Sendable (inout Answer) -> Void)
    }

    /// What goes wrong, when, and how often.
    struct Fault: Sendable {
        let method: String
        let path: String
        var times = Int.max
        let action: Action

        /// For requests of a method whose path has a part.
        init(_ method: String, _ path: String, times: Int = .max, _ action: Action) {
            (self.method, self.path, self.times, self.action) = (method, path, times, action)
        }
    }

    struct Answer: Sendable {
        var status = 404
        var headers: [String] = []
        var body: [UInt8] = []
        var length: Int?
    }

    struct State: Sendable {
        var faults: [Fault]
        var blobs: [String: [UInt8]] = [:]
        var manifests: [String: (type: String, bytes: [UInt8])] = [:]
        var uploads: [String: [UInt8]] = [:]
        var nextUpload = 1
        var hasReferrers = false
    }

    let server: LoopbackServer
    let state: Monitor<State>

    init(_ faults: Fault...) throws {
        let state = Monitor(State(faults: faults))
        self.state = state
        server = try LoopbackServer { try Self.serve($0, state) }
    }

    var url: String { "http://127.0.0.1:\(server.port)" }

    /// What was asked, as `METHOD /path`.
    var asked: [String] { server.requests.map { "\($0.method) \($0.target)" } }

    func count(_ beginning: String) -> Int { asked.count { $0.hasPrefix(beginning) } }

    func client(
        _ settings: RegistrySettings = .impatient,
        credential: @escaping @Sendable (String) throws -> Credential = { _ in .anonymous }
    ) throws -> RegistryClient {
        try RegistryClient(RegistrySession(URL(parsing: url).origin, settings, credential: credential))
    }

    private static func serve(_ connection: ServerConnection, _ state: Monitor<State>) throws {
        while var request = try connection.receiveHead() {
            let action = state.update { $0.fault(for: request) }
            switch action {
            case .say(let text)?:
                connection.receiveBody(of: &request)
                try connection.send(text)
                // What is cut shall be seen to be.
                if !text.contains("Content-Length") { return }
            case .drop?:
                connection.receiveBody(of: &request)
                return connection.reset()
            case .dropWithin(let count)?:
                connection.receiveBody(of: &request, atMost: count)
                let partial = request
                state.update { $0.keep(partial) }
                return connection.reset()
            case .dropAnswer?:
                connection.receiveBody(of: &request)
                let whole = request
                _ = state.update { $0.answer(whole) }
                return connection.reset()
            case .cut(let count)?:
                connection.receiveBody(of: &request)
                let whole = request
                let answer = state.update { $0.answer(whole) }
                try connection.send(answer, request, atMost: count)
                return connection.reset()
            case .change(let change)?:
                connection.receiveBody(of: &request)
                let whole = request
                var answer = state.update { $0.answer(whole) }
                change(&answer)
                try connection.send(answer, request)
            case nil:
                connection.receiveBody(of: &request)
                let whole = request
                try connection.send(state.update { $0.answer(whole) }, request)
            }
        }
    }
}

extension ServerConnection {
    fileprivate func send(
        _ answer: ScriptedRegistry.Answer, _ request: ReceivedRequest, atMost limit: Int = .max
    ) throws {
        let lines =
            ["HTTP/1.1 \(answer.status) X", "Content-Length: \(answer.length ?? answer.body.count)"]
            + answer.headers
        let body = request.method == "HEAD" ? [] : Array(answer.body.prefix(limit))
        try send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
    }
}

extension ScriptedRegistry.State {
    fileprivate mutating func fault(for request: ReceivedRequest) -> ScriptedRegistry.Action? {
        let place = faults.firstIndex {
            $0.times > 0 && $0.method == request.method && request.target.contains($0.path)
        }
        guard let place else { return nil }
        faults[place].times -= 1
        return faults[place].action
    }

    /// Takes in what came of an upload.
    fileprivate mutating func keep(_ request: ReceivedRequest) {
        let id = Self.upload(request)
        guard let upload = uploads[id], request.target.contains("s=\(upload.count)") else { return }
        uploads[id] = upload + request.body
    }

    private static func upload(_ request: ReceivedRequest) -> String {
        String(request.target.split(separator: "?")[0].split(separator: "/").last ?? "")
    }

    fileprivate mutating func answer(_ request: ReceivedRequest) -> ScriptedRegistry.Answer {
        let path = request.target.split(separator: "?")[0]
        let name = String(path.split(separator: "/").last ?? "")
        if path.hasSuffix("/v2/") { return .init(status: 200) }
        if path.contains("/blobs/uploads") { return answerUpload(request) }
        if path.contains("/blobs/") { return answerBlob(request, name) }
        if path.contains("/manifests/") { return answerManifest(request, name) }
        return .init()
    }

    private func answerBlob(_ request: ReceivedRequest, _ name: String) -> ScriptedRegistry.Answer {
        guard let blob = blobs[name] else { return .init() }
        guard let range = request.header("Range"), let first = Int(range.dropFirst(6).dropLast()) else {
            return .init(status: 200, body: blob)
        }
        return .init(
            status: 206, headers: ["Content-Range: bytes \(first)-\(blob.count - 1)/\(blob.count)"],
            body: Array(blob[first...]))
    }

    private mutating func answerManifest(_ request: ReceivedRequest, _ name: String)
        -> ScriptedRegistry.Answer
    {
        if request.method == "PUT" {
            manifests[name] = (request.header("Content-Type") ?? "", request.body)
            return .init(status: 201)
        }
        guard let manifest = manifests[name] else { return .init() }
        return .init(status: 200, headers: ["Content-Type: \(manifest.type)"], body: manifest.bytes)
    }

    private mutating func answerUpload(_ request: ReceivedRequest) -> ScriptedRegistry.Answer {
        let id = Self.upload(request)
        if request.method == "POST" {
            let id = "u\(nextUpload)"
            nextUpload += 1
            uploads[id] = []
            return .init(status: 202, headers: ["Location: /v2/a/blobs/uploads/\(id)?s=0"])
        }
        guard var upload = uploads[id] else {
            return .init(status: 404, body: Array(#"{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]}"#.utf8))
        }
        let range = { (upload: [UInt8]) in
            ["Location: \(id)?s=\(upload.count)", "Range: 0-\(max(upload.count - 1, 0))"]
        }
        if request.method == "GET" { return .init(status: 204, headers: range(upload)) }
        if request.method == "DELETE" {
            uploads[id] = nil
            return .init(status: 204)
        }
        // The place says how much there was, and so does the range.
        let start = request.header("Content-Range").flatMap { Int($0.split(separator: "-")[0]) }
        guard request.target.contains("s=\(upload.count)"), start == nil || start == upload.count else {
            return .init(status: 416, headers: range(upload))
        }
        upload += request.body
        uploads[id] = upload
        if request.method == "PATCH" { return .init(status: 202, headers: range(upload)) }
        let digest = request.target.split(separator: "digest=").last?.replacing("%3A", with: ":") ?? ""
        guard var sha256 = try? SHA256() else { return .init(status: 500) }
        sha256.update(upload.span)
        guard "\(Digest(sha256: sha256.finish()))" == digest else {
            return .init(
                status: 400, body: Array(#"{"errors":[{"code":"DIGEST_INVALID","message":"no"}]}"#.utf8))
        }
        uploads[id] = nil
        blobs[String(digest)] = upload
        return .init(status: 201)
    }
}
