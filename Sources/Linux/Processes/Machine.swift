import CLinux
import Glibc
public import SystemPackage

/// The machine and the process, as far as a build must know them.
public enum Machine {
    /// Processors that this process may use, rounded up: its affinity, or its control group's quota where that is less.
    ///
    /// Source: sched_getaffinity(2); cgroups(7), `cpu.max` and `cpu.cfs_quota_us`.
    public static var processors: Int {
        let allowed = max(1, Int(linux_allowed_processors()))
        return min(allowed, ControlGroup.processorQuota() ?? allowed)
    }

    /// The hardware's name as uname(2) gives it, such as `x86_64`.
    public static var hardware: String {
        var name = utsname()
        guard uname(&name) == 0 else { return "" }
        return withUnsafeBytes(of: &name.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// The kernel's release as uname(2) gives it, such as `6.1.0-18-amd64`.
    public static var kernel: String {
        var name = utsname()
        guard uname(&name) == 0 else { return "" }
        return withUnsafeBytes(of: &name.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// How many processes and threads there can be in all, of everybody.
    ///
    /// Source: proc(5), `/proc/sys/kernel/pid_max`, whose default stands where it cannot be read.
    public static var processNumbers: Int {
        let text = try? File.reading("/proc/sys/kernel/pid_max").readAll(limit: 64)
        let digits = text.map { String(decoding: $0.prefix { 48...57 ~= $0 }, as: UTF8.self) }
        return digits.flatMap { Int($0) } ?? 1 << 15
    }

    /// Where large files go that nobody wants to keep: `$TMPDIR`, else `/var/tmp`.
    public static var temporaryDirectory: FilePath {
        guard let text = getenv("TMPDIR"), text.pointee != 0 else { return "/var/tmp" }
        return FilePath(platformString: text)
    }

    /// Names another such place, for this process and the programs that it starts; for a process with one thread.
    public static func setTemporaryDirectory(_ path: FilePath) {
        _ = path.withPlatformString { setenv("TMPDIR", $0, 1) }
    }

    /// Whether a path is a symbolic link, wherever that leads.
    public static func isLink(_ path: FilePath) -> Bool {
        var status = stat()
        return path.withPlatformString { lstat($0, &status) } == 0 && FileStatus(status).kind == .symbolicLink
    }

    /// Whether a path leads to something.
    public static func exists(_ path: FilePath) -> Bool { path.withPlatformString { access($0, F_OK) } == 0 }

    /// Where a program is: in the first of these directories that has one of this name, or of those that PATH names.
    public static func program(_ name: String, in directories: [FilePath]? = nil) -> FilePath? {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        let places = directories ?? path.split(separator: ":").map { FilePath(String($0)) }
        return places.lazy.map { $0.appending(name) }.first { place in
            place.withPlatformString { access($0, X_OK) } == 0 && kind(of: place) == .regular
        }
    }

    /// What a path leads to; `nil` where that is nothing, or nobody may know.
    public static func kind(of path: FilePath) -> FileStatus.Kind? {
        var status = stat()
        guard path.withPlatformString({ stat($0, &status) }) == 0 else { return nil }
        return FileStatus(status).kind
    }

    /// Lets the process open as many files as it may ask for: an image can have more layers than 1024.
    public static func raiseFileLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, 65_536)
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// The effective user and group.
    public static var user: (id: UInt32, group: UInt32) { (geteuid(), getegid()) }

    /// Seconds and nanoseconds since 1970, now.
    public static var now: FileStatus.Time {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return FileStatus.Time(seconds: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec))
    }

    /// Nanoseconds of a clock that never jumps, for durations.
    public static var ticks: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// The path from the root: a relative one begins at the working directory.
    public static func absolute(_ path: FilePath) -> FilePath {
        guard path.isRelative, let start = getcwd(nil, 0) else { return path }
        defer { free(start) }
        return FilePath(platformString: start).pushing(path)
    }

    /// The path from the root without links, `.` and `..`; where there is no such file, ``absolute(_:)``.
    public static func resolved(_ path: FilePath) -> FilePath {
        guard let text = path.withPlatformString({ realpath($0, nil) }) else { return absolute(path) }
        defer { free(text) }
        return FilePath(platformString: text)
    }

    /// Lets other processes run for a while.
    public static func sleep(milliseconds: UInt32) { usleep(milliseconds * 1000) }

    /// Keeps freed buffers in the process, where the pipeline takes them again.
    public static func keepFreedMemory() { linux_keep_freed_memory() }

    /// The running program and the shared objects mapped into this process, without the kernel's own.
    public static func mappedObjects() -> [FilePath] {
        final class Paths { var paths: [FilePath] = [] }
        let found = Paths()
        linux_mapped_objects(
            { path, context in
                guard let path, let context else { return }
                let paths = Unmanaged<Paths>.fromOpaque(context).takeUnretainedValue()
                paths.paths.append(FilePath(platformString: path))
            }, Unmanaged.passUnretained(found).toOpaque())
        // The program itself is the object without a name; the vDSO has a name and no file.
        return [program] + found.paths.filter { $0.isAbsolute }
    }

    /// The program that runs; where `/proc` is missing, the path it was started by.
    private static var program: FilePath {
        let link: FilePath = "/proc/self/exe"
        if link.withPlatformString({ access($0, R_OK) }) == 0 { return link }
        return linux_program_path().map { FilePath(platformString: $0) } ?? link
    }
}
