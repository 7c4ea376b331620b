import Cryptography
import Images
import Linux
import OCI
import Provenance
import SystemPackage

/// A policy and its digest, which a summary names.
struct PolicyFile {
    let path: FilePath
    let digest: Digest
    let expectations: Expectations

    /// - Throws: `FileError`, `PolicyError`.
    init(_ path: FilePath) throws {
        let file = try File.reading(path)
        guard try file.status().kind == .regular else { throw FileError("read", path, .invalidArgument) }
        let bytes = try file.readAll(limit: 1 << 20)
        (self.path, digest) = (path, try Digest.of(bytes))
        expectations = try Policy(parsing: bytes).expectations
    }
}

/// Whom a request believes: flags and policy together, with every key read.
struct VerificationTrust {
    let trust: Trust

    /// - Throws: ``BuildError/usage(_:_:)``, `TrustError`, and what reading a key throws.
    init(_ request: VerifyRequest, _ policy: PolicyFile?) throws {
        if let policy { try Self.refuseSecondAnswers(request, policy.expectations) }
        try Self.refuseIdleFlags(request)
        var expected = policy?.expectations ?? Expectations()
        try Self.fill(&expected, from: request)
        var builders = try expected.builders.map { builder in
            Trust.Builder(
                TrustedParty(key: try Self.key(builder.key, beside: policy), ids: builder.ids),
                level: builder.level)
        }
        builders += try request.keys.map {
            Trust.Builder(TrustedParty(key: try Self.publicKey($0), ids: request.builderIDs))
        }
        var verifiers = try expected.verifiers.map { verifier in
            var verifier = verifier
            if let age = request.maxAge { verifier.maxAge = min(verifier.maxAge ?? .max, try Self.age(age)) }
            return Trust.Verifier(
                TrustedParty(key: try Self.key(verifier.key, beside: policy), ids: verifier.ids), verifier)
        }
        if !request.summaryKeys.isEmpty || !request.verifierIDs.isEmpty {
            guard !request.summaryKeys.isEmpty, !request.verifierIDs.isEmpty else {
                throw BuildError.usage(
                    "--vsa-key", "a summary is believed of a key and a --vsa-verifier together")
            }
            for reference in request.summaryKeys {
                let expectation = Expectations.Verifier(
                    key: .reference(reference), ids: request.verifierIDs, levels: request.summaryLevels,
                    resource: request.summaryResource, policyDigest: nil, maxAge: expected.maxAge)
                verifiers.append(
                    Trust.Verifier(
                        TrustedParty(key: try Self.publicKey(reference), ids: request.verifierIDs),
                        expectation))
            }
        }
        trust = try Trust(builders: builders, verifiers: verifiers, expected)
    }

    /// A key that a policy names lies beside it, unless its path says otherwise.
    private static func key(
        _ source: Expectations.KeySource, beside policy: PolicyFile?
    ) throws -> VerificationKey {
        switch source {
        case .pem(let text): return try VerificationKey(pem: text)
        case .reference(let reference):
            let path = FilePath(bytes: reference)
            guard let policy, !reference.starts(with: "env://".utf8), path.isRelative else {
                return try Self.publicKey(reference)
            }
            return try Self.publicKey(policy.path.removingLastComponent().pushing(path).bytes)
        }
    }

    private static func publicKey(_ reference: [UInt8]) throws -> VerificationKey {
        // Of a public key nobody minds who reads it.
        try KeyReference(parsing: reference).verificationKey(password: nil) { _ in }
    }

    /// What a policy says no flag may say otherwise: a summary names the policy, and who reads it relies on that.
    private static func refuseSecondAnswers(
        _ request: VerifyRequest, _ policy: Expectations
    ) throws(BuildError) {
        let both: [(String, Bool)] = [
            ("--key", !request.keys.isEmpty && !policy.builders.isEmpty), ("--type", request.type != nil),
            ("--builder-id", !request.builderIDs.isEmpty && !policy.builders.isEmpty),
            ("--vsa-key", !request.summaryKeys.isEmpty && !policy.verifiers.isEmpty),
            ("--build-type", !request.buildTypes.isEmpty && !policy.buildTypes.isEmpty),
            ("--source", request.source != nil && policy.source != nil),
            ("--source", request.source?.utf8.contains(UInt8(ascii: "@")) == true && policy.branch != nil),
            ("--branch", request.branch != nil && policy.branch != nil),
            ("--tag", request.tag != nil && policy.tag != nil),
            ("--commit", request.commit != nil && policy.commit != nil),
            ("--max-age", request.maxAge != nil && policy.maxAge != nil),
        ]
        if let flag = both.first(where: \.1)?.0 { throw .usage(flag, "the policy says that already") }
    }

    /// A flag that nothing comes of is a mistake, and the user would rely on it.
    private static func refuseIdleFlags(_ request: VerifyRequest) throws(BuildError) {
        let idle: [(String, String, Bool)] = [
            ("--builder-id", "--key", !request.builderIDs.isEmpty && request.keys.isEmpty),
            ("--vsa-level", "--vsa-key", !request.summaryLevels.isEmpty && request.summaryKeys.isEmpty),
            ("--vsa-resource", "--vsa-key", request.summaryResource != nil && request.summaryKeys.isEmpty),
        ]
        if let (flag, other, _) = idle.first(where: \.2) { throw .usage(flag, "it goes with \(other)") }
    }

    /// Flags add to a policy.
    private static func fill(_ expected: inout Expectations, from request: VerifyRequest) throws {
        if let type = request.type { expected.predicateType = try Attester.predicateType(type) }
        if !request.buildTypes.isEmpty { expected.buildTypes = request.buildTypes }
        if let source = request.source {
            let location: SourceLocation
            do {
                location = try SourceLocation(parsing: source)
            } catch {
                throw BuildError.usage("--source", "\(error)")
            }
            expected.source = location.repositoryURL
            let code = location.codeMetadata
            expected.branch = code.branch ?? expected.branch
            expected.tag = code.tag ?? expected.tag
            expected.commit = code.commitSha ?? expected.commit
        }
        expected.branch = request.branch ?? expected.branch
        expected.tag = request.tag ?? expected.tag
        if let commit = request.commit {
            guard let id = CommitID(commit) else {
                throw BuildError.usage("--commit", "give its 40 or 64 hexadecimal digits")
            }
            expected.commit = id.hex
        }
        do {
            expected.builderVersions += try request.builderVersions.map {
                try VersionRequirement(parsing: $0)
            }
        } catch {
            throw BuildError.usage("--require-builder-version", "\(error)")
        }
        if let text = request.maxAge { expected.maxAge = try age(text) }
        if request.isStrict { expected.isStrict = true }
    }

    private static func age(_ text: String) throws(BuildError) -> Int64 {
        do {
            return try TimeSpan(parsing: text).seconds
        } catch {
            throw .usage("--max-age", "\(error)")
        }
    }
}
