public import OCI

/// What must be true of an artifact's provenance before the artifact is trusted.
///
/// Source: SLSA v1.2, "Verifying artifacts".
public struct Expectations: Hashable, Sendable {
    /// Where the text of a public key comes from.
    public enum KeySource: Hashable, Sendable {
        /// A reference that whoever verifies resolves, such as a file's path; bytes in no encoding.
        case reference([UInt8])
        /// The key itself, in PEM.
        case pem([UInt8])
    }

    /// A key that signs provenance, and for which builders it may speak.
    public struct Builder: Hashable, Sendable {
        /// The key.
        public var key: KeySource
        /// The builder ids that provenance signed by this key may name.
        public var ids: [String]
        /// The SLSA Build level that these builders are trusted to reach, 0 to 3.
        public var level: Int?

        /// A key and whom it speaks for.
        public init(key: KeySource, ids: [String], level: Int? = nil) {
            (self.key, self.ids, self.level) = (key, ids, level)
        }
    }

    /// A key that signs verification summaries, and for which verifiers it may speak.
    public struct Verifier: Hashable, Sendable {
        /// The key.
        public var key: KeySource
        /// The verifier ids that a summary signed by this key may name.
        public var ids: [String]
        /// What a summary must have verified, such as `SLSA_BUILD_LEVEL_2`; all of them.
        public var levels: [String]
        /// The resource URI that a summary must be about.
        public var resource: String?
        /// The digest of the policy that the verifier must have used, `sha256:` and 64 digits.
        public var policyDigest: String?
        /// How old a summary may be, in seconds.
        public var maxAge: Int64?

        /// A key and whom it speaks for.
        public init(
            key: KeySource, ids: [String], levels: [String] = [], resource: String? = nil,
            policyDigest: String? = nil, maxAge: Int64? = nil
        ) {
            (self.key, self.ids, self.levels) = (key, ids, levels)
            (self.resource, self.policyDigest, self.maxAge) = (resource, policyDigest, maxAge)
        }
    }

    /// Whose provenance is believed.
    public var builders: [Builder] = []
    /// Whose verification summaries are believed.
    public var verifiers: [Verifier] = []
    /// The predicate type that provenance must have.
    public var predicateType = BuildProvenance.predicateType
    /// The build types that are accepted; any where there is none.
    public var buildTypes: [String] = []
    /// The repository that was built, such as `git+https://example.com/app`.
    public var source: String?
    /// The branch that was built, exactly.
    public var branch: String?
    /// The tag that was built, exactly.
    public var tag: String?
    /// The commit that was built, 40 or 64 lower-case hexadecimal digits.
    public var commit: String?
    /// What the builder's components must be; all of them.
    public var builderVersions: [VersionRequirement] = []
    /// How long ago the build may have been, in seconds.
    public var maxAge: Int64?
    /// What the external parameters must be.
    ///
    /// `nil` does not ask; otherwise a parameter that no rule names fails.
    public var parameters: [ParameterRule]?
    /// Whether an external parameter that nothing asks for fails even without rules; a policy never sets it.
    public var isStrict = false

    /// Expects nothing but SLSA provenance.
    public init() {}
}

/// What one external parameter must be.
public struct ParameterRule: Hashable, Sendable {
    /// What a value is compared with.
    public enum Rule: Hashable, Sendable {
        /// This value.
        case equals(JSONValue)
        /// One of these values.
        case oneOf([JSONValue])
        /// Any value.
        case any
    }

    /// The names from `externalParameters` down to the parameter, such as `codeMetadata`, `branch`.
    public var path: [String]
    /// What its value must be.
    public var rule: Rule

    /// A rule for the parameter at a path.
    public init(path: [String], rule: Rule) { (self.path, self.rule) = (path, rule) }
}
