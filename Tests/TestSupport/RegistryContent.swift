import Cryptography
import OCI

/// What a registry in memory holds, and what it answers: OCI distribution-spec v1.1 without a fault.
public struct RegistryContent: Sendable {
    /// An answer before it is sent.
    struct Reply {
        var status: Int
        var fields: [(String, String)] = []
        var body: [UInt8] = []

        /// An error of the specification.
        static func error(_ status: Int, _ code: String) -> Reply {
            let body = #"{"errors":[{"code":"\#(code)","message":"\#(code.lowercased()) by the test"}]}"#
            return Reply(
                status: status, fields: [("Content-Type", "application/json")], body: Array(body.utf8))
        }
    }

    /// A manifest as it was stored.
    public struct StoredManifest: Sendable {
        /// Its bytes.
        public let bytes: [UInt8]
        /// The `Content-Type` that it came with.
        public let mediaType: String
    }

    /// Blobs by repository and digest.
    public var blobs: [String: [String: [UInt8]]] = [:]
    /// Manifests by repository and digest.
    public var manifests: [String: [String: StoredManifest]] = [:]
    /// Digests by repository and tag.
    public var tags: [String: [String: String]] = [:]
    /// Tags that pointed at something incomplete when they were set: `repository:tag: what is missing`.
    public private(set) var incompleteTags: [String] = []

    /// Whether a manifest of which something is missing is refused, as most registries do.
    public var refusesIncomplete = true
    /// Whether there is the API of referrers.
    public var hasReferrers = true
    /// Whether blobs of other repositories are taken over.
    public var mounts = true
    /// Whether answers name digests.
    public var namesDigests = true
    /// What stands before the path in `Location`: empty, or a scheme and a host.
    public var locationPrefix = ""
    /// The query of an upload's `Location`.
    public var locationQuery = "?_state=abc%2B1"

    var uploads: [String: [UInt8]] = [:]
    private var lastUpload = 0

    /// Nothing.
    public init() {}

    /// The digest of bytes.
    public static func digest(_ bytes: [UInt8]) throws -> String {
        var hash = try SHA256()
        hash.update(bytes.span)
        return Digest(sha256: hash.finish()).description
    }

    /// Stores a blob.
    @discardableResult
    public mutating func add(_ bytes: [UInt8], to repository: String) throws -> String {
        let digest = try Self.digest(bytes)
        blobs[repository, default: [:]][digest] = bytes
        return digest
    }

    /// Stores a manifest, under a tag too if one is given.
    @discardableResult
    public mutating func addManifest(
        _ bytes: [UInt8], _ mediaType: String, to repository: String, tag: String? = nil
    ) throws -> String {
        let digest = try Self.digest(bytes)
        manifests[repository, default: [:]][digest] = StoredManifest(bytes: bytes, mediaType: mediaType)
        if let tag { tags[repository, default: [:]][tag] = digest }
        return digest
    }

    // MARK: Requests

    mutating func reply(to request: RegistryExchange) throws -> Reply {
        let parts = request.path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 3, parts[1] == "v2" else { return .error(404, "NOT_FOUND") }
        if parts == ["", "v2", ""] { return Reply(status: 200, body: Array("{}".utf8)) }
        let rest = Array(parts.dropFirst(2))
        func repository(_ trailing: Int) -> String { rest.dropLast(trailing).joined(separator: "/") }
        switch rest.count {
        case 4... where rest[rest.count - 3] == "blobs" && rest[rest.count - 2] == "uploads":
            let id = rest[rest.count - 1]
            return id.isEmpty
                ? try begin(repository(3), request) : try upload(repository(3), id, request)
        case 3... where rest[rest.count - 2] == "blobs":
            return blob(repository(2), rest[rest.count - 1], request)
        case 3... where rest[rest.count - 2] == "manifests":
            return try manifest(repository(2), rest[rest.count - 1], request)
        case 3... where rest[rest.count - 2] == "tags" && rest.last == "list":
            return tagList(repository(2), request)
        case 3... where rest[rest.count - 2] == "referrers":
            return referrers(repository(2), rest[rest.count - 1])
        default: return .error(404, "NAME_UNKNOWN")
        }
    }

    private func blob(_ repository: String, _ digest: String, _ request: RegistryExchange) -> Reply {
        guard let bytes = blobs[repository]?[digest] else { return .error(404, "BLOB_UNKNOWN") }
        var fields = [("Content-Type", "application/octet-stream"), ("Accept-Ranges", "bytes")]
        if namesDigests { fields.append(("Docker-Content-Digest", digest)) }
        guard let range = request.header("Range"), range.hasPrefix("bytes=") else {
            return Reply(status: 200, fields: fields, body: bytes)
        }
        let ends = range.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = Int(ends[0]), first < bytes.count else {
            return Reply(status: 416, fields: [("Content-Range", "bytes */\(bytes.count)")])
        }
        let last = min(Int(ends[1]) ?? bytes.count - 1, bytes.count - 1)
        fields.append(("Content-Range", "bytes \(first)-\(last)/\(bytes.count)"))
        return Reply(status: 206, fields: fields, body: Array(bytes[first...last]))
    }

    private mutating func begin(_ repository: String, _ request: RegistryExchange) throws -> Reply {
        guard request.method == "POST" else { return .error(405, "UNSUPPORTED") }
        if let digest = request.parameter("mount"), mounts, let from = request.parameter("from"),
            let bytes = blobs[from]?[digest]
        {
            blobs[repository, default: [:]][digest] = bytes
            return created(repository, digest)
        }
        lastUpload += 1
        let id = "upload-\(lastUpload)"
        uploads[id] = []
        return position(repository, id, status: 202)
    }

    private func position(_ repository: String, _ id: String, status: Int) -> Reply {
        let count = uploads[id]?.count ?? 0
        return Reply(
            status: status,
            fields: [
                ("Location", "\(locationPrefix)/v2/\(repository)/blobs/uploads/\(id)\(locationQuery)"),
                ("Range", "0-\(max(count - 1, 0))"), ("Docker-Upload-UUID", id),
            ])
    }

    private func created(_ repository: String, _ digest: String) -> Reply {
        let digestField = namesDigests ? [("Docker-Content-Digest", digest)] : []
        return Reply(
            status: 201,
            fields: [("Location", "\(locationPrefix)/v2/\(repository)/blobs/\(digest)")] + digestField)
    }

    private mutating func upload(
        _ repository: String, _ id: String, _ request: RegistryExchange
    ) throws -> Reply {
        guard let bytes = uploads[id] else { return .error(404, "BLOB_UPLOAD_UNKNOWN") }
        // A client that does not use the newest place loses the query.
        guard "?\(request.target.drop { $0 != "?" }.dropFirst())".hasPrefix(locationQuery) else {
            return .error(400, "BLOB_UPLOAD_INVALID")
        }
        switch request.method {
        case "GET": return position(repository, id, status: 204)
        case "DELETE":
            uploads[id] = nil
            return Reply(status: 204)
        case "PATCH", "PUT":
            if let range = request.header("Content-Range") {
                let first = range.split(separator: "-").first.flatMap { Int($0) }
                guard first == bytes.count else {
                    var refusal = position(repository, id, status: 416)
                    refusal.body = []
                    return refusal
                }
            }
            let all = bytes + request.request.body
            uploads[id] = all
            guard request.method == "PUT" else { return position(repository, id, status: 202) }
            guard let digest = request.parameter("digest"), try Self.digest(all) == digest else {
                return .error(400, "DIGEST_INVALID")
            }
            uploads[id] = nil
            blobs[repository, default: [:]][digest] = all
            return created(repository, digest)
        default: return .error(405, "UNSUPPORTED")
        }
    }

    // MARK: Manifests

    private mutating func manifest(
        _ repository: String, _ name: String, _ request: RegistryExchange
    ) throws -> Reply {
        if request.method == "PUT" { return try store(repository, name, request) }
        let digest = tags[repository]?[name] ?? name
        guard let manifest = manifests[repository]?[digest] else { return .error(404, "MANIFEST_UNKNOWN") }
        if request.method == "DELETE" {
            if tags[repository]?[name] != nil {
                tags[repository]?[name] = nil
            } else {
                manifests[repository]?[digest] = nil
            }
            return Reply(status: 202)
        }
        let digestField = namesDigests ? [("Docker-Content-Digest", digest)] : []
        return Reply(
            status: 200, fields: [("Content-Type", manifest.mediaType)] + digestField, body: manifest.bytes)
    }

    private mutating func store(
        _ repository: String, _ name: String, _ request: RegistryExchange
    ) throws -> Reply {
        let bytes = request.request.body
        let digest = try Self.digest(bytes)
        guard let json = try? JSONValue(parsing: bytes) else { return .error(400, "MANIFEST_INVALID") }
        let isDigest = name.hasPrefix("sha256:")
        guard !isDigest || name == digest else { return .error(400, "DIGEST_INVALID") }
        let missing = missing(of: json, in: repository)
        if let first = missing.first {
            guard !refusesIncomplete else { return .error(404, "MANIFEST_BLOB_UNKNOWN") }
            if !isDigest { incompleteTags.append("\(repository):\(name): \(first)") }
        }
        let mediaType = request.header("Content-Type") ?? json["mediaType"]?.string ?? ""
        manifests[repository, default: [:]][digest] = StoredManifest(bytes: bytes, mediaType: mediaType)
        if !isDigest { tags[repository, default: [:]][name] = digest }
        var reply = Reply(
            status: 201, fields: [("Location", "\(locationPrefix)/v2/\(repository)/manifests/\(digest)")])
        if namesDigests { reply.fields.append(("Docker-Content-Digest", digest)) }
        if hasReferrers, let subject = json["subject"]?["digest"]?.string {
            reply.fields.append(("OCI-Subject", subject))
        }
        return reply
    }

    /// What a manifest or an index names and the repository does not have.
    private func missing(of json: JSONValue, in repository: String) -> [String] {
        let ofBlobs = [json["config"]].compactMap { $0 } + (json["layers"]?.array ?? [])
        let lost = ofBlobs.compactMap { $0["digest"]?.string }.filter { blobs[repository]?[$0] == nil }
        let children = (json["manifests"]?.array ?? []).compactMap { $0["digest"]?.string }
        return lost + children.filter { manifests[repository]?[$0] == nil }
    }

    private func tagList(_ repository: String, _ request: RegistryExchange) -> Reply {
        guard let known = tags[repository] else { return .error(404, "NAME_UNKNOWN") }
        var names = known.keys.sorted()
        if let last = request.parameter("last") { names.removeAll { $0 <= last } }
        var fields = [("Content-Type", "application/json")]
        if let count = request.parameter("n").flatMap({ Int($0) }), count < names.count {
            names = Array(names.prefix(count))
            let next = "/v2/\(repository)/tags/list?n=\(count)&last=\(names.last ?? "")"
            fields.append(("Link", "<\(locationPrefix)\(next)>; rel=\"next\""))
        }
        let body: JSONValue = ["name": .string(repository), "tags": .array(names.map { .string($0) })]
        return Reply(status: 200, fields: fields, body: body.serialized())
    }

    private func referrers(_ repository: String, _ digest: String) -> Reply {
        guard hasReferrers else { return .error(404, "UNSUPPORTED") }
        var found: [JSONValue] = []
        for (own, manifest) in (manifests[repository] ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard let json = try? JSONValue(parsing: manifest.bytes),
                json["subject"]?["digest"]?.string == digest
            else { continue }
            var descriptor: JSONObject = [
                "mediaType": .string(manifest.mediaType), "digest": .string(own),
                "size": .number(JSONNumber(manifest.bytes.count)),
            ]
            descriptor["artifactType"] = json["artifactType"] ?? json["config"]?["mediaType"]
            descriptor["annotations"] = json["annotations"]
            found.append(.object(descriptor))
        }
        let index: JSONValue = [
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": .array(found),
        ]
        return Reply(
            status: 200, fields: [("Content-Type", "application/vnd.oci.image.index.v1+json")],
            body: index.serialized())
    }
}
