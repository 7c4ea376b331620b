import Linux
import SystemPackage
import TestSupport
import Testing

/// Contexts and a base with a shell, to run programs in.
struct RunWorkplace {
    let site: BuildSite
    /// How far programs are kept from the machine; `nil` for what is best here.
    var isolation: String?

    /// The base `base`: busybox, an `/etc` with users, and links as distributions have them; packed once for all tests.
    static let base = Result {
        try Requirement.program("busybox")
        let site = try BuildSite()
        try site.image("base", baseScript, "--owner", "0:0")
        return site
    }

    /// Makes an empty context.
    init(isolation: String? = nil) throws {
        self.isolation = isolation
        _ = try Self.base.get()
        site = try BuildSite()
    }

    /// Makes the base's files.
    static let baseScript = """
        umask 022; mkdir -p usr/bin etc home/app root run tmp var; cp "$(command -v busybox)" usr/bin/busybox
        ln -s usr/bin bin; ln -s ../run var/run; chmod 1777 tmp; chmod 0700 root
        usr/bin/busybox --list | while read -r name; do [ $name = busybox ] || ln -s busybox usr/bin/$name; done
        printf 'root:x:0:0:root:/root:/bin/sh\\napp:x:1000:1001::/home/app:/bin/sh\\n' > etc/passwd
        printf 'root:x:0:\\napp:x:1001:\\nextra:x:44:nobody,app\\nstaff:x:50:\\n' > etc/group
        echo motd > etc/motd; find . -print0 | xargs -0 touch -h -d @1000000000
        """

    /// A build that is not run yet.
    func building(_ dockerfile: String, _ flags: [String] = [], variables: [String] = []) throws -> Command {
        try site.write("Dockerfile", dockerfile + "\n")
        let isolation = isolation.map { ["--isolation", $0] } ?? []
        return try site.building(
            ["--build-context", "base=oci:\(Self.base.get().scratch["base"]):app"] + isolation + flags,
            variables: variables)
    }

    /// Builds, and tells what the programs wrote.
    func output(_ dockerfile: String, _ flags: String..., variables: [String] = []) throws -> [String] {
        try Self.lines(building(dockerfile, flags, variables: variables).succeed().errors)
    }

    /// Builds, and reads the image.
    func built(_ dockerfile: String, _ flags: String..., variables: [String] = []) throws -> Built {
        try Built(building(dockerfile, flags, variables: variables).succeed(), layout: site.scratch["out"])
    }

    /// Builds, which must fail in one line, and leave nothing.
    func refuse(
        _ dockerfile: String, _ flags: [String] = [], saying words: String...,
        at place: SourceLocation = #_sourceLocation
    ) throws {
        try site.expectRefusal(of: building(dockerfile, flags), saying: words, at: place)
    }

    /// What programs wrote, of what a build said.
    static func lines(_ errors: String) -> [String] {
        errors.split(separator: "\n").compactMap { line in
            guard let mark = line.utf8.firstRange(of: "] | ".utf8) else { return nil }
            return String(line[mark.upperBound...])
        }
    }
}
