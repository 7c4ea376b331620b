public import OCI

/// A statement that somebody else made, read as strictly as cosign and in-toto's validators do.
///
/// Source: in-toto Attestation Framework v1, "Statement"; SLSA, "Verifying artifacts".
public struct ReceivedStatement: Hashable, Sendable {
    /// The most subjects.
    public static let subjectLimit = 4096
    /// The `_type` of statements from before version 1, which `cosign attest` still writes.
    static let formerType = "https://in-toto.io/Statement/v0.1"

    /// What the statement is about: a name, and digests by their algorithms.
    public struct Subject: Hashable, Sendable {
        /// The name, if it has one; nothing is matched by it.
        public let name: String?
        /// Algorithms and values.
        public let digests: DigestSet
    }

    /// The `_type`.
    public let type: String
    /// What it is about.
    public let subjects: [Subject]
    /// The URI of the predicate's specification.
    public let predicateType: String
    /// What is claimed.
    public let predicate: JSONObject

    /// Reads the payload of an envelope whose signature was verified.
    ///
    /// - Throws: ``StatementError``.
    public init(parsing payload: [UInt8]) throws(StatementError) {
        let object: JSONObject
        do {
            let limits = JSONLimits(bytes: Envelope.limit, depth: 64, values: 4_000_000)
            guard let found = try JSONValue(parsing: payload, limits: limits).object else {
                throw StatementError("it is no object")
            }
            object = found
        } catch let error as JSONError {
            throw StatementError("\(error)")
        } catch {
            throw StatementError("it is no object")
        }
        try Self.expectKeys(of: object, ["_type", "subject", "predicateType", "predicate"], "")
        guard let type = object["_type"]?.string,
            [Statement.type, Self.formerType].contains(where: { $0.isIdentical(to: type) })
        else {
            throw StatementError("its _type is \(Self.shown(object["_type"]))")
        }
        guard let predicateType = object["predicateType"]?.string, !predicateType.isEmpty else {
            throw StatementError("it has no predicateType")
        }
        guard let predicate = object["predicate"]?.object, !predicate.isEmpty else {
            throw StatementError("it has no predicate")
        }
        guard let list = object["subject"]?.array, !list.isEmpty else {
            throw StatementError("it has no subject")
        }
        guard list.count <= Self.subjectLimit else {
            throw StatementError("it has \(list.count) subjects, and \(Self.subjectLimit) are allowed")
        }
        var subjects: [Subject] = []
        for (number, value) in list.enumerated() { subjects.append(try Self.subject(value, number)) }
        (self.type, self.subjects) = (type, subjects)
        (self.predicateType, self.predicate) = (predicateType, predicate)
    }

    private static func subject(_ value: JSONValue, _ number: Int) throws(StatementError) -> Subject {
        let place = "subject[\(number)]"
        guard let object = value.object else { throw StatementError("\(place) is no object") }
        try expectKeys(
            of: object,
            ["name", "uri", "digest", "content", "downloadLocation", "mediaType", "annotations"], "\(place).")
        guard let digest = object["digest"]?.object, !digest.isEmpty else {
            throw StatementError("\(place) has no digest")
        }
        var digests = DigestSet()
        for member in digest.members {
            guard let text = member.value.string, !text.isEmpty else {
                throw StatementError("\(place).digest.\(member.key) is no text")
            }
            digests[member.key] = text
        }
        return Subject(name: object["name"]?.string, digests: digests)
    }

    private static func expectKeys(
        of object: JSONObject, _ known: [String], _ place: String
    ) throws(StatementError) {
        guard let stranger = object.keys.first(where: { key in !known.contains { $0.isIdentical(to: key) } })
        else { return }
        throw StatementError("\(place)\(stranger.quoted) is no member that the specification has")
    }

    private static func shown(_ value: JSONValue?) -> String { value?.string?.quoted ?? "missing" }

    /// Whether one of the subjects is the artifact with this SHA-256, in lower-case hexadecimal.
    public func isAbout(sha256: String) -> Bool {
        subjects.contains { $0.digests["sha256"]?.isIdentical(to: sha256) == true }
    }
}

/// A payload that is no statement, and why.
public struct StatementError: Error, Equatable, CustomStringConvertible {
    /// What is wrong with it.
    public let reason: String

    init(_ reason: String) { self.reason = reason }

    /// One line, as the user reads it.
    public var description: String { "the statement cannot be read: \(reason)" }
}
