/// The value of `--chmod`.
public enum FileMode: Hashable, Sendable {
    /// Permissions, up to 0o7777.
    case octal(UInt16)
    /// Changes as `chmod` has them, such as `u=rwX,go-w`.
    case symbolic(String)

    /// Reads a mode.
    ///
    /// - Throws: ``SyntaxError`` where it is neither.
    public init(_ word: Word) throws(SyntaxError) {
        let bytes = Array(word.text.utf8)
        if !bytes.isEmpty, bytes.allSatisfy({ (0x30...0x37).contains($0) }),
            let mode = UInt16(word.text, radix: 8),
            mode <= 0o7777
        {
            self = .octal(mode)
            return
        }
        let clauses = bytes.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard clauses.allSatisfy(Self.isClause) else {
            throw word.error("\(word.text.quoted) is no mode: octal up to 7777, or such as u=rwX,go-w")
        }
        self = .symbolic(word.text)
    }

    private static func isClause(_ clause: ArraySlice<UInt8>) -> Bool {
        var rest = clause.drop { "ugoa".utf8.contains($0) }
        guard !rest.isEmpty else { return false }
        while let operation = rest.first {
            guard "+-=".utf8.contains(operation) else { return false }
            rest = rest.dropFirst()
            let permissions = rest.prefix { !"+-=".utf8.contains($0) }
            rest = rest.dropFirst(permissions.count)
            let isCopy = permissions.count == 1 && permissions.allSatisfy("ugo".utf8.contains)
            guard isCopy || permissions.allSatisfy("rwxXst".utf8.contains) else { return false }
        }
        return true
    }
}

extension FileMode {
    /// The permissions of a file that had others.
    ///
    /// No file creation mask counts: the same instruction gives the same image to everybody. Where no class is named,
    /// all are meant.
    ///
    /// - Parameters:
    ///   - permissions: 12 bits.
    ///   - isDirectory: `X` gives directories their execute bit.
    /// - Returns: 12 bits.
    ///
    /// Source: POSIX.1-2017, chmod.
    public func applied(to permissions: UInt32, isDirectory: Bool) -> UInt32 {
        switch self {
        case .octal(let mode): return UInt32(mode)
        case .symbolic(let text):
            return text.utf8.split(separator: UInt8(ascii: ",")).reduce(permissions) { mode, clause in
                Self.applied(clause, to: mode, isDirectory: isDirectory)
            }
        }
    }

    /// The shift of a class's three bits.
    private static let shifts: [(letter: UInt8, shift: UInt32)] = [
        (UInt8(ascii: "u"), 6), (UInt8(ascii: "g"), 3), (UInt8(ascii: "o"), 0),
    ]

    private static func applied(
        _ clause: Substring.UTF8View, to permissions: UInt32, isDirectory: Bool
    ) -> UInt32 {
        let named = clause.prefix { "ugoa".utf8.contains($0) }
        var rest = clause.dropFirst(named.count)
        let isForAll = named.isEmpty || named.contains(UInt8(ascii: "a"))
        let classes = shifts.filter { isForAll || named.contains($0.letter) }
        var mode = permissions
        while let operation = rest.popFirst() {
            let letters = rest.prefix { !"+-=".utf8.contains($0) }
            rest = rest.dropFirst(letters.count)
            for (letter, shift) in classes {
                let bits = bits(
                    letters, letter, shift, of: mode, isDirectory: isDirectory, isForAll: isForAll)
                switch operation {
                case UInt8(ascii: "+"): mode |= bits
                case UInt8(ascii: "-"): mode &= ~bits
                default: mode = mode & ~kept(letter, shift, isForAll: isForAll) | bits
                }
            }
        }
        return mode & 0o7777
    }

    /// What `=` clears: a class's bits, and the special bit that goes with it.
    private static func kept(_ letter: UInt8, _ shift: UInt32, isForAll: Bool) -> UInt32 {
        7 << shift | special(letter) | (isForAll ? 0o1000 : 0)
    }

    private static func special(_ letter: UInt8) -> UInt32 {
        letter == UInt8(ascii: "u") ? 0o4000 : letter == UInt8(ascii: "g") ? 0o2000 : 0o1000
    }

    private static func bits(
        _ letters: Substring.UTF8View.SubSequence, _ letter: UInt8, _ shift: UInt32, of mode: UInt32,
        isDirectory: Bool, isForAll: Bool
    ) -> UInt32 {
        letters.reduce(0) { bits, permission in
            switch permission {
            case UInt8(ascii: "r"): bits | 4 << shift
            case UInt8(ascii: "w"): bits | 2 << shift
            case UInt8(ascii: "x"): bits | 1 << shift
            case UInt8(ascii: "X"): isDirectory || mode & 0o111 != 0 ? bits | 1 << shift : bits
            case UInt8(ascii: "s"): letter == UInt8(ascii: "o") ? bits : bits | special(letter)
            case UInt8(ascii: "t"): letter == UInt8(ascii: "o") || isForAll ? bits | 0o1000 : bits
            default:
                shifts.first { $0.letter == permission }.map { bits | (mode >> $0.shift & 7) << shift }
                    ?? bits
            }
        }
    }
}
