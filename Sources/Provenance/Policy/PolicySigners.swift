import YAML

/// The lists `builders` and `verifiers` of a policy: whose signatures count, and for what.
enum PolicySigners {
    static func builders(in policy: PolicyFields) throws(PolicyError) -> [Expectations.Builder] {
        var builders: [Expectations.Builder] = []
        var seen: Pairs = [:]
        for node in try policy.list("builders") {
            let fields = try PolicyFields(
                node, of: "a builder", ["key", "ids", "level"], example: "key: cosign.pub and its ids")
            let (key, ids) = try signer(fields, &seen)
            builders.append(Expectations.Builder(key: key, ids: ids, level: try level(fields)))
        }
        return builders
    }

    static func verifiers(
        in policy: PolicyFields, beside builders: [Expectations.Builder]
    ) throws(PolicyError) -> [Expectations.Verifier] {
        let keys = ["key", "ids", "levels", "resource", "policyDigest", "maxAge"]
        let known = Set(builders.map(\.key))
        var verifiers: [Expectations.Verifier] = []
        var seen: Pairs = [:]
        for node in try policy.list("verifiers") {
            let fields = try PolicyFields(
                node, of: "a verifier", keys, example: "key: verifier.pub and its ids")
            let (key, ids) = try signer(fields, &seen)
            guard !known.contains(key) else {
                let reason = "this key is a builder's too; who builds must not vouch for the result, "
                throw PolicyError(fields["key"] ?? node, reason + "give the verifier a key of its own")
            }
            verifiers.append(
                Expectations.Verifier(
                    key: key, ids: ids, levels: try fields.texts("levels", .line),
                    resource: try fields.text("resource", .uri),
                    policyDigest: try fields.text("policyDigest", .digest),
                    maxAge: try fields.seconds("maxAge")))
        }
        return verifiers
    }

    /// The ids of each key: of two entries for the same, nobody could say which counts.
    private typealias Pairs = [Expectations.KeySource: Set<[UInt8]>]

    private static func signer(
        _ fields: PolicyFields, _ seen: inout Pairs
    ) throws(PolicyError) -> (key: Expectations.KeySource, ids: [String]) {
        let key = try key(try fields.required("key", write: "key: cosign.pub"))
        let list = try fields.required("ids", write: "ids: [https://example.com/builder]")
        let ids = try fields.texts("ids", .uri)
        var known = seen[key] ?? []
        for (place, id) in ids.enumerated() where !known.insert(Array(id.utf8)).inserted {
            let node = list.sequence?[place] ?? list
            throw PolicyError(node, "\(id.shown) stands twice for the same key; remove one of them")
        }
        seen[key] = known
        return (key, ids)
    }

    private static func level(_ fields: PolicyFields) throws(PolicyError) -> Int? {
        guard let node = fields["level"] else { return nil }
        guard let level = node.integer, (0...3).contains(level) else {
            throw PolicyError(node, "level is \(node.shown); write 0, 1, 2 or 3")
        }
        return Int(level)
    }

    private static func key(_ node: YAMLValue.Node) throws(PolicyError) -> Expectations.KeySource {
        guard let text = node.text, !text.isEmpty else {
            throw PolicyError(node, "key is \(node.shown), where a file's name or a key in PEM must stand")
        }
        // Its text must not come into a message, nor stay in a file that is shared.
        guard !text.contains("PRIVATE KEY-----") else {
            throw PolicyError(node, "key is a private one; write the public key that belongs to it")
        }
        let isOneLine = !text.utf8.contains { $0 < 0x20 || $0 == 0x7F }
        if text.hasPrefix("-----BEGIN ") {
            guard !isOneLine else {
                throw PolicyError(node, "key has lost its lines; write key: | and the key indented below")
            }
            let end = text.utf8.reversed().prefix { $0 == 0x0A }.count
            return .pem(Array(text.utf8.dropLast(end)) + [0x0A])
        }
        guard isOneLine else {
            throw PolicyError(node, "key has several lines and does not begin with -----BEGIN")
        }
        return .reference(Array(text.utf8))
    }
}
