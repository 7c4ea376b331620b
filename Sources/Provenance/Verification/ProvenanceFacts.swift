import OCI

/// What a signed provenance says, and how that answers what is expected.
struct ProvenanceFacts {
    private let definition: JSONObject
    private let details: JSONObject

    init(_ predicate: JSONObject) {
        definition = predicate["buildDefinition"]?.object ?? JSONObject()
        details = predicate["runDetails"]?.object ?? JSONObject()
    }

    var builderID: String? { details["builder"]?["id"]?.string }

    private var external: JSONObject { definition["externalParameters"]?.object ?? JSONObject() }

    func answers(to expected: Expectations, now: Int64) -> [Check] {
        [
            buildType(expected.buildTypes), source(expected.source),
            ref(.branch, expected.branch, "branch", "refs/heads/"),
            ref(.tag, expected.tag, "tag", "refs/tags/"),
            commit(expected.commit), versions(expected.builderVersions), age(expected.maxAge, now),
            parameters(expected),
        ]
    }

    private func buildType(_ expected: [String]) -> Check {
        let found = definition["buildType"]?.string ?? ""
        guard !found.isEmpty else { return Check(.buildType, false, "buildType is missing") }
        guard !expected.isEmpty else { return Check(.buildType, .notAsked, found) }
        return Check(.buildType, expected.contains { $0.isIdentical(to: found) }, found.quoted)
    }

    // MARK: Source

    /// Where the repository stands: in varve's and Harness' template, else where others have it.
    ///
    /// Others count only where the first has nothing at all, so that nobody smuggles a second answer in.
    private var repositoryPath: [String]? {
        if external["codeMetadata"] != nil { return ["codeMetadata", "repositoryURL"] }
        return Self.otherPaths.first { value(at: $0) != nil }
    }

    private static let otherPaths = [
        ["source", "uri"], ["configSource", "uri"], ["repository"], ["workflow", "repository"],
    ]

    private var repository: String? { repositoryPath.flatMap { value(at: $0)?.string } }

    private func value(at path: [String]) -> JSONValue? {
        path.reduce(JSONValue?.some(.object(external))) { value, key in value?.object?[key] }
    }

    private func source(_ expected: String?) -> Check {
        guard let expected else {
            return Check(.source, .notAsked, repository ?? "none is recorded")
        }
        guard let repository else { return Check(.source, false, "no repository is recorded") }
        let found = Self.canonical(repository)
        let wanted = Self.canonical(expected)
        let isSame = found.flatMap { found in wanted.map { found.isIdentical(to: $0) } } ?? false
        return Check(.source, isSame, repository.quoted)
    }

    /// The repository without `git+`, user information and final `.git`, the host in lower case.
    ///
    /// - Returns: `nil` for a text with a ref or a fragment: whatever lies there, it is not the repository itself.
    private static func canonical(_ text: String) -> String? {
        guard let location = try? SourceLocation(parsing: text), location.ref == nil, location.subpath == nil,
            !text.utf8.contains(UInt8(ascii: "#"))
        else { return nil }
        let parts = location.repositoryURL.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, parts[1].utf8.starts(with: "//".utf8) else { return location.repositoryURL }
        let rest = parts[1].utf8.dropFirst(2)
        let host = rest.prefix { $0 != UInt8(ascii: "/") }
        return parts[0].inLowerCaseASCII + "://" + (String(host) ?? "").inLowerCaseASCII
            + (String(rest.dropFirst(host.count)) ?? "")
    }

    /// A branch or tag is recorded by its short name; a longer one that ends alike is another one.
    private func ref(
        _ question: Check.Question, _ expected: String?, _ key: String, _ prefix: String
    ) -> Check {
        let found = value(at: ["codeMetadata", key])?.string
        guard let expected else { return Check(question, .notAsked, found ?? "none is recorded") }
        guard let found else { return Check(question, false, "no \(key) is recorded") }
        let isFull = expected.utf8.starts(with: prefix.utf8)
        let short = expected.utf8.dropFirst(isFull ? prefix.utf8.count : 0)
        return Check(question, found.utf8.elementsEqual(short), found.quoted)
    }

    private func commit(_ expected: String?) -> Check {
        let found =
            external["codeMetadata"] == nil ? sourceCommit : value(at: ["codeMetadata", "commitSha"])?.string
        guard let expected else { return Check(.commit, .notAsked, found ?? "none is recorded") }
        guard let found else { return Check(.commit, false, "no commit is recorded") }
        return Check(
            .commit, found.inLowerCaseASCII.isIdentical(to: expected.inLowerCaseASCII), found.quoted)
    }

    /// The commit of the dependency that is the source, in templates that record it nowhere else.
    private var sourceCommit: String? {
        guard let wanted = repository.flatMap(Self.canonical) else { return nil }
        return definition["resolvedDependencies"]?.array?.first { dependency in
            let url = (dependency["uri"]?.string).flatMap { try? SourceLocation(parsing: $0) }?.repositoryURL
            return url.flatMap(Self.canonical)?.isIdentical(to: wanted) == true
        }?["digest"]?["gitCommit"]?.string
    }

    // MARK: Builder and time

    private func versions(_ expected: [VersionRequirement]) -> Check {
        let found = details["builder"]?["version"]?.object ?? JSONObject()
        guard !expected.isEmpty else {
            return Check(.builderVersions, .notAsked, "\(found.keys.count) recorded")
        }
        var unmet: [String] = []
        for requirement in expected {
            guard let version = found[requirement.name]?.string else {
                unmet.append("\(requirement.name) is not recorded")
                continue
            }
            if !requirement.isMet(by: version) { unmet.append("\(requirement.name) is \(version.quoted)") }
        }
        let met = expected.compactMap { requirement in
            found[requirement.name]?.string.map { "\(requirement.name) \($0)" }
        }
        return Check(.builderVersions, unmet.isEmpty, (unmet.isEmpty ? met : unmet).joined(separator: ", "))
    }

    private func age(_ limit: Int64?, _ now: Int64) -> Check {
        let run = details["metadata"]?.object
        let text = run?["finishedOn"]?.string ?? run?["startedOn"]?.string
        return Check.age(text, limit, now)
    }

    // MARK: Parameters

    private func parameters(_ expected: Expectations) -> Check {
        let leaves = Self.leaves(.object(external), at: [])
        guard expected.isStrict || expected.parameters != nil else {
            return Check(.parameters, .notAsked, "\(leaves.count) recorded")
        }
        let rules = expected.parameters ?? []
        var faults = leaves.isEmpty ? ["there are none, or they are no object"] : []
        for rule in rules where !rule.rule.isMet(by: value(at: rule.path)) {
            faults.append("\(rule.path.joined(separator: ".")) is \(Self.shown(value(at: rule.path)))")
        }
        let asked = askedElsewhere(expected)
        for leaf in leaves where !asked.contains(leaf) {
            guard !rules.contains(where: { leaf.starts(with: $0.path) }) else { continue }
            faults.append("\(leaf.joined(separator: ".")) is neither expected nor allowed")
        }
        let shown = faults.prefix(10).joined(separator: "; ")
        let more = faults.count > 10 ? "; and \(faults.count - 10) more" : ""
        return Check(
            .parameters, faults.isEmpty, faults.isEmpty ? "\(leaves.count) as expected" : shown + more)
    }

    /// What other questions compare already.
    private func askedElsewhere(_ expected: Expectations) -> Set<[String]> {
        var paths: Set<[String]> = []
        if expected.source != nil, repository != nil, let repositoryPath { paths.insert(repositoryPath) }
        if expected.branch != nil { paths.insert(["codeMetadata", "branch"]) }
        if expected.tag != nil { paths.insert(["codeMetadata", "tag"]) }
        if expected.commit != nil { paths.insert(["codeMetadata", "commitSha"]) }
        return paths
    }

    /// The paths of all that is no object with members; lists are one leaf.
    private static func leaves(_ value: JSONValue, at path: [String]) -> [[String]] {
        guard let object = value.object, !object.isEmpty else { return path.isEmpty ? [] : [path] }
        return object.members.flatMap { leaves($0.value, at: path + [$0.key]) }
    }

    private static func shown(_ value: JSONValue?) -> String {
        guard let value else { return "missing" }
        return String(decoding: value.serialized(), as: UTF8.self).quoted
    }
}

extension Check {
    /// Whether a time is not longer ago than a number of seconds, nor in the future.
    static func age(_ text: String?, _ limit: Int64?, _ now: Int64) -> Check {
        guard let limit else { return Check(.age, .notAsked, text ?? "no time is recorded") }
        guard let text, let time = try? Timestamp(parsing: text) else {
            return Check(.age, false, "no time is recorded")
        }
        // Clocks differ by minutes, not by more.
        let isPast = time.seconds <= now + 300
        let detail = isPast ? "\(text), \((now - time.seconds) / 3600) hours ago" : "\(text), in the future"
        return Check(.age, isPast && now - time.seconds <= limit, detail)
    }
}

extension ParameterRule.Rule {
    func isMet(by value: JSONValue?) -> Bool {
        switch self {
        case .any: true
        case .equals(let expected): value == expected
        case .oneOf(let values): value.map { found in values.contains { $0 == found } } ?? false
        }
    }
}

extension Expectations {
    /// What is asked that only provenance can answer.
    var questionsOfProvenance: [Check.Question] {
        let asked: [(Check.Question, Bool)] = [
            (.buildType, !buildTypes.isEmpty), (.source, source != nil), (.branch, branch != nil),
            (.tag, tag != nil), (.commit, commit != nil), (.builderVersions, !builderVersions.isEmpty),
            (.parameters, parameters != nil || isStrict),
        ]
        return asked.filter(\.1).map(\.0)
    }

    /// Whether anything is asked that only provenance can answer.
    var asksOfProvenance: Bool { !questionsOfProvenance.isEmpty || maxAge != nil }
}
