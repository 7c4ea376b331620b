import Linux
import SystemPackage
import TestSupport
import Testing

/// A tree that a shell script makes, and what is special about it.
struct TreeCase: CustomTestStringConvertible, Sendable {
    /// What is special, for a person.
    let testDescription: String
    /// Whether only root can make it.
    let needsRoot: Bool
    /// Programs that make it and may be missing.
    let programs: [String]
    /// Bash, run in the empty tree; the directory above is its own too.
    private let script: String

    init(_ name: String, needsRoot: Bool = false, programs: [String] = [], _ script: String) {
        (testDescription, self.needsRoot, self.programs, self.script) = (name, needsRoot, programs, script)
    }

    /// Makes the tree, as `tree` in a scratch directory.
    func make(in scratch: Scratch) throws -> FilePath {
        if needsRoot { try Requirement.root() }
        for program in programs { try Requirement.program(program) }
        let tree = try scratch.directory("tree")
        try run(at: tree)
        return tree
    }

    /// Makes every tree that this user and machine can make, side by side in one.
    ///
    /// With `isPlain`, what needs root is left out.
    static func makeAll(in scratch: Scratch, isPlain: Bool = Machine.user.id != 0) throws -> FilePath {
        for tree in all + attributes where !(isPlain && tree.needsRoot) {
            let place = try scratch.directory("tree/\(tree.testDescription)")
            guard try tree.programs.allSatisfy({ try Command(["which", $0]).run().status == 0 }) else {
                continue
            }
            try tree.run(at: place)
        }
        return scratch["tree"]
    }

    private func run(at place: FilePath) throws {
        try Command(shell: "set -eu; \(script)").at(place).with("LC_ALL", "C").succeed()
    }

    /// One of each kind of trouble.
    static let all: [TreeCase] = [
        TreeCase("an empty tree", ":"),
        TreeCase(
            "setuid, setgid, sticky and no permission at all",
            """
            touch setuid setgid sticky all none; mkdir shared
            chmod 4755 setuid; chmod 2755 setgid; chmod 1644 sticky; chmod 7777 all; chmod 3777 shared
            chmod 0400 none
            """),
        TreeCase(
            "owners beyond 2^21", needsRoot: true,
            """
            touch a b c; mkdir d; ln -s a l
            chown 2097151:2097152 a; chown 2147483648:2147483647 b; chown 4294967294:4294967294 c d
            chown -h 3000000:3000001 l
            """),
        TreeCase(
            "times before 1970, beyond 2106 and between two seconds",
            """
            touch -d @0 zero; touch -d @-1 before; touch -d @-2147483648 old; touch -d @4294967296 far
            touch -d @1600000000.987654321 between; touch -d @-5.5 betweenBefore; mkdir d; touch -d @-86400 d
            ln -s zero l; touch -h -d @-7 l
            """),
        TreeCase(
            "symbolic links: absolute, dangling, in a circle, of 4095 bytes, of 100 and 101",
            """
            ln -s /etc/passwd absolute; ln -s nowhere/at/all dangling; ln -s self self; ln -s .. up
            ln -s pong ping; ln -s ping pong; ln -s "$(printf 'x%.0s' {1..4095})" long
            ln -s "$(printf 'y%.0s' {1..100})" hundred; ln -s "$(printf 'y%.0s' {1..101})" more
            ln -s $'new\\nline' newline; ln -s $'\\xff\\xfe' bytes; ln -s './a//b/' slashes; ln -s ' ' space
            """),
        TreeCase("a fifo", "mkfifo -m 0640 fifo"),
        TreeCase(
            "devices", needsRoot: true,
            """
            mknod null c 1 3; mknod disk b 8 17; mknod big c 4095 1048575; mknod zero c 0 0; chmod 0600 disk
            """),
        TreeCase(
            "hard links within and across directories",
            """
            mkdir a b; echo one > a/1; ln a/1 a/2; ln a/1 b/1; echo two > z; ln z b/z; echo three > é; ln é b/é
            mkfifo p; n=$(printf 'n%.0s' {1..120}); mkdir $n; ln z $n/z
            """),
        TreeCase("a hard link whose other name is outside", "echo shared > inside; ln inside ../outside"),
        TreeCase("empty files and directories", "mkdir -p a/b/c d; touch a/e f"),
        TreeCase(
            "names in no encoding or with control characters",
            """
            touch $'\\xff' $'bad\\xe9end' $'new\\nline' $'tab\\there' '"quoted"' "it's" 'back\\slash' $'\\x01' $'\\x7f'
            touch $'\\r' ' ' '  two' 'end ' '*' '?' '[a]' '%41' 'a=b' '~' '#c' '@LongLink' '._double' '...' -- -dash --
            mkdir -- --dash PaxHeaders GNUSparseFile.0 $'d\\xc3'; touch -- --dash/-x $'d\\xc3/\\xa9' PaxHeaders/1
            """),
        TreeCase(
            "names that differ by normal form or case alone",
            "touch $'\\xc3\\xa9' $'e\\xcc\\x81' A a \u{1E9E} ß ss $'\\xef\\xbf\\xbd'"),
        TreeCase(
            "names of 255 bytes, and paths around 100, 155 and 256",
            """
            touch "$(printf 'n%.0s' {1..255})" "$(printf 'é%.0s' {1..127})"
            d=$(printf 'd%.0s' {1..155}); mkdir $d
            for n in 98 99 100 101; do touch "$(printf 'f%.0s' $(seq $n))" "$d/$(printf 'g%.0s' $(seq $n))"; done
            e=$(printf 'e%.0s' {1..98}); mkdir $e $e/x ${e}0 ${e}00 $d/$d; touch $d/$d/$e
            """),
        TreeCase(
            "sparse files",
            """
            truncate -s 3M hole; truncate -s 2M start; printf x | dd of=start conv=notrunc status=none
            truncate -s 5M middle; printf y | dd of=middle bs=1 seek=2500000 conv=notrunc status=none
            truncate -s 4194303 end; printf z | dd of=end bs=1 seek=4194303 conv=notrunc status=none
            """),
        TreeCase(
            "sizes around a block and a piece",
            """
            for n in 1 511 512 513 262143 262144 1048575 1048576 1048577 2097152 2097153; do
                seq 400000 | head -c $n > $n || [ $? = 141 ]
            done
            """),
        TreeCase("a thousand names", "seq -f 'name-%g' 1000 | xargs touch"),
    ]

    /// Extended attributes of every sort that is kept.
    static let attributes: [TreeCase] = [
        TreeCase(
            "user attributes with NULs, newlines and 4000 bytes", programs: ["setfattr"],
            """
            touch a b; mkdir d
            setfattr -n user.nul -v 0x00610062000a00 a; setfattr -n user.newline -v $'a\\nb=c\\n' a
            setfattr -n user.long -v "$(printf 'v%.0s' {1..3000})" b; setfattr -n user.bytes -v 0xfffe80 b
            setfattr -n user.dir -v here d; setfattr -n user.Mixed.case-1_2:x -v y a
            """),
        TreeCase(
            "file capabilities", needsRoot: true, programs: ["setcap"],
            "touch ping; chmod 755 ping; setcap cap_net_raw,cap_net_bind_service=ep ping"),
        TreeCase(
            "access control lists", programs: ["setfacl"],
            """
            touch f; mkdir d; setfacl -m u:1234:rw,g:4321:r f; setfacl -m u:1234:rwx d; setfacl -d -m g:77:rx d
            """),
    ]
}
