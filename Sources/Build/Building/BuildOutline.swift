/// What a build would do.
public struct BuildOutline: Sendable {
    /// One instruction.
    public struct Step: Sendable {
        /// What would become of it.
        public enum Outcome: Sendable, Equatable {
            /// It changes the configuration only.
            case configuration
            /// Its layer was made before.
            case kept
            /// Its layer would be made, and why.
            case made(String)
            /// Nobody can tell before an earlier layer is made.
            case unknown(String)
            /// It cannot be carried out, and why.
            case refused(String)
        }

        /// Its first line in the Dockerfile.
        public let line: Int
        /// The instruction as it stands there.
        public let text: String
        /// What would become of it.
        public let outcome: Outcome
    }

    /// One stage that the target needs.
    public struct Stage: Sendable {
        /// Its name, else `stage-` and its number.
        public let name: String
        /// What FROM says, expanded.
        public let base: String
        /// The base's digest, if it is an image.
        public let baseDigest: String?
        /// Such as `linux/arm64`.
        public let platform: String
        /// Its instructions; triggers of the base first.
        public let steps: [Step]
    }

    /// The stages that would be carried out, in the order of the file.
    public let stages: [Stage]
    /// Those that nothing needs.
    public let skipped: [String]
}
