/// The machine that an image is for.
///
/// `os`, `architecture` and `variant` are Go's names: `linux`, `amd64`, `v7`.
/// A platform read from a document keeps its words as they stood; one that a
/// user wrote is normalised. Compare with ``matches(_:)``.
///
/// Source: OCI image-spec v1.1, image-index.md, "Platform Variants".
public struct Platform: Hashable, Sendable, CustomStringConvertible {
    /// The operating system, such as `linux`.
    public let os: String
    /// The processor's architecture, such as `amd64`.
    public let architecture: String
    /// The architecture's variant, such as `v7`, where it has one.
    public let variant: String?

    /// Puts a platform together from its words as they stand; an empty variant is none.
    public init(os: String, architecture: String, variant: String? = nil) {
        (self.os, self.architecture) = (os, architecture)
        self.variant = variant?.isEmpty == true ? nil : variant
    }

    /// Reads `os/architecture` or `os/architecture/variant`, normalised.
    ///
    /// - Throws: ``OCIError/malformedPlatform(_:reason:)`` with the text as it stood.
    public init(parsing text: String) throws(OCIError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard (2...3).contains(parts.count) else {
            throw .malformedPlatform(text, reason: "it needs two or three words between slashes")
        }
        for part in parts {
            guard let first = part.utf8.first, Self.isLetterOrDigit(first) else {
                throw .malformedPlatform(text, reason: "each word begins with a letter or a digit")
            }
            guard part.utf8.allSatisfy({ Self.isLetterOrDigit($0) || "-_.".utf8.contains($0) }) else {
                throw .malformedPlatform(text, reason: "a word holds only letters, digits and - _ .")
            }
        }
        let variant = parts.count == 3 ? parts[2] : nil
        self = Platform(os: parts[0], architecture: parts[1], variant: variant).normalized
    }

    /// Reads a descriptor's `platform` member, without changing its words.
    ///
    /// - Throws: ``OCIError/missingMember(path:)`` or ``OCIError/wrongMember(path:expected:found:)``.
    public init(json: JSONValue) throws(OCIError) {
        let object = try Expect.object(json)
        self.init(
            os: try object.required("os", Expect.string),
            architecture: try object.required("architecture", Expect.string),
            variant: try object.optional("variant", Expect.string))
    }

    /// The object as a descriptor holds it.
    public var json: JSONValue {
        var object: JSONObject = ["architecture": .string(architecture), "os": .string(os)]
        object["variant"] = variant.map { .string($0) }
        return .object(object)
    }

    /// `os/architecture` or `os/architecture/variant`.
    public var description: String { "\(os)/\(architecture)\(variant.map { "/\($0)" } ?? "")" }

    /// The platform of a Linux machine.
    ///
    /// - Parameter machine: What `uname -m` says.
    /// - Returns: `linux` on that machine; a name unknown here is taken as the architecture.
    public static func host(machine: String) -> Platform {
        let names: [String: (String, String?)] = [
            "i486": ("386", nil), "i586": ("386", nil), "i686": ("386", nil),
            "armv5tel": ("arm", "v5"), "armv5tejl": ("arm", "v5"), "armv6l": ("arm", "v6"),
            "armv7l": ("arm", "v7"), "armv8l": ("arm", "v8"), "loongarch64": ("loong64", nil),
        ]
        let (architecture, variant) = names[machine] ?? (machine, nil)
        return Platform(os: "linux", architecture: architecture, variant: variant).normalized
    }

    /// Whether both mean the same machine, whichever of its names they use.
    public func matches(_ other: Platform) -> Bool { normalized == other.normalized }

    /// The same platform in the words that containerd uses.
    public var normalized: Platform {
        let os = self.os.lowercased()
        let architecture = self.architecture.lowercased()
        let variant = self.variant?.lowercased()
        let words: (String, String?) =
            switch (architecture, variant) {
            case ("i386", _): ("386", nil)
            case ("x86_64", "v1"), ("x86-64", "v1"), ("amd64", "v1"): ("amd64", nil)
            case ("x86_64", _), ("x86-64", _): ("amd64", variant)
            case ("aarch64", "8"), ("arm64", "8"), ("aarch64", "v8"), ("arm64", "v8"): ("arm64", nil)
            case ("aarch64", _): ("arm64", variant)
            case ("armhf", _): ("arm", "v7")
            case ("armel", _): ("arm", "v6")
            case ("arm", nil): ("arm", "v7")
            case ("arm", "5"), ("arm", "6"), ("arm", "7"), ("arm", "8"): ("arm", variant.map { "v" + $0 })
            default: (architecture, variant)
            }
        return Platform(os: os == "macos" ? "darwin" : os, architecture: words.0, variant: words.1)
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }
}
