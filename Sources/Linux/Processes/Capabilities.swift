/// A set of capabilities.
///
/// Source: capabilities(7); `linux/capability.h` for the numbers.
public struct Capabilities: OptionSet, Hashable, Sendable {
    /// A bit for each capability.
    public let rawValue: UInt64

    /// Takes the bits.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    private init(_ numbers: [UInt64]) { rawValue = numbers.reduce(0) { $0 | 1 << $1 } }

    /// The 14 that Docker leaves a container, and builders a RUN: CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID,
    /// SETUID, SETPCAP, NET_BIND_SERVICE, NET_RAW, SYS_CHROOT, MKNOD, AUDIT_WRITE and SETFCAP.
    public static let standard = Capabilities([0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31])

    /// The packets of everybody's in its network, to be read and to be made.
    public static let netRaw = Capabilities([13])

    /// All that this program knows of.
    public static let known = Capabilities(rawValue: (1 << UInt64(allNames.count)) - 1)

    /// Their names without `CAP_`, in the kernel's order; a number that this program does not know stands for itself.
    public var names: [String] {
        (0..<64).filter { rawValue >> UInt64($0) & 1 == 1 }.map { number in
            number < Self.allNames.count ? Self.allNames[number] : "\(number)"
        }
    }

    private static let allNames = [
        "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
        "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK",
        "IPC_OWNER",
        "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT",
        "SYS_NICE",
        "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL",
        "SETFCAP",
        "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
        "CHECKPOINT_RESTORE",
    ]
}
