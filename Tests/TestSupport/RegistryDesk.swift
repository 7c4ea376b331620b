import Cryptography
import Linux
import OCI

/// Who is let in, and how an answer goes out.
struct RegistryDesk {
    let access: FaultyRegistry.Access
    let port: Int

    // MARK: Tokens

    /// Gives out a token, or refuses to.
    func token(
        _ request: RegistryExchange, keep: (String, Int, [String]) -> Void
    ) -> RegistryContent.Reply {
        guard case .token(let user, let password, let uses) = access else { return .error(404, "NOT_FOUND") }
        if let user {
            let pair = Array("\(user):\(password)".utf8)
            let isForm = request.method == "POST"
            let form = String(decoding: request.request.body, as: UTF8.self)
            let isRight =
                isForm
                ? form.contains("refresh_token=\(password)")
                : request.header("Authorization") == "Basic \(Base64.text(of: pair))"
            guard isRight else { return .error(401, "UNAUTHORIZED") }
        }
        let token = "token-\(UInt64.random(in: .min ... .max))"
        var scopes = request.query.filter { $0.name == "scope" }.map(\.value)
        if request.method == "POST" {
            let body = RegistryExchange(
                ReceivedRequest(line: "POST /?\(String(decoding: request.request.body, as: UTF8.self)) x"))
            scopes += body.query.filter { $0.name == "scope" }.map(\.value)
        }
        keep(token, uses, scopes.flatMap { $0.split(separator: " ").map(String.init) })
        let body = #"{"token":"\#(token)","expires_in":300}"#
        return .init(status: 200, fields: [("Content-Type", "application/json")], body: Array(body.utf8))
    }

    /// Whether scopes such as `repository:a:pull,push` hold an action.
    static func covers(_ scopes: [String], _ wanted: (repository: String, action: String)) -> Bool {
        scopes.contains { scope in
            scope.hasPrefix("repository:\(wanted.repository):")
                && scope.split(separator: ":").last?.split(separator: ",").contains { $0 == wanted.action }
                    ?? false
        }
    }

    /// The answer to who may not do what he asks; `nil` where he may.
    func refusal(
        of request: RegistryExchange, _ realm: String?,
        take: (String, (repository: String, action: String)?) -> Bool
    ) -> RegistryContent.Reply? {
        let shown = request.header("Authorization") ?? ""
        var challenge = ""
        switch access {
        case .open: return nil
        case .basic(let user, let password):
            if shown == "Basic \(Base64.text(of: Array("\(user):\(password)".utf8)))" { return nil }
            challenge = "Basic realm=\"test\""
        case .token:
            let wanted = Self.wanted(request)
            if shown.hasPrefix("Bearer "), take(String(shown.dropFirst(7)), wanted) { return nil }
            challenge = "Bearer realm=\"\(realm ?? "http://127.0.0.1:\(port)/token")\",service=\"test\""
            if let wanted { challenge += ",scope=\"repository:\(wanted.repository):\(wanted.action)\"" }
        }
        var reply = RegistryContent.Reply.error(401, "UNAUTHORIZED")
        reply.fields.append(("WWW-Authenticate", challenge))
        return reply
    }

    private static func wanted(_ request: RegistryExchange) -> (repository: String, action: String)? {
        var parts = request.path.split(separator: "/").map(String.init)
        guard parts.count > 2, parts.removeFirst() == "v2",
            let end = parts.lastIndex(where: { ["blobs", "manifests", "tags", "referrers"].contains($0) })
        else { return nil }
        let reads = ["GET", "HEAD"].contains(request.method) && !parts.contains("uploads")
        return (parts[..<end].joined(separator: "/"), reads ? "pull" : "push")
    }

    // MARK: Answers

    /// - Returns: Whether the connection goes on.
    static func send(
        _ reply: inout RegistryContent.Reply, _ request: RegistryExchange, _ fault: RegistryFault.Action?,
        _ connection: ServerConnection
    ) throws -> Bool {
        var length: Int?
        switch fault {
        case .silence?: return false
        case .corrupt(let place)?: if reply.body.indices.contains(place) { reply.body[place] ^= 0xFF }
        case .body(let bytes)?: reply.body = bytes
        case .length(let count)?: length = count
        case .spaces(let count)?: length = count
        case .field(let name, let value)?:
            reply.fields.removeAll { $0.0.lowercased() == name.lowercased() }
            if let value { reply.fields.append((name, value)) }
        default: break
        }
        var head = "HTTP/1.1 \(reply.status) Test\r\n"
        for (name, value) in reply.fields { head += "\(name): \(value)\r\n" }
        if reply.status != 204 { head += "Content-Length: \(length ?? reply.body.count)\r\n" }
        try connection.send(head + "\r\n")
        guard request.method != "HEAD", reply.status != 204 else { return true }
        switch fault {
        case .cut(let count)?:
            try connection.send(Array(reply.body.prefix(count)))
            return false
        case .stallInBody(let count)?:
            try connection.send(Array(reply.body.prefix(count)))
            while connection.skip() {}
            return false
        case .drip(let milliseconds)?:
            for byte in reply.body {
                try connection.send([byte])
                Machine.sleep(milliseconds: milliseconds)
            }
            return true
        case .spaces(let count)?:
            let piece = [UInt8](repeating: 0x20, count: 1 << 16)
            var sent = 0
            while sent < count {
                try connection.send(Array(piece.prefix(count - sent)))
                sent += piece.count
            }
            return true
        default:
            try connection.send(reply.body)
            // A lie about the length spoils what would come next.
            return length == nil
        }
    }
}

extension RegistryExchange {
    /// The same without a field.
    func without(_ name: String) -> RegistryExchange {
        var request = request
        request.headers.removeAll { $0.lowercased().hasPrefix(name.lowercased() + ":") }
        return RegistryExchange(request)
    }
}

extension RegistryContent {
    mutating func truncateUploads(to count: Int) {
        for id in uploads.keys { uploads[id] = uploads[id].map { Array($0.prefix(count)) } }
    }

    mutating func forgetUploads() { uploads = [:] }

    mutating func collect(_ digest: String) {
        for repository in blobs.keys { blobs[repository]?[digest] = nil }
    }
}
