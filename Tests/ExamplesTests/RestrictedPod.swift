import YAML

/// The rules of Kubernetes' "restricted" Pod Security Standard, those of "baseline" among them.
///
/// Source: Kubernetes, "Pod Security Standards", v1.33.
struct RestrictedPod {
    /// Each rule that is broken, and where.
    private(set) var faults: [String] = []

    private static let volumes = [
        "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected",
        "secret",
    ]

    /// - Parameter spec: A pod's `spec`.
    init(_ spec: YAMLValue.Node) {
        for key in ["hostNetwork", "hostPID", "hostIPC"] where (spec[key]?.boolean ?? false) {
            faults.append("the pod has \(key)")
        }
        for volume in spec["volumes"]?.sequence ?? [] {
            let kinds = (volume.mapping ?? []).compactMap(\.key.text).filter { $0 != "name" }
            if kinds.count != 1 || !Self.volumes.contains(kinds[0]) {
                faults.append("the volume \(volume["name"]?.text ?? "") is \(kinds)")
            }
        }
        let pod = spec["securityContext"]
        if pod?["sysctls"] != nil { faults.append("the pod sets sysctls") }
        for key in ["initContainers", "containers", "ephemeralContainers"] {
            for container in spec[key]?.sequence ?? [] { check(container, pod) }
        }
    }

    private mutating func check(_ container: YAMLValue.Node, _ pod: YAMLValue.Node?) {
        let own = container["securityContext"]
        func ask(_ rule: String, _ holds: Bool) {
            if !holds { faults.append("\(container["name"]?.text ?? "a container"): \(rule)") }
        }
        func either(_ key: String) -> YAMLValue.Node? { own?[key] ?? pod?[key] }

        ask("runAsNonRoot", either("runAsNonRoot")?.boolean == true)
        ask("runAsUser is not 0", either("runAsUser")?.integer != 0)
        ask("no privilege escalation", own?["allowPrivilegeEscalation"]?.boolean == false)
        ask("not privileged", own?["privileged"]?.boolean != true)
        let capabilities = own?["capabilities"]
        ask("all capabilities dropped", capabilities?["drop"]?.list?.contains("ALL") == true)
        ask(
            "no capability added", (capabilities?["add"]?.list ?? []).allSatisfy { $0 == "NET_BIND_SERVICE" })
        let seccomp = either("seccompProfile")?["type"]?.text
        ask("a seccomp profile", seccomp == "RuntimeDefault" || seccomp == "Localhost")
        ask("AppArmor's profile", either("appArmorProfile")?["type"]?.text != "Unconfined")
        ask("/proc as usual", ["Default", nil].contains(own?["procMount"]?.text))
        ask("no SELinux options", either("seLinuxOptions") == nil)
        ask("no port of the host", (container["ports"]?.sequence ?? []).allSatisfy { $0["hostPort"] == nil })
    }
}
