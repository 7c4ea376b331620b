import Linux
public import OCI
public import SystemPackage

/// An image at rest that cannot be read or written.
public enum ImageError: Error, Equatable, CustomStringConvertible {
    /// A text that names no image, and why.
    case malformedLocation(String, String)
    /// A directory that holds something else than an image layout.
    case notALayout(FilePath)
    /// A place without an image layout that was to be read.
    case noLayout(FilePath)
    /// A document that breaks its specification: which file, and how.
    case malformedDocument(FilePath, String)
    /// A file that is no image archive, and why.
    case notAnArchive(FilePath, String)
    /// What was named is there, and is no image: why.
    case notAnImage(FilePath, String)
    /// An image for other platforms than the one that was asked for.
    case noPlatform(FilePath, Platform, available: [Platform])
    /// A blob whose bytes are not what its descriptor says.
    case blobMismatch(FilePath, expected: Digest, found: String)
    /// No image of that name; the names there are.
    case noSuchImage(FilePath, String, names: [String])
    /// Several images and no name to choose by.
    case ambiguous(FilePath, names: [String])
    /// Another process kept the lock for too long.
    case locked(FilePath, seconds: Int)
    /// More attestations of one image than are looked at; the first that is not.
    case tooManyAttestations(FilePath)

    /// One line, as the user reads it.
    public var description: String {
        switch self {
        case .malformedLocation(let text, let reason): "\(escaped(text.utf8)) names no image: \(reason)"
        case .notALayout(let path):
            "\(path.escapedDescription) holds something else than an OCI image layout; give an empty or a new directory"
        case .noLayout(let path): "\(path.escapedDescription) is no OCI image layout"
        case .malformedDocument(let path, let reason): "\(path.escapedDescription) is damaged: \(reason)"
        case .notAnArchive(let path, let reason):
            "\(path.escapedDescription) is no image archive: \(reason)"
        case .notAnImage(let path, let reason): "\(path.escapedDescription) names no image: \(reason)"
        case .noPlatform(let path, let wanted, let available):
            "\(path.escapedDescription) has no image for \(wanted); it has one for "
                + Self.list(available.map { "\($0)" })
        case .blobMismatch(let path, let expected, let found):
            "\(path.escapedDescription) is damaged: \(expected) expected, \(found) found"
        case .noSuchImage(let path, let name, let names):
            "\(path.escapedDescription) has no image \(escaped(name.utf8)); it has \(Self.list(names))"
        case .ambiguous(let path, let names):
            "\(path.escapedDescription) has several images; name one of \(Self.list(names))"
        case .tooManyAttestations(let path):
            "\(path.escapedDescription) and what follows was not looked at: there are too many attestations"
        case .locked(let path, let seconds):
            "\(path.escapedDescription) is locked by another process, for \(seconds) s by now; try again when that has ended"
        }
    }

    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(10).map { escaped($0.utf8) }.joined(separator: ", ")
        return names.isEmpty
            ? "none with a name" : shown + (names.count > 10 ? " and \(names.count - 10) more" : "")
    }
}
