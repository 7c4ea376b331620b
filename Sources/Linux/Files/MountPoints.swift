import SystemPackage

/// Where something is mounted in this process's root directory.
public enum MountPoints {
    /// All of them but `/`, as bytes that begin with a slash.
    ///
    /// - Throws: ``FileError`` where there is no `/proc`.
    public static func current() throws(FileError) -> [[UInt8]] {
        read(try File.reading("/proc/self/mountinfo").readAll(limit: 64 << 20))
    }

    /// Reads the fifth field of each line.
    ///
    /// Source: proc(5), `/proc/PID/mountinfo`: space, tab, newline and backslash stand there as three octal digits.
    static func read(_ text: [UInt8]) -> [[UInt8]] {
        text.split(separator: 10).compactMap { line in
            let fields = line.split(separator: 32, maxSplits: 5)
            guard fields.count == 6, fields[4].count > 1 else { return nil }
            return unescaped(fields[4])
        }
    }

    private static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = text
        while let first = rest.popFirst() {
            let digits = rest.prefix(3)
            if first == 92, digits.count == 3,
                let byte = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                bytes.append(byte)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(first)
            }
        }
        return bytes
    }
}
