/// What the version of a builder's component must be: `plugins/kaniko>=1.7.5,<2`.
///
/// A name alone demands that the component is there. A version without a number in front, such as
/// `latest` or a digest, says nothing about its age: it meets no requirement that names a number, not
/// even `!=`, and can be demanded itself with `=` and `!=` only, byte for byte.
public struct VersionRequirement: Hashable, Sendable, CustomStringConvertible {
    /// How two versions are compared.
    public enum Relation: String, CaseIterable, Hashable, Sendable {
        case equal = "="
        case notEqual = "!="
        case atLeast = ">="
        case atMost = "<="
        case above = ">"
        case below = "<"
    }

    /// A version and how the component's own compares with it.
    public struct Bound: Hashable, Sendable {
        /// How the component's version must compare.
        public let relation: Relation
        /// The version it is compared with, as it was written.
        public let version: String
    }

    /// The component, as `builder.version` names it.
    public let name: String
    /// What must all be true of its version; none where only the name was given.
    public let bounds: [Bound]

    /// The most bytes of a requirement.
    private static let limit = 1_024

    /// Reads `NAME`, `NAME>=VERSION` or `NAME>=VERSION,<VERSION`; with spaces between, if you like.
    ///
    /// Relations are `=` (or `==`), `!=`, `>=`, `<=`, `>` and `<`.
    ///
    /// - Throws: ``RequirementError``.
    public init(parsing text: String) throws(RequirementError) {
        guard text.utf8.count <= Self.limit else {
            throw RequirementError(text, reason: "longer than \(Self.limit) bytes")
        }
        let trimmed = Array(text.utf8).trimmed
        let name = trimmed.prefix { !Self.signs.contains($0) && !Self.isSpace($0) }
        guard !name.isEmpty else {
            throw RequirementError(text, reason: "no name in front; write plugins/kaniko>=1.7.5")
        }
        guard name.allSatisfy(Self.isOfName) else {
            let reason = "a component's name has letters, digits and / - . : _ @ only"
            throw RequirementError(text, reason: reason)
        }
        self.name = String(decoding: name, as: UTF8.self)
        let rest = trimmed.dropFirst(name.count).trimmed
        var bounds: [Bound] = []
        if !rest.isEmpty {
            for part in rest.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
                bounds.append(try Self.bound(part.trimmed, in: text))
            }
        }
        self.bounds = bounds
    }

    /// Whether a component of this version is what is asked for.
    ///
    /// - Parameter version: The version as the provenance has it.
    /// - Returns: `false` also for an empty version.
    public func isMet(by version: String) -> Bool {
        !version.isEmpty && bounds.allSatisfy { $0.isMet(by: version) }
    }

    /// The requirement as it can be parsed again.
    public var description: String {
        name + bounds.map { "\($0.relation.rawValue)\($0.version)" }.joined(separator: ",")
    }

    private static let signs = Array("=<>!,".utf8)

    private static func bound(_ part: ArraySlice<UInt8>, in text: String) throws(RequirementError) -> Bound {
        let sign = part.prefix { signs.contains($0) }
        let spelling = String(decoding: sign, as: UTF8.self)
        guard let relation = spelling == "==" ? .equal : Relation(rawValue: spelling) else {
            let found = part.isEmpty ? "nothing" : String(decoding: part, as: UTF8.self).shown
            throw RequirementError(
                text, reason: "\(found) where =, !=, >=, <=, > or < and a version must stand")
        }
        let version = part.dropFirst(sign.count).trimmed
        let spelled = String(decoding: version, as: UTF8.self)
        guard !version.isEmpty else { throw RequirementError(text, reason: "no version behind \(spelling)") }
        guard version.allSatisfy(isOfVersion) else {
            let reason = "\(spelled.shown) is no version: letters, digits and . - + : _ ~ only"
            throw RequirementError(text, reason: reason)
        }
        guard OrderedVersion(spelled) != nil || relation == .equal || relation == .notEqual else {
            let reason = "\(spelled.shown) begins with no number, and \(spelling) cannot tell what is later"
            throw RequirementError(text, reason: reason)
        }
        return Bound(relation: relation, version: spelled)
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || "/-.:_@".utf8.contains(byte)
    }

    private static func isOfVersion(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || ".-+:_~".utf8.contains(byte)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    fileprivate static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}

extension VersionRequirement.Bound {
    fileprivate func isMet(by text: String) -> Bool {
        guard let required = OrderedVersion(version) else {
            return text.utf8.elementsEqual(version.utf8) == (relation == .equal)
        }
        guard let found = OrderedVersion(text) else { return false }
        return switch relation {
        case .equal: found == required
        case .notEqual: found != required
        case .atLeast: found >= required
        case .atMost: found <= required
        case .above: found > required
        case .below: found < required
        }
    }
}

extension Collection<UInt8> where SubSequence == ArraySlice<UInt8> {
    /// Without the spaces around.
    fileprivate var trimmed: ArraySlice<UInt8> {
        var slice = self[...]
        while let first = slice.first, VersionRequirement.isSpace(first) { slice.removeFirst() }
        while let last = slice.last, VersionRequirement.isSpace(last) { slice.removeLast() }
        return slice
    }
}
