public import OCI

/// A claim about artifacts: which ones, what kind of claim, and what it says.
///
/// Source: in-toto Attestation Framework v1, "Statement".
public struct Statement: Hashable, Sendable {
    /// The `_type` of every statement.
    public static let type = "https://in-toto.io/Statement/v1"

    /// The artifacts, matched by digest alone; never empty.
    public let subject: [ResourceDescriptor]
    /// The URI of the predicate's specification.
    public let predicateType: String
    /// What is claimed; never empty.
    public let predicate: JSONObject

    /// Makes a statement that strict readers accept.
    ///
    /// - Throws: ``ProvenanceError/missingSubject``, ``ProvenanceError/subjectWithoutDigest(_:)``,
    ///   ``ProvenanceError/malformedDigest(algorithm:value:)``, or
    ///   ``ProvenanceError/missingField(_:)`` for an empty predicate or predicate type.
    public init(
        subject: [ResourceDescriptor], predicateType: String, predicate: JSONObject
    ) throws(ProvenanceError) {
        guard !subject.isEmpty else { throw .missingSubject }
        for artifact in subject {
            guard !artifact.digest.isEmpty else { throw .subjectWithoutDigest(artifact.name ?? "") }
            try artifact.digest.checkHexadecimal()
        }
        guard !predicateType.isEmpty else { throw .missingField("predicateType") }
        guard !predicate.isEmpty else { throw .missingField("predicate") }
        self.subject = subject
        self.predicateType = predicateType
        self.predicate = predicate
    }

    /// The JSON object.
    ///
    /// Extensions belong into the predicate: cosign refuses a fifth key here.
    public var json: JSONValue {
        [
            "_type": .string(Statement.type),
            "subject": .array(subject.map(\.json)),
            "predicateType": .string(predicateType),
            "predicate": .object(predicate),
        ]
    }

    /// The bytes to sign: compact JSON on one line, without a newline at the end.
    public func serialized() -> [UInt8] { json.serialized() }
}
