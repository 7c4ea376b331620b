import Glibc
import Linux
import OCI
public import SystemPackage

/// A container as Docker makes it by default: its capabilities, system calls and mounts, and what it hides.
///
/// Its programs are the machine's.
///
/// Source: Docker's documentation, "Seccomp security profiles" and "Runtime privilege and Linux capabilities".
public struct Container: Sendable {
    /// What Docker leaves root.
    public static let standardCapabilities = [
        "CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP",
        "SETPCAP",
        "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE",
    ]
    private static let profile: FilePath =
        "/usr/share/gocode/src/github.com/docker/docker/profiles/seccomp/default.json"
    private static let masked = [
        "/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
        "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
    ]
    private static let frozen = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]

    /// The directory that it has for everything: its bundle, with its root in `rootfs`.
    public let scratch: Scratch
    /// Who its programs are.
    public var user: UInt32 = 0
    /// What root may do in it.
    public var capabilities = standardCapabilities
    /// Whether Docker's profile filters system calls.
    public var isFiltered = true
    /// Whether the filter lets them ask for the kernel's keys; Podman's does.
    public var hasKeys = false
    /// Whether parts of `/proc` and `/sys` are hidden.
    public var isMasked = true
    /// Whether `no_new_privileges` is set.
    public var refusesNewPrivileges = false
    /// Where its programs begin.
    public var directory = "/tmp"
    /// The environment beside PATH and HOME, each as `NAME=value`.
    public var environment: [String] = []
    private var binds: [(source: FilePath, target: String, isReadOnly: Bool)] = []

    /// A container that can run varve as `/varve`; without what that takes the test is cancelled.
    public init() throws {
        try self.init(with: ["bin", "sbin", "lib", "lib64"])
        try bind("/usr", at: "/usr")
        try bind(Command.varvePath, at: "/varve")
        for object in Machine.mappedObjects() where object.lastComponent?.string == "libswiftCore.so" {
            let libraries = object.removingLastComponent()
            if !libraries.starts(with: "/usr") { try bind(libraries, at: libraries.string) }
        }
    }

    /// A container in whose root nothing of the machine is mounted: it has copies of varve, as `/usr/local/bin/varve`, of
    /// its libraries, and of busybox, as `/kaniko/busybox`.
    ///
    /// Whatever removes its files removes none of the machine's.
    public static func standingAlone() throws -> Container {
        try Requirement.program("busybox")
        let container = try Container(with: [])
        let script = """
            set -e; cd "$1"; mkdir -p usr/local/bin kaniko
            cp "$2" usr/local/bin/varve; cp "$(command -v busybox)" kaniko/busybox
            for name in bin sbin lib lib64; do mkdir -p usr/$name; ln -s usr/$name $name; done
            ldd "$2" | awk '$3 ~ /^\\//{print $3} $1 ~ /^\\//{print $1}' | while read -r file; do
                mkdir -p ".${file%/*}"; cp -L "$file" ".$file"
            done
            for name in resolv.conf hosts hostname old; do echo "the container's" > etc/$name; done
            """
        let root = container.scratch["rootfs"].string
        try Command(["bash", "-c", script, "bash", root, Command.varvePath.string]).succeed()
        return container
    }

    /// A container of an image's files alone, which a closure makes in an empty directory.
    public static func holding(_ fill: (FilePath) throws -> Void) throws -> Container {
        let container = try Container()
        let root = container.scratch["rootfs"]
        try Command(["rm", "-rf", root.string]).succeed()
        try fill(root)
        for name in ["proc", "sys", "dev"] { try container.scratch.directory("rootfs/\(name)") }
        // As Docker leaves it there.
        try container.scratch.write("rootfs/.dockerenv", "")
        var own = container
        own.binds = []
        return own
    }

    /// A container with an empty `/usr`, and links to what is in there.
    private init(with links: [String]) throws {
        try Requirement.root()
        try Requirement.program("crun")
        try Requirement.file(Self.profile)
        scratch = try Scratch()
        let root = scratch["rootfs"]
        for name in ["tmp", "var/tmp", "etc", "proc", "sys", "dev", "usr", "root"] {
            try scratch.directory("rootfs/\(name)")
        }
        for name in ["tmp", "var/tmp"] { chmod(root.pushing(FilePath(name)).string, 0o1777) }
        for name in links { symlink("usr/\(name)", root.appending(name).string) }
        try scratch.write("rootfs/etc/passwd", "root:x:0:0::/root:/bin/sh\nuser:x:1000:1000::/tmp:/bin/sh\n")
        try scratch.write("rootfs/etc/group", "root:x:0:\nuser:x:1000:\n")
    }

    /// Shows it a file or directory of the machine.
    public mutating func bind(_ source: FilePath, at target: String, isReadOnly: Bool = true) throws {
        binds.append((Machine.resolved(source), target, isReadOnly))
    }

    /// Runs a program in it.
    public func run(_ words: String...) throws -> Command.Outcome { try run(words) }

    /// Runs a program in it.
    public func run(_ words: [String]) throws -> Command.Outcome {
        // Its directory goes with it.
        defer { extendLifetime(scratch) }
        let settings = try settings(words).serialized()
        let file = try scratch.write("config.json", String(decoding: settings, as: UTF8.self))
        let script = """
            mount --make-rprivate / && mount -t cgroup2 cgroup2 /sys/fs/cgroup && cd "$0" && exec "$@"
            """
        let name = "varve-\(UInt64.random(in: .min ... .max))"
        return try Command([
            "unshare", "-m", "sh", "-c", script, file.removingLastComponent().string, "timeout", "-k", "1",
            "300",
            "crun", "--cgroup-manager=disabled", "--root", scratch["state"].string, "run", name,
        ]).run()
    }

    private func settings(_ words: [String]) throws -> JSONValue {
        let held = texts((user == 0 ? capabilities : []).map { "CAP_\($0)" })
        let bounding = texts(capabilities.map { "CAP_\($0)" })
        var linux: JSONObject = [
            "namespaces": .array(["pid", "ipc", "uts", "mount"].map { ["type": .string($0)] }),
            "maskedPaths": texts(isMasked ? Self.masked : []),
            "readonlyPaths": texts(isMasked ? Self.frozen : []),
        ]
        if isFiltered { linux["seccomp"] = try filter() }
        let variables = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/tmp"]
        return [
            "ociVersion": "1.0.2", "hostname": "container",
            "process": [
                "user": ["uid": number(user), "gid": number(user)], "args": texts(words),
                "cwd": .string(directory),
                "env": texts(variables + ["SWIFT_BACKTRACE=enable=no"] + environment),
                "capabilities": [
                    "bounding": bounding, "permitted": held, "effective": held, "inheritable": [],
                    "ambient": [],
                ],
                "noNewPrivileges": .bool(refusesNewPrivileges),
            ],
            "root": ["path": "rootfs", "readonly": false],
            "mounts": .array(mounts),
            "linux": .object(linux),
        ]
    }

    private var mounts: [JSONValue] {
        func mount(_ type: String, _ target: String, _ options: [String]) -> JSONValue {
            [
                "destination": .string(target), "type": .string(type), "source": .string(type),
                "options": texts(options),
            ]
        }
        let closed = ["nosuid", "noexec", "nodev"]
        let own = [
            mount("proc", "/proc", closed), mount("tmpfs", "/dev", ["nosuid", "mode=755", "size=65536k"]),
            mount(
                "devpts", "/dev/pts",
                ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
            mount("sysfs", "/sys", closed + ["ro"]), mount("mqueue", "/dev/mqueue", closed),
            mount("tmpfs", "/dev/shm", closed + ["mode=1777", "size=65536k"]),
        ]
        return own
            + binds.map { bind in
                [
                    "destination": .string(bind.target), "type": "bind",
                    "source": .string(bind.source.string),
                    "options": texts(["rbind", bind.isReadOnly ? "ro" : "rw"]),
                ]
            }
    }

    /// Docker's profile as a runtime takes it: what it says of capabilities and hardware is decided here.
    private func filter() throws -> JSONValue {
        let profile = try JSONValue(parsing: content(of: Self.profile))
        let isARM = Machine.hardware == "aarch64"
        let hardware = isARM ? "SCMP_ARCH_AARCH64" : "SCMP_ARCH_X86_64"
        let held = Set(capabilities.map { "CAP_\($0)" })
        func strings(_ value: JSONValue?) -> [String] { (value?.array ?? []).compactMap(\.string) }
        var calls: [JSONValue] = []
        for call in profile["syscalls"]?.array ?? [] {
            let (included, excluded) = (call["includes"], call["excludes"])
            let machine = isARM ? "arm64" : "amd64"
            let machines = strings(included?["arches"])
            guard strings(included?["caps"]).allSatisfy(held.contains),
                !strings(excluded?["caps"]).contains(where: held.contains),
                machines.isEmpty || machines.contains(machine),
                !strings(excluded?["arches"]).contains(machine)
            else { continue }
            var kept: JSONObject = ["names": call["names"] ?? [], "action": call["action"] ?? ""]
            if let code = call["errnoRet"] { kept["errnoRet"] = code }
            if let arguments = call["args"]?.array, !arguments.isEmpty { kept["args"] = .array(arguments) }
            calls.append(.object(kept))
        }
        if hasKeys {
            calls.append(["names": texts(["add_key", "request_key", "keyctl"]), "action": "SCMP_ACT_ALLOW"])
        }
        let families = (profile["archMap"]?.array ?? []).filter { $0["architecture"]?.string == hardware }
        return [
            "defaultAction": profile["defaultAction"] ?? "SCMP_ACT_ERRNO",
            "architectures": texts([hardware] + families.flatMap { strings($0["subArchitectures"]) }),
            "syscalls": .array(calls),
        ]
    }

    private func texts(_ values: [String]) -> JSONValue { .array(values.map { .string($0) }) }
    private func number(_ value: UInt32) -> JSONValue { .number(JSONNumber(Int64(value))) }
}
