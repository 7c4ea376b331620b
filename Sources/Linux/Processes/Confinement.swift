import SystemPackage

/// How the kernel holds this process, as it says itself.
///
/// Source: proc(5), `/proc/PID/status`.
public struct Confinement: Equatable, Sendable {
    /// Whether a seccomp filter refuses calls.
    public let isFiltered: Bool
    /// Whether no program can become more than it is, as `sudo` does; containers call it `no_new_privileges`.
    public let refusesNewPrivileges: Bool
    /// What the process may do.
    public let capabilities: Capabilities

    /// Asks the kernel; where there is no `/proc`, nothing is known and nothing claimed.
    public static var current: Confinement {
        Confinement(status: (try? File.reading("/proc/self/status").readAll(limit: 1 << 16)) ?? [])
    }

    /// Reads a status.
    init(status: [UInt8]) {
        var fields: [String: String] = [:]
        for line in status.split(separator: 10) {
            let parts = line.split(separator: 58, maxSplits: 1).map { String(decoding: $0, as: UTF8.self) }
            if parts.count == 2 { fields[parts[0]] = String(parts[1].drop { $0 == "\t" || $0 == " " }) }
        }
        isFiltered = fields["Seccomp"] == "2"
        refusesNewPrivileges = fields["NoNewPrivs"] == "1"
        capabilities = Capabilities(rawValue: fields["CapEff"].flatMap { UInt64($0, radix: 16) } ?? 0)
    }
}
