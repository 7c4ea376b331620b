import SystemPackage

/// What tells that this process is in a container; none of it is certain, and a runtime may leave no sign at all.
///
/// Source: systemd, "Container Interface"; Docker's `/.dockerenv`, Podman's `/run/.containerenv`; cgroups(7).
public struct ContainerSigns: Equatable, Sendable {
    /// Files that runtimes put there.
    private static let files: [FilePath] = ["/.dockerenv", "/run/.containerenv"]
    /// What runtimes call the control groups of containers; where a container has a namespace of its own for them, it
    /// sees `/`, and so does a machine without systemd.
    private static let groups = [
        "docker", "kubepods", "containerd", "libpod", "lxc", "crio", "garden", "buildkit", "/ecs/",
    ]

    /// The first that was found, for people; `nil` where there is none.
    public let first: String?

    /// Looks at this process's surroundings.
    public static var current: ContainerSigns {
        ContainerSigns(
            files: files.filter(Machine.exists), variables: ProcessArguments.environment,
            controlGroups: (try? File.reading("/proc/1/cgroup").readAll(limit: 1 << 16)) ?? [])
    }

    /// Decides.
    ///
    /// - Parameters:
    ///   - files: Those of the runtimes' files that are there.
    ///   - variables: The process's environment.
    ///   - controlGroups: What `/proc/1/cgroup` holds.
    init(files: [FilePath], variables: [String: String], controlGroups: [UInt8]) {
        func isSet(_ name: String) -> Bool { variables[name].map { !$0.isEmpty } ?? false }
        if let file = files.first {
            first = file.escapedDescription
        } else if let name = ["container", "KUBERNETES_SERVICE_HOST"].first(where: isSet) {
            first = "the variable \(name)"
        } else if let group = Self.groups.first(where: { controlGroups.firstRange(of: $0.utf8) != nil }) {
            first = "the control group \(group)"
        } else {
            first = nil
        }
    }
}
