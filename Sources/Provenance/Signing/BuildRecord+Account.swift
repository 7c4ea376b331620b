public import OCI

extension BuildRecord {
    /// What the one who signs knows himself, from flags, environment, and the artifact's own bytes.
    public struct Account: Sendable {
        /// The template; the record's must be the same.
        public var buildType: String
        /// Who builds.
        public var builderID: String
        /// A builder id that says nothing: a record with it does not contradict another one.
        public var unspokenBuilderID: String
        /// The builder's parts and their versions.
        public var versions: [ComponentVersion]
        /// What the builder itself is made of.
        public var builderDependencies: [ResourceDescriptor]
        /// What names this run.
        public var invocationID: String?
        /// Where the sources are.
        public var code: CodeMetadata
        /// The sources as a dependency.
        public var source: ResourceDescriptor?
        /// What the platform sets.
        public var internalParameters: JSONObject
        /// The layer that the build made, which was hashed, with the digest of its tar.
        public var layer: ResourceDescriptor?
        /// The same layer's tar.
        public var diffID: Digest?
        /// The image below it, which the manifest names.
        public var baseDigest: Digest?
        /// Seconds since 1970: no build ended later.
        public var now: Int64
        /// SHA-256 of the manifest, and of the archive's file, in lower-case hexadecimal.
        public var digests: [String]

        /// Nothing known but the artifact.
        public init(
            buildType: String, builderID: String, unspokenBuilderID: String, digests: [String], now: Int64
        ) {
            (self.buildType, self.builderID) = (buildType, builderID)
            self.unspokenBuilderID = unspokenBuilderID
            (self.digests, self.now) = (digests, now)
            (versions, builderDependencies, invocationID) = ([], [], nil)
            (code, source, internalParameters) = (CodeMetadata(), nil, JSONObject())
            (layer, diffID, baseDigest) = (nil, nil, nil)
        }
    }
}
