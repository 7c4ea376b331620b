import OCI
import YAML

/// A file that says what must be true of an artifact's provenance.
///
/// Source: docs/policy.md.
public struct Policy: Hashable, Sendable {
    /// What it demands.
    public let expectations: Expectations

    private static let keys = [
        "version", "builders", "verifiers", "predicateType", "buildTypes", "source", "branch", "tag",
        "commit",
        "builderVersions", "maxAge", "parameters",
    ]

    /// Reads a policy.
    ///
    /// A key that this version does not know is an error, and so is everything that could be meant
    /// in another way: a policy that is misread lets through what it should stop.
    ///
    /// - Parameter yaml: The whole file.
    /// - Throws: ``PolicyError`` with the place of the first mistake.
    public init(parsing yaml: [UInt8]) throws(PolicyError) {
        let root: YAMLValue.Node
        do throws(YAMLError) {
            root = try YAMLValue.Node(parsing: yaml)
        } catch {
            throw PolicyError(error)
        }
        let fields = try PolicyFields(root, of: "a policy", Self.keys, example: "version: 1")
        let version = try fields.required("version", write: "version: 1")
        guard version.integer == 1 else {
            throw PolicyError(version, "version is \(version.shown); only 1 is known, write version: 1")
        }
        var expectations = Expectations()
        expectations.builders = try PolicySigners.builders(in: fields)
        expectations.verifiers = try PolicySigners.verifiers(in: fields, beside: expectations.builders)
        if let type = try fields.text("predicateType", .uri) { expectations.predicateType = type }
        expectations.buildTypes = try fields.texts("buildTypes", .uri)
        expectations.source = try Self.source(in: fields)
        expectations.branch = try fields.text("branch", .line)
        expectations.tag = try fields.text("tag", .line)
        expectations.commit = try fields.text("commit", .commit)
        expectations.builderVersions = try Self.requirements(in: fields)
        expectations.maxAge = try fields.seconds("maxAge")
        if let parameters = fields["parameters"] {
            expectations.parameters = try PolicyParameters.rules(in: parameters)
        }
        self.expectations = expectations
    }

    private static func source(in fields: PolicyFields) throws(PolicyError) -> String? {
        guard let node = fields["source"], let text = try fields.text("source", .line) else { return nil }
        // Provenance has the ref elsewhere: with one here nothing would match.
        let location = try? SourceLocation(parsing: text)
        guard let location, location.ref == nil, location.subpath == nil else {
            throw PolicyError(
                node,
                "source is a repository alone, such as git+https://example.com/app; "
                    + "its ref goes into branch, tag or commit")
        }
        return text
    }

    private static func requirements(in fields: PolicyFields) throws(PolicyError) -> [VersionRequirement] {
        var requirements: [VersionRequirement] = []
        for node in try fields.list("builderVersions") {
            let text = try PolicyFields.text(node, .line, of: "builderVersions")
            do throws(RequirementError) {
                requirements.append(try VersionRequirement(parsing: text))
            } catch {
                throw PolicyError(node, error.description)
            }
        }
        return requirements
    }
}
