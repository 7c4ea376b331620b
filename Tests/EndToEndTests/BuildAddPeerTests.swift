import TestSupport
import Testing

/// ADD, `--chown`, `--chmod`, `--from` and WORKDIR make the same tree as buildah's.
struct BuildAddPeerTests {
    @Test(arguments: archives + owners + modes + stages + workingDirectories + ignored)
    func `the same tree and configuration as buildah's`(peer: BuildPeer) throws { try peer.compare() }

    private static let tree =
        "umask 022; mkdir -p t/d/e; printf x > t/x; printf y > t/d/y; chmod 0600 t/x; ln -s x t/l"
    private static let tar = tree + "; tar --format=ustar --owner=0 --group=0 -C t -cf a.tar x d l"

    private static let archives = [
        BuildPeer("ADD of a tar", tar, "FROM base\nADD a.tar /fresh\nADD a.tar /slash/\nADD a.tar /bin"),
        BuildPeer(
            "ADD of compressed tars, whatever they are called",
            tar
                + "; gzip -c a.tar > one.txt; bzip2 -c a.tar > two.txt; xz -c a.tar > three.tgz; zstd -q -c a.tar > four",
            "FROM base\nADD one.txt /1\nADD two.txt /2/\nADD three.tgz /3\nADD four /4/"),
        BuildPeer(
            "ADD of what is no archive", tree + "; gzip -c t/x > x.gz; : > empty.tar; printf none > b.tar",
            "FROM base\nADD x.gz /x.gz\nADD x.gz /opt/\nADD empty.tar /empty/\nADD b.tar t/x /several/\nADD t /tree"
        ),
        BuildPeer(
            "ADD of several", tar + "; gzip -c a.tar > b.tgz",
            "FROM base\nADD a.tar b.tgz t/x /all/\nADD *.t* /matched/"),
        BuildPeer(
            "ADD of an archive with owners", tree + "; tar --owner=1000 --group=50 -C t -cf a.tar .",
            "FROM base\nADD a.tar /own", hasOwners: true,
            differences: ["/own/": "a destination keeps its own attributes, whatever the archive says of ./"]),
        BuildPeer(
            "ADD of an archive with links and modes",
            tree
                + "; ln t/x t/d/hard; chmod 02755 t/d; chmod 1777 t/d/e; tar --owner=0 --group=0 -C t -cf a.tar ./x ./d ./l",
            "FROM base\nADD a.tar /a\nADD a.tar /srv/up/new"),
        BuildPeer("COPY of an archive", tar, "FROM base\nCOPY a.tar /x\nCOPY a.tar /opt/"),
    ]

    private static let owners = [
        BuildPeer(
            "--chown of numbers", tree,
            "FROM base\nCOPY --chown=7 t/x /a\nCOPY --chown=7:8 t /new/deep\nADD --chown=7:8 t/x /opt/\nCOPY --chown=0:5 t /opt",
            hasOwners: true),
        BuildPeer(
            "--chown of names", tree,
            "FROM base\nCOPY --chown=app t/x /a\nCOPY --chown=app:staff t /b/\nCOPY --chown=root:app t/x /c/\nCOPY --chown=7:staff t/x /d\nCOPY --chown=app:9 t/x /e",
            hasOwners: true),
        BuildPeer(
            "--chown of what COPY brought", "printf 'new:x:77:78::/:\\n' > p; printf 'team:x:99:\\n' > g",
            "FROM scratch\nCOPY p /etc/passwd\nCOPY g /etc/group\nCOPY --chown=new p /a\nCOPY --chown=new:team p /b",
            hasOwners: true, differences: ["WorkingDir": BuildPeer.scratchDirectory]),
        BuildPeer(
            "USER changes no owner of COPY", tree, "FROM base\nUSER app\nCOPY t /own\nADD t/x /opt/"),
    ]

    private static let modes = [
        BuildPeer(
            "--chmod", tree,
            "FROM base\nCOPY --chmod=0755 t/x /a\nCOPY --chmod=600 t/x /deep/er/\nADD --chmod=4711 t/x /b"),
        BuildPeer("--chmod of a directory", tree, "FROM base\nCOPY --chmod=0750 t /tree"),
    ]

    private static let stages = [
        BuildPeer(
            "--from a stage by name, number and image", tree,
            """
            FROM base AS first
            COPY t /made
            WORKDIR /made/here
            FROM scratch AS skipped
            COPY t/x /never
            FROM base
            COPY --from=first /made /a
            COPY --from=0 /made/x /made/d /b/
            COPY --from=first made/l /c
            COPY --from=base /etc/passwd /bin/tool /d/
            COPY --from=first /bin /e
            COPY --from=first /m*/d /f
            """),
        BuildPeer(
            "a stage on a stage", tree,
            """
            FROM base AS first
            COPY t /made
            ENV FIRST=1
            FROM first AS second
            COPY t/x /made/z
            ENV SECOND=2
            FROM second
            COPY --from=first /made /copy
            """),
        BuildPeer(
            "--from with owners", tree,
            "FROM base AS first\nCOPY --chown=7:8 t /made\nFROM base\nCOPY --from=first --chown=9:10 /made /b",
            hasOwners: true),
    ]

    private static let workingDirectories = [
        BuildPeer(
            "WORKDIR", tree,
            """
            FROM base
            WORKDIR /new/deep
            WORKDIR below
            COPY t/x .
            WORKDIR ../beside
            WORKDIR /opt
            WORKDIR /bin/../srv//closed/
            COPY t/x x
            """, differences: ["WorkingDir": "the shortest form of the path"]),
        BuildPeer(
            "WORKDIR where links lead", tree,
            "FROM base\nWORKDIR /var/run/new\nCOPY t/x .\nWORKDIR /srv/up\nCOPY t/x ."),
        BuildPeer(
            "WORKDIR with variables", tree, "FROM base\nARG A=arg\nENV B=env\nWORKDIR /$A/${B}/${C:-c}"),
        BuildPeer(
            "WORKDIR with USER", tree, "FROM base\nUSER app\nWORKDIR /home/app/src/deep", hasOwners: true),
    ]

    private static let ignored = [
        BuildPeer(
            "an ignore file",
            """
            mkdir -p a/b/c keep/node_modules/x d; touch a/b/c/1.log a/b/2.txt keep/node_modules/x/y keep/z d/.env .env top.log
            printf '%s\\n' '# comment' '**/*.log' 'keep/node_modules' '!keep/node_modules/x' '.env' 'a/b/?.txt' '' > .dockerignore
            """, "FROM base\nCOPY . /app"),
        BuildPeer(
            "an ignore file of everything but",
            """
            mkdir -p src/deep doc; touch src/a src/deep/b doc/c top
            printf '%s\\n' '*' '!src' 'src/deep/*' '!Dockerfile' > .dockerignore
            """, "FROM base\nCOPY . /app\nCOPY src /src"),
        BuildPeer(
            "what an ignore file does to wildcards",
            "mkdir d; touch a.txt b.txt d/c.txt; printf 'b.txt\\nd/*.txt\\n' > .dockerignore",
            "FROM base\nCOPY *.txt /one/\nCOPY d /two"),
    ]
}
