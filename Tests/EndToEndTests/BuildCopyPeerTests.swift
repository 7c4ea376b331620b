import TestSupport
import Testing

/// COPY makes the same tree as buildah's.
struct BuildCopyPeerTests {
    @Test(arguments: files + directories + links + wildcards)
    func `the same tree and configuration as buildah's`(peer: BuildPeer) throws { try peer.compare() }

    private static let tree = """
        printf a > a; printf bb > b; mkdir -p dir/sub/empty other; printf c > dir/c; printf d > dir/sub/d
        printf o > other/c; chmod 0640 dir/c; chmod 0750 dir/sub; ln -s c dir/link
        ln -s /etc/passwd dir/absolute; ln -s ../a dir/up; touch -d @1500000000 a dir/c
        """

    private static let files = [
        BuildPeer(
            "a file under another name", tree,
            """
            FROM base
            COPY a /x
            COPY ./a /new/deep/y
            COPY /a /etc/motd
            COPY ../a /z
            """),
        BuildPeer(
            "files into directories", tree,
            """
            FROM base
            COPY a /opt
            COPY a /opt/new/
            COPY a b /several/
            COPY a b dir/c /etc/
            COPY a b ./
            COPY ["b", "/srv/closed/"]
            """),
        BuildPeer(
            "into the working directory", tree,
            """
            FROM base
            WORKDIR /srv
            COPY a .
            COPY a below/
            COPY a ./x
            COPY dir ../moved
            """),
        BuildPeer(
            "to a scratch image", tree, "FROM scratch\nCOPY a /\nCOPY dir /deep/er",
            differences: ["WorkingDir": BuildPeer.scratchDirectory]),
        BuildPeer(
            "modes",
            "for mode in 4755 2711 0400 0444; do echo $mode > $mode; chmod $mode $mode; done; mkdir -m 1777 d",
            "FROM base\nCOPY . /modes",
            differences: [
                "/modes/4755": "a file keeps its mode, whole", "/modes/2711": "a file keeps its mode, whole",
            ]),
    ]

    private static let directories = [
        BuildPeer(
            "what is in a directory", tree,
            """
            FROM base
            COPY dir /fresh
            COPY dir/ /fresh-slash/
            COPY dir /opt
            COPY dir/sub other /both/
            COPY other /both
            """),
        BuildPeer("all of the context", tree, "FROM base\nCOPY . /app"),
        BuildPeer("all of the context, onto the root", tree, "FROM base\nCOPY . /"),
        BuildPeer(
            "a directory that is there keeps what is in it", tree + "\nmkdir skel etc; chmod 0700 skel etc",
            "FROM base\nCOPY . /\nCOPY dir /etc/skel\nCOPY skel /opt"),
    ]

    private static let links = [
        BuildPeer(
            "where links of a usr-merged base lead", tree,
            """
            FROM base
            COPY b /bin/b
            COPY dir /lib
            COPY a /var/run/a
            COPY a /srv/up/
            COPY a /srv/out/hosts
            COPY dir /var/run/new/deep
            """),
        BuildPeer(
            "onto a link to a directory", tree, "FROM base\nCOPY a b /bin/\nCOPY dir /srv/up\nCOPY a /var/run"
        ),
        BuildPeer(
            "onto a link to a file", tree, "FROM base\nCOPY a /srv/motd",
            differences: [
                "/etc/motd": "the destination is followed to its end, as a process would write it",
                "/srv/motd": "the destination is followed to its end, as a process would write it",
            ]),
        BuildPeer(
            "onto a link to nothing", tree, "FROM base\nCOPY a /srv/broken",
            differences: [
                "/none/there": "a file of that name is wanted", "/none/there/": "and no directory",
                "/none/there/a": "and nothing in it",
            ]),
        BuildPeer(
            "a link is copied with its directory, and followed by itself", tree,
            "FROM base\nCOPY dir /links\nCOPY dir/link /one\nCOPY dir/up /two\nCOPY dir/link dir/up /three/"),
        BuildPeer(
            "links of the context lead nowhere outside",
            "ln -s /etc/hostname inner; mkdir etc; printf i > etc/hostname",
            "FROM base\nCOPY inner /x"),
    ]

    private static let wildcards = [
        BuildPeer(
            "wildcards", "mkdir -p d/e; touch a.txt b.txt c.md d/x.txt d/e/y.txt 'sp ace.txt'",
            """
            FROM base
            COPY *.txt /one/
            COPY ?.md /two
            COPY [ab].txt /three/
            COPY d/*.txt /four/
            COPY d/* /five/
            COPY ["sp ace.txt", "/six dir/"]
            """),
        BuildPeer(
            "directories that a pattern matches", "mkdir -p one/x two/y; touch one/x/a two/y/b two/c",
            "FROM base\nCOPY o* /one/\nCOPY *wo /two/\nCOPY */ /three/\nCOPY [ot]* /four"),
        BuildPeer(
            "files that a pattern matches go into a directory that is there", "touch a.txt b.txt",
            "FROM base\nCOPY *.txt /opt\nCOPY *.txt /srv/up\nCOPY * /lib"),
    ]
}
