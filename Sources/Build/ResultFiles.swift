import Linux
import OCI
import SystemPackage

/// The files in which a caller finds what was packed.
///
/// They are written before the image is published, so that a full disk shows
/// while nothing has happened, and get their names after it.
struct ResultFiles: ~Copyable {
    private var digest: StagedFile?
    private var imageName: StagedFile?
    private var metadata: StagedFile?

    init(_ request: PackRequest, manifest: Descriptor, config: Descriptor, name: String) throws {
        var digest: StagedFile?
        var imageName: StagedFile?
        var metadata: StagedFile?
        if let path = request.digestFile {
            digest = try StagedFile(at: path, Array("\(manifest.digest)".utf8))
        }
        if let path = request.imageNameFile {
            // A name such as registry/team/app:1.0 is a reference, and the digest takes its tag's place.
            let repository = name.contains("/") ? (try? Reference(parsing: name).name) : nil
            imageName = try StagedFile(at: path, Array("\(repository ?? name)@\(manifest.digest)\n".utf8))
        }
        if let path = request.metadataFile {
            let content: JSONValue = [
                "containerimage.config.digest": .string("\(config.digest)"),
                "containerimage.descriptor": manifest.json,
                "containerimage.digest": .string("\(manifest.digest)"),
                "image.name": .string(name),
            ]
            metadata = try StagedFile(at: path, content.serialized(indent: 2) + [UInt8(ascii: "\n")])
        }
        self.digest = digest
        self.imageName = imageName
        self.metadata = metadata
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
