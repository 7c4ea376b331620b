public import Linux
public import OCI
public import SystemPackage

/// What RUN can count on here: how far programs are kept from the machine, and what is missing for more.
public struct Diagnosis: Sendable {
    /// Which ids a build can give files to.
    public struct Identities: Sendable {
        /// How many users there are in a build; 1 is root alone.
        public let count: Int
        /// Why there are no more; `nil` where there are.
        public let shortage: String?
        /// What gives more; `nil` where nothing is missing.
        public let advice: String?
    }

    /// The release of the kernel.
    public let kernel: String
    /// The effective user outside of the build's namespaces.
    public let user: UInt32
    /// How the kernel held this process when it began.
    public let confinement: Confinement
    /// Why the build has no mounts of its own; `nil` where it has.
    public let mountObstacle: String?
    /// Which ids there are.
    public let identities: Identities
    /// Why programs cannot be run in this process's own root directory; `nil` where they can.
    public let inplaceObstacle: String?
    /// Each isolation that nobody has to ask for, the best first.
    public let rows: [SandboxProbe.Row]
    /// Where trees lie that programs run in.
    public let directory: FilePath
    /// Why overlayfs cannot be had there; `nil` where it can.
    public let overlayObstacle: String?
    /// Whether the number of root's processes can be limited.
    public let limitsProcesses: Bool

    /// Whether programs can be run.
    public var works: Bool { best != .none }
    /// The isolation that a build takes.
    public var best: Isolation { rows.first(where: \.works)?.isolation ?? .none }

    /// Looks and tries: enters namespaces as a build does, and is for a process that has no threads.
    ///
    /// - Throws: `FileError` where the temporary directory cannot be used; `Interruption`.
    public init() throws {
        kernel = Machine.kernel
        user = Machine.user.id
        confinement = Confinement.current
        directory = Machine.absolute(Machine.temporaryDirectory)
        let entered = Result { try OwnNamespaces.enter() }
        switch entered {
        case .success(let entry):
            mountObstacle = nil
            identities = Identities(entry, user)
            overlayObstacle = try OverlayMount.obstacle(in: directory)
        case .failure(let error):
            mountObstacle = "\(error)"
            identities = Identities(count: 1, shortage: user == 0 ? nil : "\(error)", advice: nil)
            overlayObstacle = "nothing can be mounted"
        }
        inplaceObstacle = InplaceRoot.obstacle(isForced: false)
        rows = try SandboxProbe().rows
        limitsProcesses = Sandbox.canLimitRoot
    }
}

extension Diagnosis.Identities {
    fileprivate init(_ entry: OwnNamespaces.Entry, _ user: UInt32) {
        let ranges = (entry.identityMap ?? IdentityMap.widest().map).users
        count = ranges.reduce(0) { $0 + Int($1.count) }
        shortage = entry.shortage
        advice = entry.shortage.map { _ in
            "the line \(user):100000:65536 in /etc/subuid and /etc/subgid, and the programs newuidmap and newgidmap "
                + "(package uidmap)"
        }
    }
}

extension Diagnosis {
    /// The same for programs.
    public var json: JSONValue {
        func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
        return [
            "works": .bool(works), "isolation": .string(best.rawValue),
            "isolations": .array(
                rows.filter { $0.isolation != .none }.map { row in
                    [
                        "name": .string(row.isolation.rawValue), "works": .bool(row.works),
                        "reason": text(row.reason), "advice": text(row.advice),
                    ]
                }),
            "inplace": ["works": .bool(inplaceObstacle == nil), "reason": text(inplaceObstacle)],
            "mounts": ["works": .bool(mountObstacle == nil), "reason": text(mountObstacle)],
            "identities": [
                "count": .number(JSONNumber(Int64(identities.count))), "reason": text(identities.shortage),
                "advice": text(identities.advice),
            ],
            "overlayfs": [
                "works": .bool(overlayObstacle == nil), "reason": text(overlayObstacle),
                "directory": .string(directory.escapedDescription),
            ],
            "processLimit": .bool(limitsProcesses), "kernel": .string(kernel),
            "user": .number(JSONNumber(Int64(user))), "seccomp": .bool(confinement.isFiltered),
            "noNewPrivileges": .bool(confinement.refusesNewPrivileges),
            "capabilities": .array(confinement.capabilities.names.map { .string($0) }),
        ]
    }
}
