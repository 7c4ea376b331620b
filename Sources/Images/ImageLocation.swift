import Linux
public import OCI
public import SystemPackage

/// Where an image lies, as a user writes it: `oci:DIR:TAG`, `oci-archive:FILE@sha256:…`,
/// `docker-archive:FILE:REPOSITORY:TAG`.
///
/// The path ends at the first colon, as in skopeo.
public struct ImageLocation: Hashable, Sendable, CustomStringConvertible {
    /// In which form an image lies there.
    public enum Transport: String, Hashable, Sendable, CaseIterable {
        /// A directory, an OCI image layout.
        case layout = "oci"
        /// A tar of an OCI image layout.
        case archive = "oci-archive"
        /// A tar as `docker save` writes it and `docker load` reads it.
        case dockerArchive = "docker-archive"
    }

    /// Which of the images there is meant.
    public enum Selector: Hashable, Sendable {
        /// The one whose `org.opencontainers.image.ref.name` this is; in a docker archive, the one with this
        /// repository and tag.
        case name(String)
        /// The one with this manifest digest.
        case digest(Digest)
    }

    /// In which form.
    public let transport: Transport
    /// The layout's directory, or the archive's file.
    public let path: FilePath
    /// Which image; `nil` for the only one, or for `latest` when writing.
    public let selector: Selector?

    /// A whole layout.
    init(layout path: FilePath) { (transport, self.path, selector) = (.layout, path, nil) }

    private init(_ transport: Transport, _ path: FilePath, _ selector: Selector?) {
        (self.transport, self.path, self.selector) = (transport, path, selector)
    }

    /// The image with this digest in the same place.
    public func selecting(_ digest: Digest) -> ImageLocation {
        ImageLocation(transport, path, .digest(digest))
    }

    /// The same archive, read by its other list of images; `nil` for a layout.
    var inOtherForm: ImageLocation? {
        switch transport {
        case .layout: nil
        case .archive: ImageLocation(.dockerArchive, path, nil)
        case .dockerArchive: ImageLocation(.archive, path, nil)
        }
    }

    /// Reads a location.
    ///
    /// - Parameter text: Its bytes: a path is in no encoding.
    /// - Throws: ``ImageError/malformedLocation(_:_:)``.
    public init(parsing text: [UInt8]) throws(ImageError) {
        let shown = String(decoding: text, as: UTF8.self)
        // A path would end there, and be another one.
        guard !text.contains(0) else { throw .malformedLocation(shown, "it holds a NUL") }
        let colon = text.firstIndex(of: UInt8(ascii: ":"))
        let prefix = String(decoding: text[..<(colon ?? text.endIndex)], as: UTF8.self)
        guard let colon, let transport = Transport(rawValue: prefix) else {
            let reason =
                colon == nil
                ? "write oci:DIR:TAG, oci-archive:FILE:TAG or docker-archive:FILE:REPOSITORY:TAG"
                : "\(escaped(prefix.utf8)) is no transport; oci, oci-archive and docker-archive are"
            throw .malformedLocation(shown, reason)
        }
        let rest = text[(colon + 1)...]
        self.transport = transport
        if let at = rest.lastIndex(of: UInt8(ascii: "@")), rest[(at + 1)...].starts(with: "sha256:".utf8) {
            guard !rest[..<at].contains(UInt8(ascii: ":")) else {
                throw .malformedLocation(shown, "give a tag or a digest, not both")
            }
            path = FilePath(bytes: Array(rest[..<at]))
            do {
                selector = .digest(try Digest(parsing: String(decoding: rest[(at + 1)...], as: UTF8.self)))
            } catch {
                throw .malformedLocation(shown, "\(error)")
            }
        } else {
            let end = rest.firstIndex(of: UInt8(ascii: ":"))
            path = FilePath(bytes: Array(rest[..<(end ?? rest.endIndex)]))
            do {
                selector = try end.map { .name(try Self.name(rest[($0 + 1)...], in: transport)) }
            } catch {
                throw .malformedLocation(shown, "\(error)")
            }
        }
        guard !path.isEmpty else {
            let place = transport == .layout ? "directory" : "file"
            throw .malformedLocation(shown, "the \(place) is missing")
        }
    }

    /// Whether it is standard output, or standard input: an archive whose file is `-`.
    public var isStandardStream: Bool { transport != .layout && path == "-" }

    /// The location as a user writes it, escaped for a message.
    public var description: String {
        let place = "\(transport.rawValue):\(path.escapedDescription)"
        return switch selector {
        case .name(let name): "\(place):\(name)"
        case .digest(let digest): "\(place)@\(digest)"
        case nil: place
        }
    }

    private struct Mistake: Error, CustomStringConvertible { let description: String }

    private static func name(_ bytes: ArraySlice<UInt8>, in transport: Transport) throws -> String {
        guard isName(bytes) else {
            throw Mistake(
                description:
                    "the tag needs 1 to 255 letters, digits and . _ - / : @ +, beginning with a letter or digit"
            )
        }
        let name = String(decoding: bytes, as: UTF8.self)
        if transport == .dockerArchive { _ = try Reference(parsing: name) }
        return name
    }

    /// Image-spec v1.1, annotations.md, grammar of `ref.name`; and `_` as tags have it.
    private static func isName(_ name: ArraySlice<UInt8>) -> Bool {
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"):
                true
            default: false
            }
        }
        return name.count <= 255 && name.first.map { isAlphanumeric($0) || $0 == UInt8(ascii: "_") } == true
            && name.allSatisfy { isAlphanumeric($0) || "._-/:@+".utf8.contains($0) }
    }
}
