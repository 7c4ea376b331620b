import SystemPackage
import TestSupport

/// A tree of some pieces that is the same whoever makes it, wherever and whenever.
enum SmallTree {
    /// Fills an empty directory: text, noise, small and large files, links, a fifo; owners are the maker's.
    static func make(at root: FilePath) throws {
        try Command(shell: script).at(root).with("LC_ALL", "C").with("TZ", "UTC").succeed()
    }

    /// Makes another tree the same, its entries in another order on the disk.
    static func copy(_ root: FilePath, to other: FilePath) throws {
        let copy = """
            find . -mindepth 1 -print0 | sort -zR | tar -cf - --null --no-recursion -T - | tar -xpf - -C "$0"
            find . -print0 | tac -s '' | while IFS= read -r -d '' name; do touch -hr "$name" "$0/$name"; done
            """
        try Command(["bash", "-euo", "pipefail", "-c", copy, other.string]).at(root).succeed()
    }

    private static let script = """
        set -eu; umask 022
        mkdir -p etc usr/share/doc var/empty; printf 'hello\\n' > etc/motd; : > etc/empty
        seq 1 170000 > usr/share/numbers; seq 7 7 200000 | tac > usr/share/other
        seq 1 90000 | split -l 2000 - usr/share/doc/file-
        truncate -s 1200000 usr/share/hole; printf end >> usr/share/hole
        printf '\\376\\377' > $'etc/caf\\351'; printf x > $'etc/\\303\\251'; printf y > $'etc/new\\nline'
        ln -s motd etc/link; ln usr/share/numbers usr/numbers; mkfifo -m 0600 var/fifo
        chmod 4755 etc/motd; chmod 1777 var/empty; chmod 0400 etc/empty
        find . -print0 | xargs -0 touch -h -d @1600000000
        touch -d @1650000000 etc/motd; touch -h -d @-3600 etc/link
        """
}
