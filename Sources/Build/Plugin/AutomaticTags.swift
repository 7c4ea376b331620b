/// The tags that follow from the commit that is built.
///
/// Source: drone-kaniko and drone-docker, `auto_tag`.
struct AutomaticTags {
    private static let tagPrefix = "refs/tags/"
    private static let branchPrefix = "refs/heads/"
    /// What a commit of the default branch is called.
    static let latest = "latest"

    /// The reference of the commit, such as `refs/tags/v1.0.0`; empty where nobody said.
    let reference: String
    /// The repository's default branch.
    let branch: String
    /// What stands behind each tag, such as a platform; empty for nothing.
    let suffix: String

    /// The tags.
    ///
    /// - Parameter given: Those that the user gave: none but `latest` go with automatic ones.
    /// - Returns: One to three.
    /// - Throws: ``PluginError`` where nothing shall be built for this commit.
    func tags(given: [String]) throws(PluginError) -> [String] {
        guard given.isEmpty || given == [Self.latest] else { throw .autoTagAndTags(given) }
        guard isForBuild else { throw .otherBranch(reference) }
        let tags = try self.tags()
        guard !suffix.isEmpty else { return tags }
        return tags.map { $0 == Self.latest ? suffix : "\($0)-\(suffix)" }
    }

    /// Only tags and the default branch have images of their own.
    private var isForBuild: Bool {
        if reference.hasPrefix(Self.tagPrefix) { return true }
        let isBranch = reference.hasPrefix(Self.branchPrefix)
        return (isBranch ? String(reference.dropFirst(Self.branchPrefix.utf8.count)) : reference) == branch
    }

    private func tags() throws(PluginError) -> [String] {
        guard reference.hasPrefix(Self.tagPrefix) else { return [Self.latest] }
        var text = reference.dropFirst(Self.tagPrefix.utf8.count)
        if text.first == "v" { text = text.dropFirst() }
        guard let version = SemanticVersion(String(text), .padded) else { throw .noVersion(reference) }
        let values = version.numbers.compactMap { Int64($0) }
        guard values.count == 3 else { throw .noVersion(reference) }
        guard version.prerelease.isEmpty, version.build.isEmpty else {
            let prerelease = version.prerelease.isEmpty ? "" : "-\(version.prerelease)"
            let build = version.build.isEmpty ? "" : "+\(version.build)"
            return [values.map(String.init).joined(separator: ".") + prerelease + build]
        }
        let numbers = version.numbers
        let minor = "\(numbers[0]).\(numbers[1])"
        // Of major 0 every minor version may break what was before.
        return (values[0] == 0 ? [] : [numbers[0]]) + [minor, "\(minor).\(numbers[2])"]
    }
}
