import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

/// RUN in a container's own `/`.
@Suite(.serialized, .timeLimit(.minutes(20)))
struct RunInplaceTests {
    private let inplace: InplaceWorkplace
    private var site: BuildSite { inplace.site }

    init() throws { inplace = try InplaceWorkplace() }

    /// What Kaniko is usually left: no SYS_CHROOT.
    private static let fewest = [
        "CHOWN", "DAC_OVERRIDE", "FOWNER", "SETUID", "SETGID", "FSETID", "SETFCAP", "MKNOD",
    ]

    private func names(of built: Built, _ layer: Int = -1) throws -> [String] {
        try built.members(layer).map { "\($0.name) \($0.user):\($0.group)" }
    }

    private static let script = """
        FROM base AS first
        COPY --chown=33:34 www /www
        RUN chmod 640 /www/a; echo x >> /www/b; mv /www/c /www/e; ln /www/d /www/l; rm /etc/motd; \\
            mkdir /new; echo n > /new/f; ln -s f /new/s; rm /usr/bin/env; echo env > /usr/bin/env; \\
            chown app /home/app; \\
            find /www /new /etc /usr/bin /home -exec touch -h -d @1000000100 {} + 2>/dev/null || true
        WORKDIR /home/app
        USER app
        RUN echo own > file; touch -d @1000000200 file .
        FROM base
        COPY --from=first --chown=app /www /www
        RUN test ! -e /new && test -e /etc/motd && test ! -e /etc/old && test ! -e /opt; \\
            mv /www/e /www/c; rmdir /www/dir; ln -s dir2 /www/dir; chmod 0711 /home; \\
            find /www /home ! -name [dl] -exec touch -h -d @1000000200 {} +
        COPY --from=first /home/app/file /new/f /copied/
        """

    @Test(arguments: [Container.standardCapabilities, fewest])
    func `layers are those of other rungs, whatever the container may do`(capabilities: [String]) throws {
        for name in ["a", "b", "c", "d", "dir/.gitkeep"] { try site.write("www/\(name)", "\(name)\n") }
        let line = "chmod -R go=rX www; rm www/dir/.gitkeep; find www -exec touch -d @1000000000 {} +"
        try Command(shell: line).at(site.scratch["ctx"]).succeed()
        var container = inplace.container
        container.capabilities = capabilities
        let image = try inplace.built(inplace.build(Self.script, in: container))
        #expect(image.hits == 0)
        let notes = image.errors.split(separator: "\n").filter { $0.hasPrefix("note: ") }
        #expect(notes.count == 1 && notes.first?.contains("this container's own /") == true, "\(notes)")
        let found = image.configuration["rootfs"]?["diff_ids"]
        for isolation in ["namespaces", "chroot"] {
            let other = try inplace.work.built(Self.script, "--isolation", isolation, "--no-cache")
            #expect(other.configuration["rootfs"]?["diff_ids"] == found, "\(isolation)")
        }
        #expect(found?.array?.count == 4)
    }

    @Test func `a base brings its own libraries, and not the names of the network`() throws {
        let script = """
            mkdir -p etc usr/bin usr/local/bin; ln -s usr/bin bin; ln -s usr/lib lib; ln -s usr/lib64 lib64
            mkdir -p usr/lib usr/lib64; cp "$(command -v busybox)" usr/bin/sh
            for file in $(ldd /usr/bin/env | grep -o '/[^ ]*'); do mkdir -p ".${file%/*}"; cp -L $file ".$file"; done
            cp /usr/bin/env usr/bin/env; echo base > etc/resolv.conf; echo base > etc/hosts
            """
        let image = try site.image("libc", script)
        let dockerfile = """
            FROM libc AS first
            RUN /usr/bin/env X=works sh -c 'echo $X'; while read -r line; do echo "$line"; done < /etc/resolv.conf
            RUN rm /usr/lib64/ld-* && echo gone > /gone
            FROM base
            COPY --from=first /gone /etc/resolv.conf /
            RUN cat /gone /resolv.conf; ls /etc
            """
        let outcome = try inplace.build(
            dockerfile, "--build-context libc=\(image.replacing("oci:", with: "oci:/site/"))")
        let made = try inplace.built(outcome)
        #expect(
            RunWorkplace.lines(outcome.errors) == [
                "works", "the container's", "gone", "base", "group", "hostname", "hosts", "motd", "passwd",
                "resolv.conf",
            ])
        #expect(try made.text("resolv.conf") == "base\n")
    }

    @Test func `what is mounted for a program leaves nothing`() throws {
        try site.scratch.write("key", "secret\n")
        let outcome = try inplace.build(
            """
            FROM base AS first
            RUN --mount=type=cache,target=/c echo 1 > /c/log; mkdir /made && echo made > /made/f
            FROM base
            RUN --mount=type=cache,target=/c cat /c/log
            RUN --mount=type=secret,id=key cat /run/secrets/key
            RUN --mount=from=first,source=/made,target=/m --mount=type=tmpfs,target=/t cat /m/f; echo t > /t/t
            RUN --mount=type=secret,id=key,target=/etc/motd cat /etc/motd
            RUN <<EOF
            #!/bin/sh
            ls / /dev/pipes; cat /etc/motd
            EOF
            RUN test ! -e /run/secrets && test ! -e /dev/pipes && echo kept > /tmp/kept
            """, "--secret id=key,src=/site/key")
        let image = try inplace.built(outcome)
        let own = "/:,base,bin,dev,etc,home,kaniko,proc,root,run,site,sys,tmp,usr,var,,/dev/pipes:,EOF,motd"
        let lines = RunWorkplace.lines(outcome.errors).joined(separator: ",")
        #expect(lines == "1,secret,made,secret," + own)
        #expect(try names(of: image) == ["tmp/ 0:0", "tmp/kept 0:0"])
    }

    @Test func `a program gets nothing of varve's`() throws {
        var container = inplace.container
        container.environment += ["TOKEN=secret", "TMPDIR=/tmp"]
        let outcome = try inplace.build(
            "FROM base\nRUN env | sort; ls /proc/self/fd; ls -A /tmp", in: container)
        #expect(
            RunWorkplace.lines(try inplace.built(outcome).errors).filter { !$0.hasPrefix(".varve-scratch-") }
                == [
                    "HOME=/root", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                    "PWD=/",
                    "SHLVL=1", "0", "1", "2", "3",
                ])
    }

    @Test func `a varve that has all it needs in a directory of its own starts again`() throws {
        try site.write(
            "Dockerfile",
            "FROM base\nRUN --mount=type=cache,target=/c echo 1 >> /c/n; cp /c/n /n; wc -l < /n\n")
        let outcome = try inplace.shell(
            """
            box mkdir -p /varve/lib; box cp \(InplaceWorkplace.varve) /varve/varve
            for file in $(box find / -xdev -name '*.so*' -type f); do box cp $file /varve/lib; done
            for number in 1 2; do
                /varve/lib/ld-linux-*.so.* --library-path /varve/lib /varve/varve build $words --no-cache /site/ctx \\
                    -o oci:/site/out:app --cache-dir /site/cache || exit
            done
            box ls -A /
            """)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(RunWorkplace.lines(outcome.errors) == ["1", "2"])
        #expect(outcome.text.split(separator: "\n").suffix(3) == ["usr", "var", "varve"])
    }

    @Test func `what the build reads and writes stays, and is in no layer`() throws {
        try site.write("Dockerfile", "FROM base\nCOPY a /a\nRUN cat /a; echo x > /new; ls -A /place /link/\n")
        try site.write("a", "a\n")
        let outcome = try inplace.shell(
            """
            set -e; box mkdir /place /real; box cp -r /site/ctx /place/ctx; box ln -s /real /link; cd /place
            varve_build ctx -o oci:out:app -o oci-archive:app.tar:1 -o oci:/link/out:app --cache-dir /link/cache \\
                --digest-file digest --metadata-file /meta.json
            box ls -A / /place; box cp -r /real/out /site/out; box cp app.tar digest /site/
            """)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let parts = outcome.text.split(separator: "\n").map(String.init)
        #expect(
            parts.contains("meta.json") && parts.contains("new") && !parts.contains { $0.contains("varve-") })
        #expect(parts.suffix(4) == ["app.tar", "ctx", "digest", "out"])
        let digest = try Command(["cat", site.scratch["digest"].string]).succeed()
        #expect(digest.line == parts[0])
        let image = try Built(digest, layout: site.scratch["out"])
        #expect(try names(of: image) == ["new 0:0"])
        #expect(Machine.exists(site.scratch["app.tar"]))
        #expect(RunWorkplace.lines(outcome.errors).first == "a")
    }

    @Test func `no image decides whom varve believes, nor what it is made of`() throws {
        let registry = try RealRegistry(hasTLS: true)
        let authority = try #require(registry.certificate)
        let place = "etc/ssl/certs/ca-certificates.crt"
        try inplace.container.scratch.write("rootfs/\(place)", text(of: authority))
        try site.scratch.write("other.pem", Self.otherCertificate)
        try site.write("Dockerfile", "FROM base\nCOPY ca \(place)\nRUN cat /\(place); echo x > /x\n")
        try site.write("ca", "the image's\n")
        let app = "127.0.0.1:\(registry.port)/app:1"
        // On a loopback device TLS is spoken where a certificate is given.
        let outcome = try inplace.shell(
            """
            \(InplaceWorkplace.varve) build --isolation inplace --build-context base=oci:/base:app --cache-dir /site/cache \\
                --ca-cert /site/other.pem -t \(app) --push -o oci:/site/out:app --provenance /site/provenance.json /site/ctx
            """)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(RunWorkplace.lines(outcome.errors) == ["the image's"])
        try site.varve(["pull", app, "oci:pulled:x", "-q", "--ca-cert", authority.string]).succeed()
        let provenance = try text(of: site.scratch["provenance.json"])
        for library in ["libc.so.6", "libcurl.so.4"] {
            #expect(provenance.contains(library))
        }
    }

    /// Of nobody.
    private static var otherCertificate: String {
        get throws {
            let line = """
                openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=other \
                    -keyout /dev/null 2>/dev/null
                """
            return try Command(shell: line).succeed().text
        }
    }

    @Test func `what is mounted stays, whatever layers do above it`() throws {
        var container = inplace.container
        try site.scratch.write("kept/f", "kept\n")
        try container.bind(site.scratch["kept"], at: "/srv/deep/kept", isReadOnly: false)
        try site.write("srv/deep/a", "a\n")
        try site.write("srv/deep/kept/f", "the image's\n")
        let outcome = try inplace.build(
            """
            FROM base AS first
            COPY srv /srv
            RUN cat /srv/deep/a /srv/deep/kept/f; rm /srv/deep/a
            FROM first
            RUN ls /srv/deep; cat /srv/deep/kept/f; echo x > /srv/deep/kept/x
            FROM first
            COPY --from=1 /srv/deep /copied
            RUN cat /copied/kept/f; ls /copied/kept; ln -s usr /opt
            FROM scratch
            COPY --from=first /usr /srv
            COPY --from=2 /opt /opt
            RUN ["/srv/bin/busybox", "ls", "/"]
            """, in: container)
        let lines = try RunWorkplace.lines(inplace.built(outcome).errors)
        #expect(lines.prefix(4) == ["a", "kept", "kept", "kept"])
        #expect(lines.dropFirst(4).prefix(2) == ["the image's", "f"])
        let own = ["base", "dev", "etc", "kaniko", "opt", "proc", "site", "srv", "sys", "tmp", "usr"]
        #expect(Array(lines.dropFirst(6)) == own)
        #expect(try text(of: site.scratch["kept/f"]) == "kept\n")
        #expect(Machine.exists(site.scratch["kept/x"]))

        var other = try InplaceWorkplace.container(for: inplace.work)
        try other.bind(site.scratch["kept"], at: "/srv/deep/kept", isReadOnly: false)
        let refused = try inplace.build("FROM base\nCOPY Dockerfile /srv\nRUN true", in: other)
        #expect(refused.status == 1)
        #expect(
            refused.errors.contains("the image's path srv cannot be used: below it lies"), "\(refused.errors)"
        )
    }
}
