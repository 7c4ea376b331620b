/// How far a program of a build is kept from the machine, the best first.
public enum Isolation: String, CaseIterable, Equatable, Sendable {
    /// Mounts, processes, IPC and host name of its own.
    case namespaces
    /// The same with the processes of the machine, because the kernel refuses a proc file system of its own: it does
    /// so in a container, which hides parts of `/proc`.
    case outerProc = "outer-proc"
    /// A root directory of its own and nothing else; no wall to a program that is root, and there is no `/proc`.
    case chroot
    /// This process's own root directory, and no wall at all: for containers in which nothing else works, and only where
    /// somebody asks for it, because the files there are removed.
    case inplace
    /// No program can be run.
    case none

    /// Those that nobody has to ask for, the best first.
    public static let automatic = allCases.filter { $0 != .inplace }

    /// Whether something can be mounted.
    public var hasMounts: Bool { self == .namespaces || self == .outerProc }
}
