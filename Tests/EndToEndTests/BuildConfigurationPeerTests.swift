import TestSupport
import Testing

/// Instructions without files make the same configuration as buildah's.
struct BuildConfigurationPeerTests {
    @Test(arguments: commands + variables + others)
    func `the same tree and configuration as buildah's`(peer: BuildPeer) throws { try peer.compare() }

    private static let commands = [
        BuildPeer(
            "CMD, ENTRYPOINT and HEALTHCHECK",
            """
            FROM base
            ENTRYPOINT ["/a", "b c"]
            CMD ["d"]
            HEALTHCHECK --interval=1m30s --timeout=5s --start-period=2s --retries=4 CMD curl "$X"
            """),
        BuildPeer(
            "their shell form, and HEALTHCHECK's exec form",
            """
            FROM base
            ENTRYPOINT exec a "$HOME"  b
            CMD echo $LANG; true
            HEALTHCHECK CMD ["/check", "it"]
            """),
        BuildPeer(
            "CMD, then ENTRYPOINT", "FROM base\nCMD one\nENTRYPOINT two\nHEALTHCHECK CMD x\nHEALTHCHECK NONE"),
        BuildPeer(
            "ENTRYPOINT takes away the base's CMD", "FROM base AS below\nCMD one\nFROM below\nENTRYPOINT two"),
        BuildPeer(
            "empty ones", "FROM base AS below\nENTRYPOINT x\nCMD one\nFROM below\nENTRYPOINT []\nCMD []"),
        BuildPeer(
            "SHELL", "FROM base\nSHELL [\"/bin/bash\", \"-c\"]\nCMD one\nENTRYPOINT two",
            differences: ["Cmd": "SHELL is for CMD", "Entrypoint": "SHELL is for ENTRYPOINT"]),
    ]

    private static let variables = [
        BuildPeer(
            "ENV",
            """
            FROM base
            ENV A=1 B="two words" C='$A' D=$A-${A} E=a\\ b
            ENV LEGACY and all the rest
            ENV A=changed F=$A
            ENV EMPTY=
            ENV G= H=${G:-x} I=${NONE:-y} J=${LANG:+z} K=${NONE:+q} L=\\$LANG
            """),
        BuildPeer(
            "ENV of what the base sets", "FROM base\nENV PATH=/x:$PATH",
            differences: ["Env": "a variable stays in its place"]),
        BuildPeer(
            "ARG", "ARG V=before\nFROM base\nARG V\nARG W=w X\nENV A=$V B=$W C=${X:-none} D=${Y:-y}",
            flags: ["--build-arg", "X=given", "--build-arg", "W=other"]),
        BuildPeer(
            "ARG is a stage's own, and not seen from before FROM",
            "ARG OTHER=x\nFROM base AS one\nARG A=1\nENV X=$A\nFROM base\nENV Y=${A:-none} Z=${OTHER:-none}"),
        BuildPeer(
            "LABEL",
            """
            FROM base
            ARG V=1
            LABEL a=b c="d e" "f g"=h v=$V
            LABEL a=later multi="one \\
            two"
            LABEL old style
            """),
    ]

    private static let others = [
        BuildPeer(
            "EXPOSE, VOLUME, USER and STOPSIGNAL",
            """
            FROM base
            ARG P=90
            EXPOSE 80 443/tcp 53/udp $P
            EXPOSE 80
            VOLUME /a /b
            VOLUME ["/c d", "/e"]
            VOLUME /a
            USER app
            USER 5:6
            STOPSIGNAL SIGINT
            MAINTAINER Some One <some@one>
            """),
        BuildPeer("STOPSIGNAL as a number", "FROM base\nSTOPSIGNAL 9"),
        BuildPeer(
            "ONBUILD", ": > x", "FROM base\nONBUILD COPY x /x\nONBUILD ENV  A=b\nONBUILD RUN echo hello"),
        BuildPeer(
            "ONBUILD of a stage below", ": > x",
            "FROM base AS below\nONBUILD COPY x /x\nONBUILD ENV A=b\nFROM below\nENV C=$A"),
        BuildPeer(
            "lower case and comments",
            "# first\nfrom base as X\n # in between\nenv a=1 \\\n# inside\n  b=2\n\nCmd [ \"x\" ]"),
        BuildPeer(
            "the escape directive", "# escape=`\nFROM base\nENV a=1 `\n  b=c\\d",
            differences: ["Env": "a backslash is nothing special then"]),
        BuildPeer("--label", "FROM base\nLABEL a=b", flags: ["--label", "a=c", "--label", "d=e"]),
        BuildPeer(
            "--target", "FROM base AS one\nENV A=1\nFROM base AS two\nENV A=2", flags: ["--target", "one"]),
    ]
}

extension BuildPeer {
    /// One without files.
    fileprivate init(
        _ name: String, _ dockerfile: String, flags: [String] = [], differences: [String: String] = [:]
    ) {
        self.init(name, ":", dockerfile, flags: flags, differences: differences)
    }
}
