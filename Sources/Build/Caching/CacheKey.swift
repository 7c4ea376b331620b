import Images
import Linux
import OCI

/// What an instruction's layer depends on: two builds that agree in all of it may share the layer.
///
/// Fields are kept by name, so that a miss can say which of them differs; of a value only its hash is. A secret is
/// nobody's field: its name is, or a keyed hash of it.
struct CacheKey: Hashable, Sendable {
    /// One thing that the layer depends on.
    struct Field: Hashable, Sendable {
        /// What it is called in a sentence: `the base`, `build argument V`.
        let name: String
        /// The hash of the value.
        let digest: Digest
        /// Of files, which they are; perhaps not all of them.
        let files: [File]
    }

    /// A file that the layer is made of.
    struct File: Hashable, Sendable {
        /// The path, escaped for a message.
        let path: String
        /// Of its content and of those attributes that count.
        let digest: Digest

        /// A file by its path's bytes.
        init(_ path: some Sequence<UInt8>, _ digest: Digest) {
            (self.path, self.digest) = (escaped(path), digest)
        }

        /// A file as it was kept.
        init(shown path: String, _ digest: Digest) { (self.path, self.digest) = (path, digest) }
    }

    /// Hashed first: a varve that makes other layers of the same input has another one.
    static let version = "varve cache 1"
    /// The most files whose names a miss can tell.
    static let fileLimit = 2000

    /// The name of the field for the image that the instruction stands on.
    static let base = "the base"
    /// The name of the field for the instruction after expansion.
    static let instruction = "the instruction"
    /// The name of the field for the machine.
    static let platform = "the platform"
    /// The name of the field for files that are copied.
    static let files = "files"
    /// The name of the field for a build argument that is in use.
    static func argument(_ name: String) -> String { "build argument \(name)" }

    /// The instruction, for people.
    let shown: String
    /// The machine that the layer is for.
    let machine: Platform
    /// In the order in which they were added.
    private(set) var fields: [Field] = []
    /// SHA-256 over the version, and over every field's name and hash, each behind its length.
    private(set) var digest: Digest

    /// A key with two fields.
    ///
    /// - Parameters:
    ///   - instruction: As it is after expansion.
    ///   - shown: As a person shall see it; `nil` for the same.
    ///   - platform: The machine that the layer is for.
    /// - Throws: `CryptographyError`.
    init(instruction: String, shown: String? = nil, platform: Platform) throws {
        (self.shown, machine) = (shown ?? instruction, platform)
        digest = try Digest.of([])
        try add(Self.platform, "\(platform)")
        try add(Self.instruction, instruction)
    }

    /// Adds a field.
    ///
    /// - Throws: `CryptographyError`.
    mutating func add(_ name: String, _ value: [UInt8]) throws {
        try append(Field(name: name, digest: Digest.of(value), files: []))
    }

    /// Adds a field that is a text.
    ///
    /// - Throws: `CryptographyError`.
    mutating func add(_ name: String, _ text: String) throws { try add(name, Array(text.utf8)) }

    /// Adds a field whose value is known by its digest.
    ///
    /// - Parameters:
    ///   - name: What it is called.
    ///   - digest: Of all of it.
    ///   - files: What it consists of, for messages alone; ``fileLimit`` of them are kept.
    /// - Throws: `CryptographyError`.
    mutating func add(_ name: String, _ digest: Digest, files: some Sequence<File> = []) throws {
        try append(
            Field(
                name: name, digest: Digest.of(Array(digest.description.utf8)),
                files: Array(files.prefix(Self.fileLimit))))
    }

    private mutating func append(_ field: Field) throws {
        fields.append(field)
        var text = Self.prefixed(Self.version)
        for field in fields { text += Self.prefixed(field.name) + Self.prefixed(field.digest.hex) }
        digest = try Digest.of(text)
    }

    /// A text behind its length, eight bytes, the greatest first.
    private static func prefixed(_ text: String) -> [UInt8] {
        let length = UInt64(text.utf8.count)
        return (0..<8).map { UInt8(truncatingIfNeeded: length >> (56 - 8 * $0)) } + text.utf8
    }
}

/// Which instruction of which build asks; the same in every build of the same Dockerfile.
struct CachePlace: Hashable, Sendable {
    /// What identifies it: the Dockerfile, the stage, the instruction's number.
    let identity: [UInt8]
    /// What it is called in a message: `stage build, line 12`.
    let name: String

    /// The same instruction where it asks a second time, by the content of its files.
    var byContent: CachePlace { CachePlace(identity: identity + "\nby content".utf8, name: name) }
}
