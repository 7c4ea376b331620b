import Linux
public import OCI
public import SystemPackage

/// Where an image lies, as a user writes it: `oci:DIR`, `oci:DIR:TAG`, `oci:DIR@sha256:…`.
///
/// The directory ends at the first colon, as in skopeo.
public struct ImageLocation: Hashable, Sendable {
    /// Which of a layout's images is meant.
    public enum Selector: Hashable, Sendable {
        /// The one whose `org.opencontainers.image.ref.name` this is.
        case name(String)
        /// The one with this manifest digest.
        case digest(Digest)
    }

    /// The layout's directory.
    public let path: FilePath
    /// Which image; `nil` for the only one, or for `latest` when writing.
    public let selector: Selector?

    /// Reads a location.
    ///
    /// - Parameter text: Its bytes: a path is in no encoding.
    /// - Throws: ``ImageError/malformedLocation(_:_:)``.
    public init(parsing text: [UInt8]) throws(ImageError) {
        let shown = String(decoding: text, as: UTF8.self)
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")), text[..<colon].elementsEqual("oci".utf8)
        else {
            let transport = shown.prefix { $0 != ":" }
            throw .malformedLocation(
                shown,
                shown.contains(":")
                    ? "\(escaped(transport.utf8)) is no transport; oci:DIR:TAG is one" : "write oci:DIR:TAG")
        }
        let rest = text[(colon + 1)...]
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
        } else if let end = rest.firstIndex(of: UInt8(ascii: ":")) {
            path = FilePath(bytes: Array(rest[..<end]))
            let name = rest[(end + 1)...]
            guard Self.isName(name) else {
                throw .malformedLocation(
                    shown,
                    "the tag needs 1 to 255 letters, digits and . _ - / : @ +, beginning with a letter or digit"
                )
            }
            selector = .name(String(decoding: name, as: UTF8.self))
        } else {
            path = FilePath(bytes: Array(rest))
            selector = nil
        }
        guard !path.isEmpty else { throw .malformedLocation(shown, "the directory is missing") }
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
