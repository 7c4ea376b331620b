import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

/// A Dockerfile that buildah and varve build of the same context and base, and what is other in the two images.
struct BuildPeer: Sendable, CustomTestStringConvertible {
    /// What it is about.
    let testDescription: String
    /// Makes the context.
    let script: String
    /// The Dockerfile.
    let dockerfile: String
    /// Whether owners other than root come up, which a plain user's buildah cannot have.
    let hasOwners: Bool
    /// Paths and parts of the configuration in which varve does as BuildKit does, and buildah does not: the reason.
    let differences: [String: String]
    /// Whether programs run: the base has a shell, and what has a time of its own must have the same.
    private let hasPrograms: Bool
    private let flags: [String]

    /// What is younger has the time at which it was built.
    private static let oldest: Int64 = 1_500_000_000

    /// Why an image without a base has a working directory.
    static let scratchDirectory = "the working directory of an empty image is said to be /"

    init(
        _ name: String, _ script: String = ":", _ dockerfile: String, flags: [String] = [],
        hasOwners: Bool = false, hasPrograms: Bool = false, differences: [String: String] = [:]
    ) {
        (testDescription, self.script, self.dockerfile) = (name, script, dockerfile)
        (self.flags, self.hasOwners, self.differences) = (flags, hasOwners, differences)
        self.hasPrograms = hasPrograms
    }

    /// Builds with both.
    func compare() throws {
        try Requirement.program("buildah")
        if hasOwners { try Requirement.root() }
        let work = try BuildWorkplace(withBase: !hasPrograms)
        if hasPrograms { try work.makeBase(RunWorkplace.baseScript + Self.tools) }
        try work.prepare(script)
        let mine = try build(in: work)
        let peer = try peerBuild(in: work)
        var found = Self.differences(mine, peer)
        if hasPrograms {
            found.merge(Self.otherTimes(mine, peer)) { other, _ in other }
            for path in Self.leftBehind { found[path] = nil }
        }
        #expect(
            Set(found.keys) == Set(differences.keys),
            "\(found.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "\n"))")
    }

    /// Programs of this machine that busybox lacks.
    private static let tools = """

        for program in $(command -v setcap setfattr setfacl ldconfig); do
            rm -f usr/bin/${program##*/}; cp "$program" usr/bin/
            ldd "$program" | grep -o '/lib[^ ]*' | while read -r library; do
                mkdir -p ".${library%/*}"; cp -L "$library" ".$library"
            done
        done
        find . -print0 | xargs -0 touch -h -d @1000000000
        """

    private func build(in work: BuildWorkplace) throws -> FlatImage {
        try work.write(dockerfile)
        try work.build(flags).succeed()
        return try FlatImage("out", "new", in: work)
    }

    private func peerBuild(in work: BuildWorkplace) throws -> FlatImage {
        let scratch = work.scratch
        let command = Command(
            [
                "env", "HOME=\(scratch["home"])", "XDG_RUNTIME_DIR=\(scratch["home"])",
                "TMPDIR=\(scratch["tmp"])",
                "timeout", "-s", "KILL", "300", "buildah", "--storage-driver", "vfs", "--root",
                scratch["storage/root"].string, "--runroot", scratch["storage/run"].string, "bud",
                "--isolation",
                "chroot", "--layers=false", "-q", "--format", "docker", "-t", "dir:\(scratch["peer"])",
                "--build-context",
                "base=container-image://oci:\(scratch["bases"]):base",
            ] + flags + [work.context.string])
        if Machine.user.id != 0 {
            let outcome = try command.run()
            guard outcome.status == 0 else {
                try Test.cancel("buildah cannot build as this user: \(outcome.errors.suffix(300))")
            }
        } else {
            try command.succeed()
        }
        return try FlatImage(directory: scratch["peer"])
    }

    /// What is other: paths, and names of the configuration.
    private static func differences(_ mine: FlatImage, _ peer: FlatImage) -> [String: String] {
        var found: [String: String] = [:]
        for path in Set(mine.entries.keys).union(peer.entries.keys) {
            let (own, other) = (mine.entries[path] ?? "-", peer.entries[path] ?? "-")
            if own != other { found["/" + path] = "varve \(own)\n    buildah \(other)" }
        }
        for name in parts {
            let (own, other) = (mine[name], part(name, of: peer))
            guard own != other, !(isEmpty(own) && isEmpty(other)) else { continue }
            found[name] = "varve \(text(own))\n    buildah \(text(other))"
        }
        return found
    }

    /// What buildah puts into the root of a program that it runs in a chroot, and leaves there.
    private static let leftBehind = [
        "/dev/", "/proc/", "/sys/", "/etc/", "/etc/hostname", "/etc/hosts", "/etc/resolv.conf", "/run/",
        "/run/.containerenv",
    ]

    private static func otherTimes(_ mine: FlatImage, _ peer: FlatImage) -> [String: String] {
        var found: [String: String] = [:]
        for (path, time) in mine.times {
            guard let other = peer.times[path], time != other, min(time, other) < oldest else { continue }
            found["/" + path] = "varve \(time)\n    buildah \(other)"
        }
        return found
    }

    private static let parts = [
        "Env", "Cmd", "Entrypoint", "WorkingDir", "User", "ExposedPorts", "Volumes", "Labels", "StopSignal",
        "Shell", "Healthcheck", "OnBuild",
    ]

    /// Buildah's own label says nothing of the Dockerfile.
    private static func part(_ name: String, of image: FlatImage) -> JSONValue? {
        guard name == "Labels", case .object(var labels)? = image[name] else { return image[name] }
        labels["io.buildah.version"] = nil
        return .object(labels)
    }

    private static func isEmpty(_ value: JSONValue?) -> Bool {
        [nil, .null, .string(""), .array([]), .object([:])].contains(value)
    }

    private static func text(_ value: JSONValue?) -> String {
        value.map { String(decoding: $0.serialized(), as: UTF8.self) } ?? "-"
    }
}
