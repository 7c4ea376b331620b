import Images
import Linux
import OCI
public import SystemPackage

/// Where a caller wants to find what was made.
public struct ResultPaths: Sendable {
    /// Receives `sha256:…` without a newline.
    public var digest: FilePath?
    /// Receives `NAME@sha256:…` and a newline, for each name.
    public var imageName: FilePath?
    /// Receives a JSON object about the image.
    public var metadata: FilePath?

    /// Nowhere.
    public init() {}

    /// Those that are wanted.
    var all: [FilePath] { [digest, imageName, metadata].compactMap { $0 } }
}

/// The files in which a caller finds what was packed.
///
/// They are written before the image is published, so that a full disk shows
/// while nothing has happened, and get their names after it.
struct ResultFiles: ~Copyable {
    private var digest: StagedFile?
    private var imageName: StagedFile?
    private var metadata: StagedFile?

    init(_ paths: ResultPaths, _ image: NewImage, names: [ImageName]) throws {
        let manifest = image.manifest
        var digest: StagedFile?
        var imageName: StagedFile?
        var metadata: StagedFile?
        if let path = paths.digest {
            digest = try StagedFile(at: path, Array("\(manifest.digest)".utf8))
        }
        if let path = paths.imageName {
            let lines = names.map { "\(Self.repository($0.description))@\(manifest.digest)\n" }
            imageName = try StagedFile(at: path, Array(lines.joined().utf8))
        }
        if let path = paths.metadata {
            let content: JSONValue = [
                "containerimage.config.digest": .string("\(image.config.digest)"),
                "containerimage.descriptor": manifest.json,
                "containerimage.digest": .string("\(manifest.digest)"),
                "image.name": .string(names.map(\.description).joined(separator: ",")),
            ]
            metadata = try StagedFile(at: path, content.serialized(indent: 2) + [UInt8(ascii: "\n")])
        }
        self.digest = digest
        self.imageName = imageName
        self.metadata = metadata
    }

    /// A name such as registry/team/app:1.0 is a reference, and the digest takes its tag's place.
    private static func repository(_ name: String) -> String {
        name.contains("/") ? (try? Reference(parsing: name).name) ?? name : name
    }

    /// Gives them their names.
    mutating func publish() throws {
        try digest?.publish()
        digest?.keep()
        try imageName?.publish()
        imageName?.keep()
        try metadata?.publish()
        metadata?.keep()
    }
}
