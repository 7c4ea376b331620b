import Cryptography
import OCI
import Testing

@testable import Provenance

private let digest = String(repeating: "ab", count: 32)
private let other = String(repeating: "cd", count: 32)
private let now: Int64 = 1_800_000_000

/// A provenance that passes what ``Example/expectations`` asks, to be changed.
private struct Example {
    let key: SigningKey
    var predicateType = BuildProvenance.predicateType
    var subject: JSONValue = [["name": "app", "digest": ["sha256": .string(digest)]]]
    var builderID = "https://ci.example.com/varve"
    var predicate: JSONValue?
    var extra: [(String, JSONValue)] = []

    init() throws { key = try SigningKey.generate() }

    var provenance: JSONValue {
        [
            "buildDefinition": [
                "buildType": "https://example.com/build",
                "externalParameters": [
                    "codeMetadata": [
                        "repositoryURL": "https://example.com/app", "branch": "main",
                        "commitSha": "4b220de5058abfd01ff619c9d2ff6b09a049bea0",
                    ],
                    "parameters": ["command": "pack", "compression": "gzip"],
                ],
            ],
            "runDetails": [
                "builder": ["id": .string(builderID), "version": ["plugins/kaniko": "1.7.5"]],
                "metadata": ["finishedOn": "2027-01-15T07:00:00Z"],
            ],
        ]
    }

    var payload: [UInt8] {
        var statement: JSONObject = [
            "_type": .string(Statement.type), "subject": subject,
            "predicateType": .string(predicateType), "predicate": predicate ?? provenance,
        ]
        for (name, value) in extra { statement[name] = value }
        return JSONValue.object(statement).serialized()
    }

    func envelope(by key: SigningKey? = nil, _ payload: [UInt8]? = nil) throws -> Envelope {
        let payload = payload ?? self.payload
        let bytes = Envelope.preAuthenticationEncoding(Envelope.statementType, payload)
        return Envelope(
            payload: payload,
            signatures: [Envelope.Signature(try (key ?? self.key).sign(bytes), keyID: "lies")])
    }

    func trust(_ change: (inout Expectations) -> Void = { _ in }) throws -> Trust {
        var expectations = Expectations()
        change(&expectations)
        let party = TrustedParty(key: key.verificationKey, ids: ["https://ci.example.com/varve"])
        return try Trust(builders: [Trust.Builder(party, level: 2)], verifiers: [], expectations)
    }

    func check(_ change: (inout Expectations) -> Void = { _ in }) throws -> AttestationCheck {
        AttestationCheck(try envelope(), about: [digest], try trust(change), now: now)
    }
}

private func requirements(_ text: String) -> [VersionRequirement] {
    (try? VersionRequirement(parsing: text)).map { [$0] } ?? []
}

/// What ``Example`` does not meet, and the question that tells.
private let wrong: [(Check.Question, @Sendable (inout Expectations) -> Void)] = [
    (.source, { $0.source = "https://example.com/other" }),
    (.branch, { $0.branch = "Main" }),
    (.branch, { $0.branch = "" }), (.tag, { $0.tag = "v1" }),
    (.commit, { $0.commit = String(repeating: "0", count: 40) }),
    (.buildType, { $0.buildTypes = ["https://example.com/build/"] }), (.age, { $0.maxAge = 60 }),
    (.builderVersions, { $0.builderVersions = requirements("plugins/kaniko>=1.8") }),
    (.builderVersions, { $0.builderVersions = requirements("ci-manager") }),
    (.parameters, { $0.isStrict = true }),
    (
        .parameters,
        {
            $0.parameters = [
                ParameterRule(path: ["codeMetadata"], rule: .any),
                ParameterRule(path: ["parameters", "compression"], rule: .equals("zstd")),
                ParameterRule(path: ["parameters", "command"], rule: .any),
            ]
        }
    ), (.parameters, { $0.parameters = [] }),
    (.predicateType, { $0.predicateType = "https://spdx.dev/Document" }),
]

private func failure(_ check: AttestationCheck) -> Check.Question? {
    check.passes ? nil : check.checks.first { $0.outcome == .failed }?.question
}

struct AttestationCheckTests {
    @Test func `what is as expected passes, and every question has its answer`() throws {
        let check = try Example().check { expected in
            expected.source = "git+https://example.com/app.git"
            expected.branch = "main"
            expected.commit = "4B220DE5058ABFD01FF619C9D2FF6B09A049BEA0"
            expected.buildTypes = ["https://example.com/other", "https://example.com/build"]
            expected.builderVersions = requirements("plugins/kaniko>=1.7.5")
            expected.maxAge = 86400
        }
        #expect(check.passes)
        #expect(check.level == 2)
        #expect(
            check.checks.map { "\($0.question.rawValue) \($0.outcome.rawValue)" } == [
                "signature ok", "payload type ok", "statement ok", "subject ok", "predicate type ok",
                "builder ok",
                "build type ok", "source ok", "branch ok", "tag not asked", "commit ok",
                "builder versions ok",
                "age ok", "parameters not asked",
            ])
    }

    @Test func `signed by somebody else it is nothing, and nothing of it is read`() throws {
        let example = try Example()
        let envelope = try example.envelope(by: SigningKey.generate())
        let check = AttestationCheck(envelope, about: [digest], try example.trust(), now: now)
        #expect(failure(check) == .signature)
        #expect(check.statement == nil && check.checks.count == 1)
    }

    @Test func `every changed bit of the payload breaks the signature`() throws {
        let example = try Example()
        let envelope = try example.envelope()
        for place in stride(from: 0, to: envelope.payload.count, by: 41) {
            var payload = envelope.payload
            payload[place] ^= 1
            let changed = Envelope(payload: payload, signatures: envelope.signatures)
            #expect(
                failure(AttestationCheck(changed, about: [digest], try example.trust(), now: now))
                    == .signature)
        }
    }

    @Test func `a signature over the payload alone, or under another type, is none`() throws {
        let example = try Example()
        let bare = Envelope(
            payload: example.payload, signatures: [Envelope.Signature(try example.key.sign(example.payload))])
        #expect(failure(AttestationCheck(bare, about: [digest], try example.trust(), now: now)) == .signature)
        let type = "application/vnd.in-toto.provenance+json"
        let signature = try example.key.sign(Envelope.preAuthenticationEncoding(type, example.payload))
        let renamed = Envelope(payload: example.payload, signatures: [Envelope.Signature(signature)])
        #expect(
            failure(AttestationCheck(renamed, about: [digest], try example.trust(), now: now)) == .signature)
        let honest = Envelope(
            payloadType: type, payload: example.payload, signatures: [Envelope.Signature(signature)])
        #expect(
            failure(AttestationCheck(honest, about: [digest], try example.trust(), now: now)) == .payloadType)
    }

    @Test func `one key counts once, however often it signs`() throws {
        let example = try Example()
        let first = try example.envelope()
        let again = try example.envelope()
        let double = Envelope(payload: first.payload, signatures: first.signatures + again.signatures)
        #expect(double.signers(among: [example.key.verificationKey]).count == 1)
        let more = Envelope(
            payload: first.payload, signatures: [Envelope.Signature([1, 2, 3])] + first.signatures)
        #expect(AttestationCheck(more, about: [digest], try example.trust(), now: now).passes)
    }

    @Test(
        arguments: [
            ("another subject", [["digest": ["sha256": .string(other)]]], Check.Question.subject),
            ("sha512 alone", [["digest": ["sha512": .string(digest + digest)]]], .subject),
            ("the digest in upper case", [["digest": ["sha256": .string(digest.uppercased())]]], .subject),
            ("the digest under another name", [["digest": ["sha1": .string(digest)]]], .subject),
            (
                "the digest as a name", [["name": .string(digest), "digest": ["sha256": .string(other)]]],
                .subject
            ),
            ("no subject", [], .statement), ("a subject without a digest", [["name": "app"]], .statement),
            ("an empty digest set", [["digest": .object(JSONObject())]], .statement),
            ("a digest that is no text", [["digest": ["sha256": 1]]], .statement),
            ("an unknown key", [["digest": ["sha256": .string(digest)], "size": 1]], .statement),
        ] as [(String, JSONValue, Check.Question)])
    func `the subject must be the artifact`(title: String, subject: JSONValue, question: Check.Question)
        throws
    {
        var example = try Example()
        example.subject = subject
        #expect(failure(try example.check()) == question, "\(title)")
    }

    @Test func `one of several subjects is enough`() throws {
        var example = try Example()
        example.subject = [["digest": ["sha256": .string(other)]], ["digest": ["sha256": .string(digest)]]]
        #expect(try example.check().passes)
    }

    @Test(
        "a payload that is no statement is refused",
        arguments: [
            #"{"_type":"https://in-toto.io/Statement/v1","_type":"x","subject":[],"predicateType":"a","predicate":{}}"#,
            #"{"_type":"https://in-toto.io/Statement/v2","subject":[{"digest":{"sha256":"ab"}}],"predicateType":"a","predicate":{"a":1}}"#,
            "[]", "", "{", String(repeating: #"{"a":"#, count: 5000),
        ])
    func malformed(payload: String) throws {
        let example = try Example()
        let envelope = try example.envelope(Array(payload.utf8))
        #expect(
            failure(AttestationCheck(envelope, about: [digest], try example.trust(), now: now)) == .statement)
    }

    @Test func `an unknown member of the statement is refused, as cosign does`() throws {
        var example = try Example()
        example.extra = [("varve_note", "x")]
        #expect(failure(try example.check()) == .statement)
    }

    @Test func `a statement of the former version counts`() throws {
        var example = try Example()
        example.extra = [("_type", .string(ReceivedStatement.formerType))]
        #expect(try example.check().passes)
    }

    @Test(arguments: wrong)
    func `what is not as expected fails`(
        question: Check.Question, change: @escaping @Sendable (inout Expectations) -> Void
    ) throws {
        let check = try Example().check(change)
        #expect(failure(check) == question)
    }

    @Test func `parameters that are expected, allowed or asked elsewhere pass strictly`() throws {
        let check = try Example().check { expected in
            expected.source = "https://example.com/app"
            expected.branch = "refs/heads/main"
            expected.parameters = [
                ParameterRule(path: ["codeMetadata", "commitSha"], rule: .any),
                ParameterRule(path: ["parameters", "compression"], rule: .oneOf(["zstd", "gzip"])),
                ParameterRule(path: ["parameters", "command"], rule: .equals("pack")),
            ]
        }
        #expect(check.passes)
    }

    @Test(arguments: [
        "https://ci.example.com/other", "https://ci.example.com/varve/", "", "HTTPS://CI.EXAMPLE.COM/VARVE",
    ])
    func `a key may speak for its own builders only`(id: String) throws {
        var example = try Example()
        example.builderID = id
        #expect(failure(try example.check()) == .builder)
    }

    @Test(
        "what merely looks like the expected source, branch or commit is another one",
        arguments: [
            ("https://example.com/app", "branch", "ma\u{300}in", "m\u{E0}in"),
            ("https://example.com/app", "branch", "refs/heads/main", "main"),
            ("https://example.com/app", "branch", "Main", "main"),
            ("https://example.com/app@refs/heads/evil", "branch", "main", "main"),
            ("https://example.com/app#sub", "branch", "main", "main"),
            ("https://example.com/App", "branch", "main", "main"),
            ("https://example.com.evil.org/app", "branch", "main", "main"),
        ])
    func anotherSource(repository: String, key: String, recorded: String, expected: String) throws {
        var example = try Example()
        example.predicate = [
            "buildDefinition": [
                "buildType": "https://example.com/build",
                "externalParameters": [
                    "codeMetadata": ["repositoryURL": .string(repository), "branch": .string(recorded)]
                ],
            ],
            "runDetails": ["builder": ["id": .string(example.builderID)]],
        ]
        let check = try example.check { expectations in
            expectations.source = "git+https://example.com/app"
            expectations.branch = expected
        }
        #expect(!check.passes, "\(check.checks)")
    }

    @Test(
        arguments: [
            ["source": ["uri": "https://example.com/app"], "codeMetadata": [:]],
            [
                "repository": "https://example.com/app",
                "codeMetadata": ["repositoryURL": "https://evil.org/app"],
            ],
            ["configSource": ["uri": "https://evil.org/app"], "repository": "https://example.com/app"],
        ] as [JSONValue])
    func `a second place for the source is no second chance`(parameters: JSONValue) throws {
        var example = try Example()
        example.predicate = [
            "buildDefinition": [
                "buildType": "https://example.com/build", "externalParameters": parameters,
            ],
            "runDetails": ["builder": ["id": .string(example.builderID)]],
        ]
        #expect(try !example.check { $0.source = "https://example.com/app" }.passes)
    }

    @Test func `strictly, parameters that are missing or no object fail`() throws {
        for parameters in [.null, [], "x", [:]] as [JSONValue] {
            var example = try Example()
            example.predicate = [
                "buildDefinition": [
                    "buildType": "https://example.com/build", "externalParameters": parameters,
                ],
                "runDetails": ["builder": ["id": .string(example.builderID)]],
            ]
            #expect(try !example.check { $0.isStrict = true }.passes, "\(parameters)")
        }
    }

    @Test func `a time in the future is none`() throws {
        let example = try Example()
        let check = AttestationCheck(
            try example.envelope(), about: [digest], try example.trust { $0.maxAge = 86400 * 365 },
            now: now - 86400)
        #expect(failure(check) == .age)
    }
}

/// A summary, to be changed.
private struct SummaryExample {
    let key: SigningKey
    let builder: SigningKey
    var verifierID = "https://verify.example.com"
    var isPassed = true
    var level: Int? = 2
    var resource = "oci://registry.example.com/app"

    init() throws { (key, builder) = (try SigningKey.generate(), try SigningKey.generate()) }

    func check(
        by signer: SigningKey? = nil, asks predicateType: String? = nil,
        _ change: (inout Expectations.Verifier) -> Void = { _ in }
    ) throws -> AttestationCheck {
        let summary = VerificationSummary(
            verifierID: verifierID, verifierVersions: [],
            timeVerified: try #require(Timestamp(seconds: now - 3600)), resourceURI: resource,
            policy: ResourceDescriptor(uri: "file:policy.yaml", digest: ["sha256": other]), inputs: [],
            hasPassed: isPassed, level: level)
        let statement = try Statement(
            subject: [ResourceDescriptor(name: "app", digest: ["sha256": digest])],
            predicateType: VerificationSummary.predicateType, predicate: summary.predicate)
        let bytes = Envelope.preAuthenticationEncoding(Envelope.statementType, statement.serialized())
        let envelope = Envelope(
            payload: statement.serialized(), signatures: [Envelope.Signature(try (signer ?? key).sign(bytes))]
        )
        var expected = Expectations.Verifier(
            key: .reference([]), ids: ["https://verify.example.com"], levels: ["SLSA_BUILD_LEVEL_2"],
            resource: "oci://registry.example.com/app", policyDigest: "sha256:\(other)", maxAge: 7200)
        change(&expected)
        var expectations = Expectations()
        expectations.source = "https://example.com/app"
        if let predicateType { expectations.predicateType = predicateType }
        let trust = try Trust(
            builders: [Trust.Builder(TrustedParty(key: builder.verificationKey, ids: []))],
            verifiers: [Trust.Verifier(TrustedParty(key: key.verificationKey, ids: expected.ids), expected)],
            expectations)
        return AttestationCheck(envelope, about: [digest], trust, now: now)
    }
}

struct VerificationSummaryTests {
    @Test func `a verifier's summary counts in place of provenance`() throws {
        let check = try SummaryExample().check()
        #expect(check.passes, "\(check.checks)")
        #expect(check.level == 2)
    }

    @Test func `a summary under the builder's key is nothing`() throws {
        let example = try SummaryExample()
        #expect(failure(try example.check(by: example.builder)) == .verifier)
    }

    @Test func `one key cannot be a builder's and a verifier's`() throws {
        let party = TrustedParty(key: try SigningKey.generate().verificationKey, ids: ["a"])
        let expected = Expectations.Verifier(
            key: .reference([]), ids: ["a"], levels: [], resource: nil, policyDigest: nil, maxAge: nil)
        #expect(throws: TrustError.self) {
            try Trust(
                builders: [Trust.Builder(party)], verifiers: [Trust.Verifier(party, expected)], Expectations()
            )
        }
        #expect(throws: TrustError.noKey) { try Trust(builders: [], verifiers: [], Expectations()) }
    }

    @Test func `a verifier's key cannot attest provenance`() throws {
        let example = try Example()
        let party = TrustedParty(key: example.key.verificationKey, ids: ["https://ci.example.com/varve"])
        let expected = Expectations.Verifier(
            key: .reference([]), ids: party.ids, levels: [], resource: nil, policyDigest: nil, maxAge: nil)
        let trust = try Trust(
            builders: [], verifiers: [Trust.Verifier(party, expected)], Expectations())
        #expect(
            failure(AttestationCheck(try example.envelope(), about: [digest], trust, now: now)) == .builder)
    }

    @Test func `a summary that failed, of another resource, verifier, level, policy or time is nothing`()
        throws
    {
        var example = try SummaryExample()
        example.isPassed = false
        #expect(failure(try example.check()) == .result)
        example = try SummaryExample()
        example.verifierID = "https://other.example.com"
        #expect(failure(try example.check()) == .verifier)
        example = try SummaryExample()
        example.level = 1
        #expect(failure(try example.check()) == .levels)
        example = try SummaryExample()
        example.level = nil
        #expect(failure(try example.check()) == .levels)
        example = try SummaryExample()
        #expect(failure(try example.check { $0.resource = "oci://registry.example.com/other" }) == .resource)
        #expect(failure(try example.check { $0.policyDigest = "sha256:\(digest)" }) == .policy)
        #expect(failure(try example.check { $0.maxAge = 60 }) == .age)
        #expect(try example.check { $0.levels = ["SLSA_BUILD_LEVEL_1"] }.passes)
    }
}
