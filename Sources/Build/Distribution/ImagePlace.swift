import Images
import Linux
import OCI
import SystemPackage

/// Where an image is, as a user writes it: at rest, `oci:DIR:TAG` and its like, or in a registry,
/// `docker://registry.example.com/app:1.0` with or without the `docker://`.
enum ImagePlace: Hashable, Sendable, CustomStringConvertible {
    /// In a layout or an archive.
    case stored(ImageLocation)
    /// In a registry; with a tag, a digest, or both.
    case registry(Reference)

    private static let scheme = "docker://"

    /// Reads a place that an image is taken from.
    ///
    /// - Parameter text: Its bytes: a path is in no encoding.
    /// - Throws: `ImageError/malformedLocation`, `OCIError/malformedReference`.
    init(parsing text: [UInt8]) throws {
        if text.starts(with: Self.scheme.utf8) {
            let name = String(decoding: text.dropFirst(Self.scheme.utf8.count), as: UTF8.self)
            guard !name.prefix(while: { $0 != "/" }).contains("@") else {
                throw BuildError.usage(
                    "image", "a reference holds no user and no password; varve login keeps them")
            }
            do {
                self = .registry(try Reference(parsing: name).completed)
            } catch {
                throw BuildError.usage("image", "\(error)")
            }
            return
        }
        // A short name that is a file's here means that file, and lacks its transport.
        let isFile = !Self.namesRegistry(text) && Machine.exists(FilePath(bytes: text))
        guard !isFile, !Self.hasTransport(text), let name = String(validating: text, as: UTF8.self),
            let reference = try? Reference(parsing: name)
        else {
            self = .stored(try ImageLocation(parsing: text))
            return
        }
        self = .registry(reference.completed)
    }

    /// Reads a place that an image is written to.
    ///
    /// A short name is no place there: who forgets `oci:` does not mean Docker Hub.
    ///
    /// - Throws: As ``init(parsing:)``, and ``BuildError/usage(_:_:)``.
    init(writing text: [UInt8]) throws {
        try self.init(parsing: text)
        guard case .registry(let reference) = self, !text.starts(with: Self.scheme.utf8) else { return }
        guard Self.namesRegistry(text) else {
            throw BuildError.usage(
                "--output",
                "\(escaped(text)) names no registry; write oci:DIR:TAG for a directory, or \(Self.scheme)\(reference)"
            )
        }
    }

    /// Whether a text says that it is an image at rest.
    static func hasTransport(_ text: [UInt8]) -> Bool {
        ImageLocation.Transport.allCases.contains { text.starts(with: "\($0.rawValue):".utf8) }
    }

    /// Whether a text is a reference that begins with a registry's host.
    static func namesRegistry(_ text: [UInt8]) -> Bool {
        guard let slash = text.firstIndex(of: UInt8(ascii: "/")), !hasTransport(text) else { return false }
        let host = String(decoding: text[..<slash], as: UTF8.self).lowercased()
        guard host == "localhost" || host.contains(where: { ".:".contains($0) }) else { return false }
        return (try? Reference(parsing: String(decoding: text, as: UTF8.self))) != nil
    }

    /// Whether a text says that it is an image, wherever.
    static func isImage(_ text: [UInt8]) -> Bool {
        hasTransport(text) || text.starts(with: scheme.utf8)
    }

    /// The place as a user writes it, escaped for a message.
    var description: String {
        switch self {
        case .stored(let location): "\(location)"
        case .registry(let reference): "\(reference)"
        }
    }

    /// What the user called the image there.
    var givenName: String? {
        switch self {
        case .stored(let location): if case .name(let name) = location.selector { name } else { nil }
        case .registry(let reference): reference.description
        }
    }

    /// What an image is called that is written there.
    ///
    /// - Throws: `ImageError/malformedLocation` for a digest: it is not known before the image is.
    var writtenName: ImageName {
        get throws {
            switch self {
            case .stored(let location): return try location.name
            case .registry(let reference):
                guard reference.digest == nil else {
                    throw ImageError.malformedLocation(
                        "\(reference)", "an image that is written has no digest yet; give it a tag")
                }
                return ImageName(reference)
            }
        }
    }

    /// Whether it is standard output, or standard input.
    var isStandardStream: Bool {
        if case .stored(let location) = self { location.isStandardStream } else { false }
    }

    /// The file or directory; `nil` in a registry.
    var path: FilePath? { if case .stored(let location) = self { location.path } else { nil } }

    /// Whether it is an archive in Docker's form.
    var isDockerArchive: Bool {
        if case .stored(let location) = self { location.transport == .dockerArchive } else { false }
    }

    /// Whether something can be added beside the image in a layout.
    var isLayout: Bool {
        if case .stored(let location) = self { location.transport == .layout } else { false }
    }
}
