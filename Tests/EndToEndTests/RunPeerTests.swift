import TestSupport
import Testing

/// RUN leaves the same tree as buildah's, to the last entry.
struct RunPeerTests {
    /// A Dockerfile on the base with a shell.
    private static func peer(
        _ name: String, _ script: String = ":", hasOwners: Bool = false,
        differences: [String: String] = [:], _ instructions: String
    ) -> BuildPeer {
        BuildPeer(
            name, script, "FROM base" + (instructions.hasPrefix("AS ") ? " " : "\n") + instructions,
            hasOwners: hasOwners, hasPrograms: true,
            differences: differences)
    }

    @Test(arguments: files + directories + attributes + mixtures)
    func `the same tree and configuration as buildah's`(peer: BuildPeer) throws { try peer.compare() }

    private static let broken = "overlayfs copies the name that is written to, and leaves its links"

    private static let noLists = "buildah's layers have no access control lists"
    private static let old = "what WORKDIR and COPY make is as old as the base"

    private static let files = [
        peer(
            "made, changed, removed", hasOwners: true,
            """
            RUN printf a > /a; printf b > /home/app/b; touch /empty; dd if=/dev/zero of=/large bs=64k count=20
            RUN printf A > /a; printf more >> /etc/motd; rm /home/app/b; chmod 0640 /etc/group
            RUN rm /empty /etc/passwd; printf new > /etc/passwd; mv /large /home/large; cp /a /a2
            RUN rm -r /home; mkdir /home; printf x > /home/only
            """),
        peer(
            "times", hasOwners: true,
            """
            RUN touch -d @1100000000 /old; mkdir /dir; touch -d @1100000001 /dir; ln -s /old /link; \
                touch -h -d @1100000002 /link; touch -d @1100000003 /etc/motd
            RUN printf x >> /old; touch -d @1100000000 /old; printf moto > /etc/motd; touch -d @1100000003 /etc/motd
            RUN touch -d @0 /epoch
            """),
        peer(
            "hard links made and broken", hasOwners: true,
            differences: ["/a": broken, "/b": broken, "/again": broken],
            """
            RUN printf a > /a; ln /a /b; ln /a /etc/c; ln /etc/motd /etc/motd2; ln -s a /s; ln -P /s /s2 || true
            RUN printf more >> /b; rm /etc/c; cp /etc/motd2 /x; mv /x /etc/motd2
            RUN ln /b /again; chmod 0600 /again; ln /etc/group /group; rm /etc/group
            """),
        peer(
            "names", hasOwners: true,
            #"""
            RUN touch '/ä ö' '/日本' "/$(printf 'a\nb')" '/.wx' '/-' "/quo'te" '/back\slash' '/tab	x' '/*'
            RUN p=/deep; i=0; while [ $i -lt 40 ]; do p=$p/a-name-of-twenty-bytes; i=$((i+1)); done; mkdir -p $p; echo x > $p/f
            RUN n=$(printf 'n%.0s' $(seq 255)); echo x > /$n; rm '/日本' '/*'; rm -r /deep/*/*/*/*
            """#),
        peer(
            "fifos, devices, links", hasOwners: true,
            """
            RUN mkfifo -m 0620 /fifo; ln -s none /dangling; ln -s loop /loop; ln -sn /etc /to-etc
            RUN rm /fifo; mkfifo /fifo2; rm /dangling; mkdir /dangling; ln -snf /home /to-etc
            """),
    ]

    private static let directories = [
        peer(
            "removed and made again", hasOwners: true,
            """
            RUN mkdir -p /d/sub; printf 1 > /d/one; printf 2 > /d/sub/two; mkdir /e
            RUN rm -r /d; mkdir /d; printf 3 > /d/three
            RUN rm -r /d /e; printf file > /d; mkdir -p /e/e; mv /e /f
            RUN rm /d; mkdir -p /d/sub; rm -rf /home/app; mkdir -m 0700 /home/app
            """),
        peer(
            "replaced by a link and back", hasOwners: true,
            """
            RUN mkdir -p /d/x /t; printf 1 > /d/x/f; printf t > /t/f
            RUN mv /d /old; ln -s t /d; printf more >> /d/f
            RUN rm /d; mv /old /d; printf 2 > /d/x/g
            RUN rm /bin; mkdir /bin; mv /usr/bin/busybox /bin/busybox; /bin/busybox ln -s busybox /bin/sh
            """),
        peer(
            "the root and what is closed", hasOwners: true,
            differences: ["//": "buildah's layers do not speak of the root"],
            """
            RUN chmod 0711 /; mkdir -m 0000 /closed; printf x > /closed/f; mkdir -m 3777 /sticky; chmod 0555 /etc
            RUN printf y > /closed/f; rmdir /sticky; mkdir -m 0700 /sticky
            """),
    ]

    private static let attributes = [
        peer(
            "modes and owners", hasOwners: true,
            """
            RUN for m in 4755 2711 1644 0000 0777; do echo $m > /m$m; chmod $m /m$m; done
            RUN chown 1000:1001 /m4755; chown -R app:staff /home/app; touch /n; chown 70000:4000000000 /n; \
                ln -s n /l; chown -h 5:6 /l; mkdir /o; chown 7:8 /o; chmod 6755 /o
            RUN chmod u+s /m4755; chown 0:0 /m2711; chown 1:1 /etc
            """),
        peer(
            "extended attributes, capabilities and lists", hasOwners: true,
            differences: ["/x": noLists, "/d/": noLists, "/d/inherits": noLists],
            """
            RUN cp /usr/bin/busybox /bb; setcap cap_net_raw,cap_setuid+ep /bb; echo x > /x; setfattr -n user.name -v value /x
            RUN setfattr -n user.bytes -v 0x00ff0a /x; setfacl -m u:1000:rw,g:50:r /x; mkdir /d; setfacl -d -m u:1000:rwx /d; setfacl -m u:7:x /d
            RUN setfattr -x user.name /x; ln /bb /bb2; echo y > /d/inherits; setcap -r /bb; cp /x /plain
            RUN setfattr -n user.only -v changed /etc/motd
            """),
    ]

    private static let mixtures = [
        peer(
            "COPY over RUN, RUN over COPY",
            "mkdir -p dir/sub; echo c > a; echo s > dir/sub/s; echo t > dir/t",
            hasOwners: true,
            """
            RUN mkdir -p /dir/sub; echo r > /dir/sub/s; echo keep > /dir/keep; ln -s /home /to; echo f > /a
            COPY dir /dir
            COPY a /a
            COPY a /to/
            RUN echo more >> /dir/t; rm /dir/sub/s; mv /a /b; mv /home/a /home/b
            COPY dir/sub/s /dir/sub/s
            RUN rm -r /dir/sub; echo x > /dir/sub
            """),
        peer(
            "WORKDIR, USER, ENV, ARG, SHELL", hasOwners: true,
            differences: ["/place/": old, "/home/app/": old],
            """
            ARG A=1
            ENV B=$A
            WORKDIR /place/deep
            RUN pwd > p; echo $A$B > v; id -u > i; id -g >> i
            USER app:staff
            WORKDIR /home/app/x
            RUN id -u > /tmp/i; id -g >> /tmp/i; echo $HOME > /tmp/h; umask > /tmp/u; touch /tmp/mine
            USER 1234
            RUN id -u > /tmp/j; id -g >> /tmp/j; echo $HOME > /tmp/k
            USER root
            SHELL ["/bin/sh", "-euc"]
            ARG C=3
            RUN echo $C > c; cat /proc/self/status | grep -c Cap > caps || true
            """),
        peer(
            "stages", "echo c > c", hasOwners: true, differences: ["/out/": old],
            """
            AS one
            RUN mkdir -p /out/d; echo o > /out/o; ln /out/o /out/p; ln -s o /out/l; chown 5:6 /out/d; chmod 4755 /out/o; touch -d @1100000000 /out/o
            COPY c /out/c
            FROM one AS two
            RUN rm /out/c; echo two > /out/two
            FROM base
            RUN echo first > /first
            COPY --from=one /out /out
            COPY --from=two --chown=9:9 /out/two /
            COPY --from=one /out/l /followed
            """),
    ]
}
