import Glibc
public import SystemPackage

/// One component of a path: bytes without `/` and NUL, in no encoding.
public struct FileName: Hashable, Comparable, Sendable {
    /// The bytes and a NUL, ready for a system call.
    let terminated: [UInt8]

    /// Takes the bytes up to the first NUL.
    public init(_ bytes: some Sequence<UInt8>) {
        terminated = bytes.prefix { $0 != 0 } + [0]
    }

    /// Takes a component of a path.
    public init(_ component: FilePath.Component) {
        self.init(FilePath(root: nil, components: component).bytes)
    }

    init(terminated: [UInt8]) { self.terminated = terminated }

    /// The name's bytes.
    public var bytes: ArraySlice<UInt8> { terminated.dropLast() }

    /// Whether it is `.` or `..`, which every directory has.
    var isDots: Bool { terminated.count <= 3 && terminated.dropLast().allSatisfy { $0 == UInt8(ascii: ".") } }

    /// Orders by bytes, as memcmp(3) does: no locale changes an archive.
    public static func < (first: FileName, second: FileName) -> Bool {
        // The final NUL makes a prefix the smaller one.
        first.terminated.withUnsafeBytes { first in
            second.terminated.withUnsafeBytes { second in
                guard let start = first.baseAddress, let other = second.baseAddress else { return false }
                return memcmp(start, other, min(first.count, second.count)) < 0
            }
        }
    }

    func withCString<Value>(_ body: (UnsafePointer<CChar>) -> Value) -> Value {
        terminated.withUnsafeBytes { bytes in
            // `terminated` is never empty, so it has an address.
            guard let start = bytes.bindMemory(to: CChar.self).baseAddress else {
                preconditionFailure("a file name without its terminator")
            }
            return body(start)
        }
    }
}

extension FileName: ExpressibleByStringLiteral {
    /// A name that varve itself gives.
    public init(stringLiteral name: String) { self.init(name.utf8) }
}
