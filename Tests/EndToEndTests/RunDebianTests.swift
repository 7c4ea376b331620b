import Linux
import SystemPackage
import TestSupport
import Testing

/// Dockerfiles as people write them, on a Debian root.
@Suite(.timeLimit(.minutes(30)))
struct RunDebianTests {
    private let site: BuildSite
    private var isRoot: Bool { Machine.user.id == 0 }

    /// The image `debian`, of the tar that `make test` makes; once for all tests.
    private static let base = Result {
        guard let tar = ProcessArguments.environment["VARVE_DEBIAN"], Machine.exists(FilePath(tar)) else {
            try Test.cancel("VARVE_DEBIAN names no tar of a Debian root")
        }
        let site = try BuildSite("FROM scratch\nADD debian.tar /\n")
        try Command(["cp", tar, site.scratch["ctx/debian.tar"].string]).succeed()
        try site.build("-q", layout: "debian")
        return site
    }

    init() throws {
        _ = try Self.base.get()
        site = try BuildSite()
    }

    /// Builds; without a network it is cancelled.
    private func built(_ dockerfile: String, isolation: String? = nil) throws -> Built {
        let debian = try Self.base.get().scratch["debian"]
        try site.write("Dockerfile", "FROM debian\n" + dockerfile + "\n")
        let flags = isolation.map { ["--isolation", $0] } ?? []
        let outcome = try site.building(["--build-context", "debian=oci:\(debian):app"] + flags).run()
        let unreachable = ["Temporary failure resolving", "Could not resolve", "Could not connect"]
        if outcome.status != 0, unreachable.contains(where: { outcome.errors.contains($0) }) {
            try Test.cancel("there is no way to Debian's mirror")
        }
        try #require(outcome.status == 0, "\(outcome.errors.suffix(3000))")
        return try Built(outcome, layout: site.scratch["out"])
    }

    /// Members of a layer by path, with mode and owner.
    private func owners(_ built: Built, _ layer: Int) throws -> [String: String] {
        var found: [String: String] = [:]
        for member in try built.members(layer) {
            found[member.name] = "\(String(member.mode & 0o7777, radix: 8)) \(member.user):\(member.group)"
        }
        return found
    }

    @Test func `packages from the mirror, a user, a capability, and sudo`() throws {
        // With a single id apt cannot become the user that it fetches as.
        let apt = "apt-get" + (isRoot ? "" : " -o APT::Sandbox::User=root")
        let dockerfile = """
            RUN \(apt) update && \(apt) install -y --no-install-recommends libcap2-bin sudo \(isRoot ? "python3-venv" : "") \\
                && rm -rf /var/lib/apt/lists/*
            RUN useradd -m -u 1500 -s /bin/bash dev && groupadd -g 2000 team && usermod -aG team dev \\
                && echo 'dev ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/dev \\
                && cp /bin/cat /usr/local/bin/mycat && setcap cap_net_bind_service+ep /usr/local/bin/mycat
            """
        guard isRoot else {
            let image = try built(dockerfile)
            #expect(try owners(image, 1)["usr/bin/sudo"] == "4755 0:0")
            return
        }
        let image = try built(
            dockerfile + """

                RUN python3 -m venv /opt/app && /opt/app/bin/pip --version > /tmp/pip \\
                    && /opt/app/bin/python -c 'import sys; print(sys.prefix)' > /tmp/prefix
                USER dev
                RUN sudo id -u > /tmp/who && sudo touch /root/by-sudo && getcap /usr/local/bin/mycat > /tmp/cap \\
                    && id -G > /tmp/groups
                """)
        let (packages, user, last) = (try owners(image, 1), try owners(image, 2), try owners(image, 4))
        let environment = try owners(image, 3)
        #expect(
            environment["opt/app/bin/python3"] == "777 0:0" && environment["opt/app/bin/pip"] == "755 0:0")
        #expect(try image.text("tmp/prefix") == "/opt/app\n")
        #expect(try image.text("tmp/pip")?.contains("/opt/app/lib/python3.11/") == true)
        #expect(packages["usr/bin/sudo"] == "4755 0:0")
        #expect(packages["var/lib/dpkg/info/sudo.list"] == "644 0:0")
        #expect(!packages.keys.contains { $0.hasPrefix("var/lib/apt/lists/deb") })
        #expect(
            user["home/dev/"]?.hasSuffix(" 1500:1500") == true && user["home/dev/.bashrc"] == "644 1500:1500")
        #expect(user["etc/shadow"] == "640 0:42")
        let tool = try image.members(2).first { $0.name == "usr/local/bin/mycat" }
        #expect(tool?.record("SCHILY.xattr.security.capability")?.prefix(4) == [1, 0, 0, 2])
        #expect(last["root/by-sudo"] == "644 0:0" && last["tmp/who"] == "644 1500:1500")
        #expect(try image.text("tmp/who") == "0\n" && image.text("tmp/groups") == "1500 2000\n")
        #expect(try image.text("tmp/cap") == "/usr/local/bin/mycat cap_net_bind_service=ep\n")
    }

    @Test("a package with scripts, a file of settings and a trigger", arguments: [nil, "chroot"])
    func package(isolation: String?) throws {
        try Requirement.program("dpkg-deb")
        if isolation != nil { try Requirement.root() }
        try Command(["bash", "-euc", Self.package]).at(site.scratch["ctx"]).succeed()
        let image = try built(
            """
            COPY hello.deb /tmp/
            RUN dpkg -i /tmp/hello.deb && rm /tmp/hello.deb
            RUN echo mine >> /etc/hello.conf && mkdir -p /opt/watched && dpkg-trigger --no-await /opt/watched \\
                && dpkg --triggers-only hello
            RUN dpkg --remove hello
            """, isolation: isolation)
        let installed = try owners(image, 2)
        #expect(installed["usr/bin/hello"] == "755 0:0" && installed["var/lib/hello/"] == "750 0:0")
        #expect(installed["tmp/.wh.hello.deb"] != nil)
        #expect(try image.text("etc/hello.conf") == "setting\nmine\n")
        #expect(
            try image.text("var/log/hello") == "preinst install\npostinst configure\npostinst triggered\n")
        let removed = try owners(image, 4)
        #expect(removed["usr/bin/.wh.hello"] != nil && removed["etc/.wh.hello.conf"] == nil)
        let status = try image.text("var/lib/dpkg/status") ?? ""
        #expect(status.contains("Package: hello\nStatus: deinstall ok config-files"))
    }

    private static let package = """
        umask 022; mkdir -p p/DEBIAN p/usr/bin p/etc p/var/lib/hello
        printf 'Package: hello\\nVersion: 1\\nArchitecture: all\\nMaintainer: t <t@example.com>\\nDescription: t\\n' > p/DEBIAN/control
        echo /etc/hello.conf > p/DEBIAN/conffiles; echo setting > p/etc/hello.conf
        echo 'interest-noawait /opt/watched' > p/DEBIAN/triggers
        printf '#!/bin/sh\\nset -e\\necho "preinst $1" >> /var/log/hello\\n' > p/DEBIAN/preinst
        printf '#!/bin/sh\\nset -e\\necho "postinst $1" >> /var/log/hello\\nchmod 0750 /var/lib/hello\\n' > p/DEBIAN/postinst
        printf '#!/bin/sh\\necho hello\\n' > p/usr/bin/hello; chmod 755 p/usr/bin/hello p/DEBIAN/p*inst
        dpkg-deb --root-owner-group -b p hello.deb >/dev/null; rm -r p
        """

    @Test func `a tree of hard links is a layer of links, and another stage takes files of it`() throws {
        let image = try built(
            """
            RUN cp -al /usr/share /usr/twice && find /usr/twice ! -type d | wc -l > /count
            RUN find /usr/twice ! -type d -links 1 | wc -l > /single && rm -r /usr/twice
            FROM debian
            COPY --from=0 /count /single /
            COPY --from=0 /usr/share/base-files /copied
            RUN cp -al /usr/share /usr/twice && cmp /copied/profile /usr/twice/base-files/profile
            """)
        let count = try #require(try Int(image.text("count")?.dropLast() ?? ""))
        #expect(try count > 1000 && image.text("single") == "0\n")
        let members = try image.members()
        #expect(members.count { $0.type == "1" } == count)
        #expect(members.count { $0.type == "0" && $0.name.hasPrefix("usr/") } <= count)
    }
}
