/// Paths as they stand in a Dockerfile: bytes, of which only `/`, `.` and `..` mean something here.
enum PathText {
    /// A path within an image, which begins with `/`; a final `/` stays, for it says that a directory is meant.
    static func absolute(_ path: String, in directory: String) -> [UInt8] {
        let bytes = Array(path.utf8)
        if bytes.first == slash { return bytes }
        // The directory itself, and not a file of its name.
        let rest = path.isEmpty || path == "." ? Array("./".utf8) : bytes
        return Array(directory.utf8) + [slash] + rest
    }

    /// The path without `.`, `..` and empty components, and without `/` in front; none leads above the root.
    static func normalized(_ path: [UInt8]) -> [UInt8] {
        var kept: [ArraySlice<UInt8>] = []
        for component in path.split(separator: slash) where component != [dot] {
            if component == [dot, dot] { _ = kept.popLast() } else { kept.append(component) }
        }
        return Array(kept.joined(separator: [slash]))
    }

    /// The last component; empty for the root.
    static func name(_ path: [UInt8]) -> [UInt8] { Array(path.split(separator: slash).last ?? []) }

    private static let slash = UInt8(ascii: "/")
    private static let dot = UInt8(ascii: ".")
}
