import Linux

/// An extended attribute in which overlayfs keeps what it knows of an entry of its upper directory.
///
/// Source: Linux, Documentation/filesystems/overlayfs.rst.
enum OverlayAttribute {
    private static let prefixes = ["trusted.overlay.", "user.overlay."]

    static func isOne(_ name: [UInt8]) -> Bool { prefixes.contains { name.starts(with: $0.utf8) } }

    private static func isOne(_ name: [UInt8], _ suffix: String) -> Bool {
        prefixes.contains { name.elementsEqual(($0 + suffix).utf8) }
    }

    /// Whether a directory hides what the lower ones have.
    static func isOpaque(_ attributes: [ExtendedAttribute]) -> Bool {
        attributes.contains { isOne($0.name, "opaque") && $0.value == [UInt8(ascii: "y")] }
    }

    /// Whether a part of the entry lies elsewhere: its content, or a directory's under another name.
    static func isInPart(_ name: [UInt8]) -> Bool { isOne(name, "metacopy") || isOne(name, "redirect") }
}
