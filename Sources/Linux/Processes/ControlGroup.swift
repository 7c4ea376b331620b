import SystemPackage

/// The limits that a control group puts on this process.
enum ControlGroup {
    /// Processors worth of time per period, rounded up; `nil` without a limit.
    ///
    /// Looks at the process's group and its parents, in versions 2 and 1, and takes the least. In a
    /// container the group's own path is often not visible: then its mount's top is the group.
    static func processorQuota() -> Int? {
        let memberships = lines(of: "/proc/self/cgroup")
        var quotas = [unified("/sys/fs/cgroup"), divided("/sys/fs/cgroup/cpu")]
        for membership in memberships {
            let fields = membership.split(separator: 58, maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let isUnified = fields[1].isEmpty
            guard
                isUnified || fields[1].split(separator: 44).contains(where: { $0.elementsEqual("cpu".utf8) })
            else {
                continue
            }
            var group = FilePath(bytes: Array(fields[2])).removingRoot()
            while !group.isEmpty {
                quotas.append(
                    isUnified
                        ? unified(FilePath("/sys/fs/cgroup").pushing(group))
                        : divided(FilePath("/sys/fs/cgroup/cpu").pushing(group)))
                group.removeLastComponent()
            }
        }
        return quotas.compactMap { $0 }.min()
    }

    /// Where a controller's group of this process may lie, the likeliest first.
    static func homes(of controller: String) -> [FilePath] {
        let top: FilePath = "/sys/fs/cgroup"
        var homes: [FilePath] = []
        for membership in lines(of: "/proc/self/cgroup") {
            let fields = membership.split(separator: 58, maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let group = FilePath(bytes: Array(fields[2])).removingRoot()
            if fields[1].isEmpty {
                homes.append(top.pushing(group))
            } else if fields[1].split(separator: 44).contains(where: { $0.elementsEqual(controller.utf8) }) {
                homes.insert(top.appending(controller).pushing(group), at: 0)
            }
        }
        return homes + [top.appending(controller), top]
    }

    private static func unified(_ group: FilePath) -> Int? {
        let words = lines(of: group.appending("cpu.max")).first?.split(separator: 32) ?? []
        guard words.count == 2 else { return nil }
        return processors(quota: number(words[0]), period: number(words[1]))
    }

    private static func divided(_ group: FilePath) -> Int? {
        let quota = lines(of: group.appending("cpu.cfs_quota_us")).first.flatMap(number)
        let period = lines(of: group.appending("cpu.cfs_period_us")).first.flatMap(number)
        return processors(quota: quota, period: period)
    }

    /// `max` and -1 are no limit.
    static func processors(quota: Int?, period: Int?) -> Int? {
        guard let quota, let period, quota > 0, period > 0 else { return nil }
        return max(1, quota / period + (quota % period == 0 ? 0 : 1))
    }

    private static func number(_ text: ArraySlice<UInt8>) -> Int? {
        Int(String(decoding: text, as: UTF8.self))
    }

    private static func lines(of path: FilePath) -> [ArraySlice<UInt8>] {
        guard let file = try? File.reading(path), let bytes = try? file.readAll(limit: 1 << 16) else {
            return []
        }
        return bytes.split(separator: 10)
    }
}
