import Build
import Linux

/// A diagnosis as a table for a person.
struct DiagnosisTable {
    private let diagnosis: Diagnosis
    private var rows: [(label: String, text: String)] = []

    init(_ diagnosis: Diagnosis) {
        self.diagnosis = diagnosis
        add("RUN", diagnosis.works ? "works, isolated by \(diagnosis.best.rawValue)" : "does not work here")
        for row in diagnosis.rows where row.isolation != .none {
            add("  \(row.isolation.rawValue)", row.reason ?? "works")
            add("", row.advice.map { "is given by \($0)" })
        }
        add(
            "  inplace",
            diagnosis.inplaceObstacle
                ?? "would work; --isolation inplace takes it, executor if nothing better works")
        addIdentities(diagnosis.identities)
        add("trees", trees)
        add("processes", processes)
        add("kernel", "\(diagnosis.kernel), \(Machine.hardware)")
        add("user", diagnosis.user == 0 ? "root" : "\(diagnosis.user)")
        add("seccomp", diagnosis.confinement.isFiltered ? "a filter refuses system calls" : "no filter")
        add(
            "privileges",
            diagnosis.confinement.refusesNewPrivileges
                ? "no_new_privileges is set: sudo and newuidmap give nothing" : "programs can gain them")
        add("capabilities", capabilities)
    }

    private mutating func add(_ label: String, _ text: String?) {
        if let text { rows.append((label, text)) }
    }

    private mutating func addIdentities(_ identities: Diagnosis.Identities) {
        let count = Quantity.count(identities.count)
        add("users", identities.count == 1 ? "root alone" : "\(count) ids")
        guard let shortage = identities.shortage else { return }
        add("", "\(shortage): files of a base belong to others, and RUN can give none away")
        add("", identities.advice.map { "is given by \($0)" })
    }

    private var trees: String {
        let place = diagnosis.directory.escapedDescription
        guard let obstacle = diagnosis.overlayObstacle else { return "overlayfs in \(place)" }
        guard diagnosis.mountObstacle == nil else { return "compared as snapshots in \(place): \(obstacle)" }
        return "compared as snapshots: no overlayfs in \(place), \(obstacle); TMPDIR can name another place"
    }

    private var processes: String {
        if diagnosis.user != 0 { return "the user's own limit says how many" }
        return diagnosis.limitsProcesses
            ? "a control group limits how many" : "no control group can be made to limit root's"
    }

    private var capabilities: String {
        let capabilities = diagnosis.confinement.capabilities
        if capabilities == .standard { return "Docker's 14" }
        let missing = Capabilities.known.subtracting(capabilities).names
        if missing.isEmpty { return "all" }
        if missing.count <= 5 { return "all but \(missing.joined(separator: " "))" }
        return capabilities.isEmpty ? "none" : capabilities.names.joined(separator: " ")
    }

    var text: String {
        let width = 16
        return rows.map { row in
            row.label + String(repeating: " ", count: max(1, width - row.label.count))
                + escaped(row.text.utf8)
        }
        .joined(separator: "\n") + "\n"
    }
}
