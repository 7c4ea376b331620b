import Build
import Linux

/// Entries of a layer, a line each, as `tar -tv` has them: names escaped, times in UTC.
struct EntryLine {
    /// As wide as the widest owner and size so far.
    private var width = 18

    mutating func text(_ entry: ImageEntry) -> String {
        let owner = "\(entry.user)/\(entry.group)"
        let size = entry.device.map { "\($0.major),\($0.minor)" } ?? "\(entry.size ?? 0)"
        width = max(width, owner.count + 1 + size.count)
        let space = String(repeating: " ", count: width - owner.count - size.count)
        return "\(Self.mode(entry)) \(owner)\(space)\(size) \(entry.time) \(escaped(entry.path))"
            + Self.target(entry) + Self.attributes(entry) + "\n"
    }

    private static func target(_ entry: ImageEntry) -> String {
        guard let target = entry.target else { return "" }
        return (entry.kind == .hardlink ? " link to " : " -> ") + escaped(target)
    }

    private static func attributes(_ entry: ImageEntry) -> String {
        guard !entry.attributes.isEmpty else { return "" }
        return "  [" + entry.attributes.map { escaped($0.name) }.joined(separator: ", ") + "]"
    }

    /// `-rwsr-xr-t`.
    static func mode(_ entry: ImageEntry) -> String {
        let kind =
            switch entry.kind {
            case .file: "-"
            case .directory: "d"
            case .symlink: "l"
            case .hardlink: "h"
            case .fifo: "p"
            case .characterDevice: "c"
            case .blockDevice: "b"
            }
        let special: [(bit: UInt32, letter: String)] = [(0o4000, "s"), (0o2000, "s"), (0o1000, "t")]
        return special.enumerated().reduce(kind) { text, part in
            let bits = entry.permissions >> (6 - 3 * UInt32(part.offset))
            let read = bits & 4 != 0 ? "r" : "-"
            let write = bits & 2 != 0 ? "w" : "-"
            let canExecute = bits & 1 != 0
            let letter = part.element.letter
            let execute =
                entry.permissions & part.element.bit != 0
                ? (canExecute ? letter : letter.uppercased()) : (canExecute ? "x" : "-")
            return text + read + write + execute
        }
    }
}
