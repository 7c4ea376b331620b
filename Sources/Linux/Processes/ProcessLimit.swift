import Glibc
import SystemPackage

/// A control group that holds a number of processes at most; it goes with its owner.
///
/// Its owner holds the lock of its directory, so that the next one can tell it from what a killed one left behind.
///
/// Source: cgroups(7), the pids controller, versions 1 and 2.
final class ProcessLimit: Sendable {
    private static let prefix = "varve-"

    let group: FilePath
    private let lock: Directory

    /// Makes a group below this process's own; `nil` where it may not.
    init?(_ most: Int) {
        for home in ControlGroup.homes(of: "pids") {
            // Another one's sweep may come between creation and lock, and takes the group away then.
            for _ in 0..<100 {
                let name = "\(Self.prefix)\(getpid())-\(UInt64.random(in: .min ... .max))"
                let group = home.appending(name)
                guard group.withPlatformString({ mkdir($0, 0o755) }) == 0 else { break }
                guard let lock = Self.locked(group) else { continue }
                if Self.write("\(most)", to: group.appending("pids.max")) {
                    self.group = group
                    self.lock = lock
                    Self.sweep(home)
                    return
                }
                // In version 2 the file is missing unless the group above passes the controller on.
                if group.withPlatformString({ rmdir($0) }) == 0 { break }
            }
        }
        return nil
    }

    private static func locked(_ group: FilePath) -> Directory? {
        guard let directory = try? Directory.open(group), directory.tryLock() else { return nil }
        return directory
    }

    deinit { _ = group.withPlatformString { rmdir($0) } }

    /// Puts a process in, and all that it starts from now on.
    ///
    /// - Returns: Whether it is in: a program without the limit that it shall have must not begin.
    func add(_ process: pid_t) -> Bool { Self.write("\(process)", to: group.appending("cgroup.procs")) }

    /// Removes the groups whose owners were killed; one that still holds a process stays.
    private static func sweep(_ home: FilePath) {
        guard let home = try? Directory.open(home) else { return }
        for name in (try? home.names()) ?? [] where name.bytes.starts(with: prefix.utf8) {
            guard let lock = try? home.openDirectory(name), lock.tryLock() else { continue }
            try? home.removeDirectory(name)
            // Its owner must not get the lock before the group is gone.
            extendLifetime(lock)
        }
    }

    private static func write(_ text: String, to path: FilePath) -> Bool {
        let file = path.withPlatformString { open($0, O_WRONLY | O_CLOEXEC) }
        guard file >= 0 else { return false }
        defer { close(file) }
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) } == bytes.count
    }
}
