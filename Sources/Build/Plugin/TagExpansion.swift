/// The tags that stand for one version: `1.2.3` also as `1.2` and `1`.
///
/// Source: drone-kaniko, `expand_tag`.
enum TagExpansion {
    /// The tags of one.
    ///
    /// A text that is no version is its own only tag. A pre-release goes by its full version alone: nobody who wants
    /// `1` wants a release candidate. Build metadata stands behind each tag, though no registry takes it.
    static func tags(of tag: String) -> [String] {
        // No version holds an underscore, and no tag a plus: people write the one for the other.
        var text = Substring(tag).map { $0 == "_" ? "-" : $0 }[...]
        if text.first == "v" { text = text.dropFirst() }
        guard let version = SemanticVersion(String(text), .shortened) else { return [tag] }
        let build = version.build.isEmpty ? "" : "+\(version.build)"
        let full = version.numbers.joined(separator: ".")
        guard version.prerelease.isEmpty else { return ["\(full)-\(version.prerelease)\(build)"] }
        let numbers = version.numbers
        return [numbers[0], "\(numbers[0]).\(numbers[1])", full].map { $0 + build }
    }
}
