import Images
import Linux
public import OCI
public import SystemPackage

/// Where a caller wants to find what was made.
public struct ResultPaths: Sendable {
    /// A file, and what it shall hold once the manifest's digest is known.
    public struct File: Sendable {
        let path: FilePath
        let content: @Sendable (Digest) -> [UInt8]

        /// - Parameters:
        ///   - path: Where it goes; directories above it are made.
        ///   - content: What it holds.
        public init(at path: FilePath, content: @escaping @Sendable (Digest) -> [UInt8]) {
            (self.path, self.content) = (path, content)
        }
    }

    /// Receives `sha256:…` without a newline.
    public var digest: FilePath?
    /// Receives `NAME@sha256:…` and a newline, for each name.
    public var imageName: FilePath?
    /// Receives a JSON object about the image.
    public var metadata: FilePath?
    /// Further files.
    public var others: [File] = []
    /// The CI system that is told once the image is published.
    public var ci: CIOutput?

    /// Nowhere.
    public init() {}

    /// Those that are wanted.
    var all: [FilePath] {
        [digest, imageName, metadata].compactMap { $0 } + others.map(\.path) + (ci?.paths ?? [])
    }
}

/// The files in which a caller finds what was packed.
///
/// They are written before the image is published, so that a full disk shows
/// while nothing has happened, and get their names after it.
struct ResultFiles {
    /// An array holds nothing that cannot be copied.
    private final class Staged {
        var file: StagedFile

        init(_ file: consuming StagedFile) { self.file = file }
    }

    private var files: [Staged] = []

    init(_ paths: ResultPaths, _ image: NewImage, names: [ImageName]) throws {
        let manifest = image.manifest
        if let path = paths.digest { try stage(path, Array("\(manifest.digest)".utf8)) }
        if let path = paths.imageName {
            let lines = names.map { "\(Self.repository($0.description))@\(manifest.digest)\n" }
            try stage(path, Array(lines.joined().utf8))
        }
        if let path = paths.metadata {
            let content: JSONValue = [
                "containerimage.config.digest": .string("\(image.config.digest)"),
                "containerimage.descriptor": manifest.json,
                "containerimage.digest": .string("\(manifest.digest)"),
                "image.name": .string(names.map(\.description).joined(separator: ",")),
            ]
            try stage(path, content.serialized(indent: 2) + [UInt8(ascii: "\n")])
        }
        for file in paths.others {
            _ = try Directory.makeDirectory(Machine.absolute(file.path).removingLastComponent())
            try stage(file.path, file.content(manifest.digest))
        }
    }

    private mutating func stage(_ path: FilePath, _ content: [UInt8]) throws {
        files.append(Staged(try StagedFile(at: path, content)))
    }

    /// A name such as registry/team/app:1.0 is a reference, and the digest takes its tag's place.
    static func repository(_ name: String) -> String {
        name.contains("/") ? (try? Reference(parsing: name).name) ?? name : name
    }

    /// Gives them their names.
    func publish() throws {
        for staged in files {
            try staged.file.publish()
            staged.file.keep()
        }
    }
}
