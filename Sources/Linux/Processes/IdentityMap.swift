import Glibc
import SystemPackage

/// Which users and groups of the machine those of a user namespace are.
///
/// Source: user_namespaces(7), subuid(5), newuidmap(1).
public struct IdentityMap: Equatable, Sendable {
    /// So many ids in a row.
    public struct Range: Equatable, Sendable {
        /// The first one in the namespace.
        public let inside: UInt32
        /// The first one around it.
        public let outside: UInt32
        /// How many.
        public let count: UInt32

        /// Takes all three.
        public init(inside: UInt32, outside: UInt32, count: UInt32) {
            (self.inside, self.outside, self.count) = (inside, outside, count)
        }
    }

    /// User ids.
    public let users: [Range]
    /// Group ids.
    public let groups: [Range]

    /// Takes the ranges.
    public init(users: [Range], groups: [Range]) { (self.users, self.groups) = (users, groups) }

    /// This process's user and group as root, and nobody else.
    public static var single: IdentityMap {
        let user = Machine.user
        return IdentityMap(
            users: [Range(inside: 0, outside: user.id, count: 1)],
            groups: [Range(inside: 0, outside: user.group, count: 1)])
    }

    /// Whether there is root alone: nothing can be given to another user then.
    public var isSingle: Bool { users.allSatisfy { $0.count == 1 } || groups.allSatisfy { $0.count == 1 } }

    /// The widest map that this process's user may have.
    ///
    /// For root all ids that there are. For another user, root is the user, and behind it come the subordinate ids
    /// that `/etc/subuid` and `/etc/subgid` give.
    ///
    /// - Returns: The map, and where it is ``single`` why.
    public static func widest() -> (map: IdentityMap, shortage: String?) {
        if Machine.user.id == 0 {
            let users = inForce("uid_map"), groups = inForce("gid_map")
            guard !users.isEmpty, !groups.isEmpty else { return (single, "/proc cannot be read") }
            return (IdentityMap(users: users, groups: groups), nil)
        }
        let user = Machine.user
        let names = [userName(user.id), Array("\(user.id)".utf8)].compactMap { $0 }
        let users = subordinate("/etc/subuid", names, user.id)
        let groups = subordinate("/etc/subgid", names, user.group)
        for (ranges, file) in [(users, "/etc/subuid"), (groups, "/etc/subgid")] where ranges.count < 2 {
            return (single, "\(file) gives user \(user.id) no subordinate ids")
        }
        return (IdentityMap(users: users, groups: groups), nil)
    }

    /// The ids of this process's own namespace, each as itself.
    private static func inForce(_ name: String) -> [Range] {
        read(FilePath("/proc/self/\(name)")).split(separator: 10).compactMap { line in
            let numbers = line.split(separator: 32).compactMap { number($0) }
            guard numbers.count == 3 else { return nil }
            return Range(inside: numbers[0], outside: numbers[0], count: numbers[2])
        }
    }

    /// The user's own id as 0, and behind it the ranges of a file.
    private static func subordinate(_ path: FilePath, _ names: [[UInt8]], _ own: UInt32) -> [Range] {
        ranges(in: read(path), of: names, own: own)
    }

    /// The same from the content of such a file.
    static func ranges(in text: [UInt8], of names: [[UInt8]], own: UInt32) -> [Range] {
        var ranges = [Range(inside: 0, outside: own, count: 1)]
        var next: UInt32 = 1
        for line in text.split(separator: 10) {
            let fields = line.split(separator: 58, omittingEmptySubsequences: false)
            guard fields.count == 3, names.contains(where: { $0.elementsEqual(fields[0]) }),
                let start = number(fields[1]), let count = number(fields[2]), count > 0,
                // The last id means "none", and the kernel takes 340 ranges.
                !start.addingReportingOverflow(count).overflow,
                !next.addingReportingOverflow(count).overflow, ranges.count < 340
            else { continue }
            ranges.append(Range(inside: next, outside: start, count: count))
            next += count
        }
        return ranges
    }

    private static func number(_ text: ArraySlice<UInt8>) -> UInt32? {
        guard !text.isEmpty, text.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return UInt32(String(decoding: text, as: UTF8.self))
    }

    private static func read(_ path: FilePath) -> [UInt8] {
        (try? File.reading(path).readAll(limit: 1 << 20)) ?? []
    }

    private static func userName(_ id: UInt32) -> [UInt8]? {
        var (entry, found) = (passwd(), UnsafeMutablePointer<passwd>?.none)
        var memory = [CChar](repeating: 0, count: 1 << 14)
        guard getpwuid_r(id, &entry, &memory, memory.count, &found) == 0, found != nil,
            let name = entry.pw_name
        else { return nil }
        return UnsafeRawBufferPointer(start: name, count: strlen(name)).map { $0 }
    }
}

extension IdentityMap {
    /// Gives the map to a process in a user namespace that has none.
    ///
    /// Root and a single id need nobody's help; newuidmap(1) and newgidmap(1) have the right to the rest.
    ///
    /// - Throws: ``IdentityError``, ``ChildError``, ``FileError``, ``Interruption``.
    func write(to process: pid_t) throws {
        if Machine.user.id != 0, !isSingle {
            try Self.map("newgidmap", process, groups)
            try Self.map("newuidmap", process, users)
            return
        }
        let home = FilePath("/proc/\(process)")
        if Machine.user.id != 0 { try Self.write("deny", to: home.appending("setgroups")) }
        try Self.write(Self.lines(groups), to: home.appending("gid_map"))
        try Self.write(Self.lines(users), to: home.appending("uid_map"))
    }

    private static func lines(_ ranges: [Range]) -> String {
        ranges.map { "\($0.inside) \($0.outside) \($0.count)\n" }.joined()
    }

    /// The kernel takes a map in one call or not at all.
    private static func write(_ text: String, to path: FilePath) throws(FileError) {
        let file = path.withPlatformString { open($0, O_WRONLY | O_CLOEXEC) }
        guard file >= 0 else { throw FileError("open", path, .current) }
        defer { close(file) }
        let bytes = Array(text.utf8)
        guard bytes.withUnsafeBytes({ Glibc.write(file, $0.baseAddress, $0.count) }) == bytes.count else {
            throw FileError("write", path, .current)
        }
    }

    private static func map(_ program: String, _ process: pid_t, _ ranges: [Range]) throws {
        let numbers = ranges.flatMap { [$0.inside, $0.outside, $0.count] }.map(String.init)
        let words = ([program, String(process)] + numbers).map { Array($0.utf8) }
        let outcome = try ChildProgram(words).outcome(input: [], limit: 1 << 12, seconds: 30)
        guard outcome.status == 0 else {
            let reason = escaped(outcome.errors.split(separator: 10).first ?? [])
            throw IdentityError(program: program, reason: reason)
        }
    }
}

/// A program that gives subordinate ids, and did not.
public struct IdentityError: Error, Equatable, CustomStringConvertible {
    /// newuidmap(1) or newgidmap(1).
    public let program: String
    /// Its own words.
    public let reason: String

    /// One line, as the user reads it.
    public var description: String { "no subordinate ids: \(program) failed: \(reason)" }
}
