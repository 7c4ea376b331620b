import CLinux
public import SystemPackage

/// Something that a program sees in its root directory, and that is not there.
///
/// Paths inside are bytes that begin with `/`: links in them are followed as in the root, and never lead out of it, nor
/// to `/` itself, on which nothing is mounted. At `/proc`, `/sys` and `/dev` a link is an error where there are mounts:
/// it would show them at a place where nobody hides a part of them. What is missing to mount on is made, and taken away
/// again when the program has ended. No device can be opened but in ``devices``, and no set-user-ID program runs from
/// what is brought in from outside.
///
/// In a chroot nothing is mounted: what is to be read is copied into the root; what is to be written is moved there and
/// back, and is missing at its own place meanwhile, so that it must be one program's at a time; where others made it anew
/// there, theirs counts. A socket must lie on the file system of the root.
public enum SandboxMount: Equatable, Sendable {
    /// A file or directory from outside, with what is mounted below it.
    ///
    /// `beneath` is a path in `source` that other people wrote: it is followed as if `source` was the root.
    case bind(source: FilePath, beneath: [UInt8]? = nil, at: [UInt8], isReadOnly: Bool)
    /// A file that is in memory alone, and that nobody can write.
    ///
    /// In a chroot it lies on the disk of the root for as long as the program runs, and for longer where this process is
    /// killed.
    case file(SandboxContent, at: [UInt8], permissions: UInt32 = 0o444, user: UInt32 = 0, group: UInt32 = 0)
    /// An empty directory in memory, of so many bytes at most, that everybody may write in (mode 1777).
    case memory(at: [UInt8], size: Int64?)
    /// Directories over one another; at `/` it is the root itself, and must be the first mount then.
    case overlay(Overlay, at: [UInt8])
    /// `/proc`, of the sandbox's own processes.
    case proc
    /// `/proc` as it is outside.
    case outerProc
    /// `/sys` as it is outside, to be read; without control groups and what debuggers see, where this process is root.
    case system
    /// `/dev` with what every program counts on: null, zero, full, random, urandom, tty, pts and shm.
    ///
    /// Where nothing can be mounted: those devices that are missing, made in the root as far as this process may.
    case devices
    /// Nothing can be read there, below ``proc``, ``outerProc`` or ``system``; where the kernel has nothing of that name,
    /// nothing is done.
    case masked([UInt8])
    /// Nothing can be written there; the rest is as of ``masked(_:)``.
    case frozen([UInt8])

    /// Directories over one another.
    ///
    /// Source: the kernel's documentation of overlayfs.
    public struct Overlay: Equatable, Sendable {
        /// What is seen where nothing lies over it, the uppermost first.
        public var lower: [FilePath]
        /// Where changes go, and a directory beside it that the kernel works in; without them nothing can be changed.
        public var upper: (changes: FilePath, work: FilePath)?
        /// Further options, such as `index=off`.
        public var options: [String]
        /// Where relative paths begin, for an overlay at `/`: all options together have to fit a page of memory.
        public var directory: FilePath?

        /// Takes the directories.
        public init(
            lower: [FilePath], upper: (changes: FilePath, work: FilePath)?, options: [String] = [],
            directory: FilePath? = nil
        ) {
            (self.lower, self.upper, self.options, self.directory) = (lower, upper, options, directory)
        }

        /// Whether the two have the same paths and options.
        public static func == (first: Overlay, second: Overlay) -> Bool {
            first.lower == second.lower && first.upper?.changes == second.upper?.changes
                && first.upper?.work == second.upper?.work && first.options == second.options
                && first.directory == second.directory
        }

        var words: [UInt8] {
            var words = options.map { Array($0.utf8) }
            words.append(Array("lowerdir=".utf8) + lower.map(Self.quoted).joined(separator: ":".utf8))
            if let upper {
                words.append(Array("upperdir=".utf8) + Self.quoted(upper.changes))
                words.append(Array("workdir=".utf8) + Self.quoted(upper.work))
            }
            return Array(words.joined(separator: ",".utf8))
        }

        private static func quoted(_ path: FilePath) -> [UInt8] {
            path.bytes.flatMap { [92, 44, 58].contains($0) ? [92, $0] : [$0] }
        }
    }

    /// What every program sees beside its root, as Docker has it: `/proc`, `/sys` and `/dev`, and nothing of `/proc`
    /// and `/sys` that tells of the machine or changes it.
    public static func standard(_ isolation: Isolation) -> [SandboxMount] {
        guard isolation.hasMounts else { return isolation == .chroot ? [.devices] : [] }
        let hidden = [
            "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys",
            "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi", "/proc/timer_list",
            "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware",
        ]
        let read = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
        return [isolation == .namespaces ? .proc : .outerProc, .system, .devices]
            + hidden.map { .masked(Array($0.utf8)) } + read.map { .frozen(Array($0.utf8)) }
    }
}

extension SandboxMount {
    /// What the child does for a mount, in order: see `sandbox_mount`.
    struct Step: Equatable {
        var kind: sandbox_kind
        var source: [UInt8] = []
        var beneath: [UInt8]?
        var target: [UInt8]
        var options: [UInt8] = []
        var directory: [UInt8]?
        var flags: [sandbox_flag] = []
        var device: (UInt32, UInt32) = (0, 0)
        var file: (content: SandboxContent, permissions: UInt32, user: UInt32, group: UInt32)?

        static func == (first: Step, second: Step) -> Bool {
            first.kind == second.kind && first.source == second.source && first.beneath == second.beneath
                && first.target == second.target && first.options == second.options
                && first.directory == second.directory && first.flags == second.flags
                && first.device == second.device && first.file?.content == second.file?.content
        }
    }

    /// What the child does.
    var steps: [Step] {
        let bound = [SANDBOX_NO_SETUID, SANDBOX_NO_DEVICES]
        let closed = bound + [SANDBOX_NO_PROGRAMS]
        switch self {
        case .bind(let source, let beneath, let target, let isReadOnly):
            let flags = isReadOnly ? bound + [SANDBOX_READ_ONLY] : bound
            return [
                Step(
                    kind: SANDBOX_BIND, source: source.bytes, beneath: beneath, target: target, flags: flags)
            ]
        case .file(let content, let target, let permissions, let user, let group):
            let flags = closed + [SANDBOX_READ_ONLY]
            return [
                Step(
                    kind: SANDBOX_FILE, target: target, flags: flags,
                    file: (content, permissions, user, group))
            ]
        case .memory(let target, let size):
            let options = size.map { "mode=1777,size=\($0)" } ?? "mode=1777"
            return [.fileSystem("tmpfs", target, options, bound)]
        case .overlay(let overlay, let target):
            return [
                Step(
                    kind: SANDBOX_FILESYSTEM, source: Array("overlay".utf8), target: target,
                    options: overlay.words, directory: overlay.directory?.bytes,
                    flags: [SANDBOX_NO_DEVICES])
            ]
        case .proc: return [.fileSystem("proc", Array("/proc".utf8), "", closed + [SANDBOX_NO_LINKS])]
        case .outerProc: return [.outside("/proc", closed)]
        case .system: return [.outside("/sys", closed + [SANDBOX_READ_ONLY, SANDBOX_ALONE])]
        case .devices: return Self.deviceSteps
        case .masked(let path): return [Step(kind: SANDBOX_MASK, target: path)]
        case .frozen(let path): return [Step(kind: SANDBOX_FREEZE, target: path)]
        }
    }

    private static var deviceSteps: [Step] {
        let closed = [SANDBOX_NO_SETUID, SANDBOX_NO_DEVICES, SANDBOX_NO_PROGRAMS, SANDBOX_NO_LINKS]
        let devices: [(String, UInt32, UInt32)] = [
            ("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9),
            ("tty", 5, 0),
        ]
        let links = [
            ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"),
            ("stderr", "/proc/self/fd/2"), ("ptmx", "pts/ptmx"),
        ]
        var steps: [Step] = [
            .fileSystem("tmpfs", Array("/dev".utf8), "mode=755,size=65536k", closed),
            // The terminals' own devices are the point of this one.
            .fileSystem(
                "devpts", Array("/dev/pts".utf8), "newinstance,ptmxmode=0666,mode=0620",
                [SANDBOX_NO_SETUID, SANDBOX_NO_PROGRAMS, SANDBOX_NO_LINKS, SANDBOX_TRANSIENT]),
            .fileSystem(
                "tmpfs", Array("/dev/shm".utf8), "mode=1777,size=65536k", closed + [SANDBOX_TRANSIENT]),
        ]
        for (name, major, minor) in devices {
            let path = Array("/dev/\(name)".utf8)
            steps.append(
                Step(
                    kind: SANDBOX_DEVICE, source: path, target: path,
                    // They are the machine's own: their modes and owners are not the program's to change, and what is
                    // written to them is no matter of the mount.
                    flags: [
                        SANDBOX_NO_SETUID, SANDBOX_NO_PROGRAMS, SANDBOX_READ_ONLY, SANDBOX_NO_LINKS,
                        SANDBOX_TRANSIENT,
                    ],
                    device: (major, minor)))
        }
        for (name, target) in links {
            steps.append(
                Step(
                    kind: SANDBOX_LINK, source: Array(target.utf8), target: Array("/dev/\(name)".utf8),
                    flags: [SANDBOX_NO_LINKS, SANDBOX_TRANSIENT]))
        }
        return steps
    }
}

extension SandboxMount.Step {
    fileprivate static func fileSystem(
        _ type: String, _ target: [UInt8], _ options: String, _ flags: [sandbox_flag]
    ) -> Self {
        Self(
            kind: SANDBOX_FILESYSTEM, source: Array(type.utf8), target: target, options: Array(options.utf8),
            flags: flags)
    }

    fileprivate static func outside(_ path: String, _ flags: [sandbox_flag]) -> Self {
        Self(
            kind: SANDBOX_BIND, source: Array(path.utf8), target: Array(path.utf8),
            flags: flags + [SANDBOX_NO_LINKS])
    }
}
