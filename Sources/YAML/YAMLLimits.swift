/// How much a YAML text may hold before its reading is refused.
enum YAMLLimits {
    /// The most bytes of text.
    static let bytes = 1 << 20
    /// The most sequences and mappings inside one another.
    static let depth = 32
    /// The most nodes: scalars, keys, sequences and mappings.
    static let nodes = 100_000
}
