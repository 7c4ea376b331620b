import Linux

/// The extended attributes in which overlayfs keeps what it knows of an entry of its upper directory.
///
/// Their names begin in one way as root and in another in a user namespace. A program may give files attributes of the
/// other name, and what it says there means nothing.
///
/// Source: Linux, Documentation/filesystems/overlayfs.rst.
struct OverlayAttributes: Sendable {
    private let prefix = OverlayMount.attributePrefix

    func contain(_ name: [UInt8]) -> Bool { name.starts(with: prefix) }

    /// Whether a directory hides what the lower ones have.
    func areOpaque(_ attributes: [ExtendedAttribute]) -> Bool {
        attributes.contains { $0.name == prefix + "opaque".utf8 && $0.value == [UInt8(ascii: "y")] }
    }

    /// Whether a part of the entry lies elsewhere: its content, or a directory's under another name.
    func areInPart(_ attributes: [ExtendedAttribute]) -> Bool {
        attributes.contains { $0.name == prefix + "metacopy".utf8 || $0.name == prefix + "redirect".utf8 }
    }
}
