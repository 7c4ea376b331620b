import Linux
import SystemPackage
import TestSupport
import Testing

/// Trees that change while they are packed: rows A3–A8 and A40–A44 of the table of faults.
///
/// Varve is stopped within a system call, the tree is changed, and varve goes on.
struct FaultsInChangingTreeTests {
    /// One change: after which call on which place it happens, and what the error says.
    struct Change: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let call: String
        var count = 1
        /// `DIR`, or `FILE` for the victim in it.
        var place = "FILE"
        let change: String
        let message: String
    }

    static let changes = [
        Change(
            testDescription: "A3: vanishes after it was listed", call: "getdents64", place: "DIR",
            change: "rm victim", message: "cannot open"),
        Change(
            testDescription: "A4: grows", call: "read", change: "echo more >>victim",
            message: "3145728 bytes before, 3145733 after"),
        Change(
            testDescription: "A5: shrinks", call: "read", change: "truncate -s 1M victim",
            message: "3145728 bytes announced, 1048576 read"),
        Change(
            testDescription: "A5: is emptied before it is read", call: "newfstatat",
            change: "truncate -s 0 victim", message: "3145728 bytes announced, 0 read"),
        Change(
            testDescription: "A44: is touched", call: "read", change: "touch victim",
            message: "its times are not what they were"),
        Change(
            testDescription: "A44: gets other bytes and its old time back", call: "read",
            change:
                "touch -r victim ref; echo x | dd of=victim conv=notrunc status=none; touch -r ref victim; rm ref",
            message: "its times are not what they were"),
        Change(
            testDescription: "A6: becomes a link to another file", call: "getdents64", place: "DIR",
            change: "ln -sf /etc/passwd victim", message: "Too many levels of symbolic links"),
        Change(
            testDescription: "A6: is replaced by a file of its size before it is opened", call: "getdents64",
            place: "DIR", change: "cp -p victim copy; mv copy victim", message: "Stale file handle"),
        Change(
            testDescription: "A6: is replaced by a file of its size before it is read", call: "newfstatat",
            change: "cp -p victim copy; mv copy victim",
            message: "its times are not what they were"),
        Change(
            testDescription: "A8: becomes a fifo", call: "getdents64", place: "DIR",
            change: "rm victim; mkfifo victim", message: "another file took its place"),
        Change(
            testDescription: "A8: becomes a directory", call: "getdents64", place: "DIR",
            change: "rm victim; mkdir victim", message: "another file took its place"),
        Change(
            testDescription: "A3: gets a neighbour after the listing", call: "getdents64", count: 2,
            place: "DIR", change: "touch neighbour", message: "Stale file handle"),
    ]

    @Test(
        "A file that changes while it is packed is an error that names it",
        arguments: FaultsInChangingTreeTests.changes)
    func change(_ change: Change) throws {
        let work = try Workplace()
        try Command(shell: "mkdir dir && head -c 3M /dev/urandom >dir/victim").at(work.tree).succeed()
        let directory = work.tree.appending("dir")
        let place = change.place == "DIR" ? directory : directory.appending("victim")
        try work.expectRefusal(
            of: work.packStopping(
                after: change.call, change.count, at: place.string, change: change.change, in: directory),
            saying: "\(directory)")
        let message = try text(of: work.scratch["errors"])
        #expect(message.contains(change.message) && message.contains("changed while it was packed"))
    }

    @Test func `A7: a directory that becomes a link during the walk is an error`() throws {
        let work = try Workplace()
        try work.scratch.write("tree/dir/file")
        try work.scratch.write("elsewhere/secret")
        let change = "mv dir away && ln -s '\(work.scratch["elsewhere"])' dir"
        try work.expectRefusal(
            of: work.packStopping(after: "newfstatat", 1, at: "dir", change: change, in: work.tree),
            saying: "\(work.tree)/dir changed while it was packed")
    }

    @Test func `A7: a directory that is moved away during the walk is an error`() throws {
        let work = try Workplace()
        try work.scratch.write("tree/dir/sub/file")
        let place = work.tree.appending("dir").appending("sub").string
        try work.expectRefusal(
            of: work.packStopping(
                after: "getdents64", 1, at: place, change: "mv dir/sub ..", in: work.tree),
            saying: "changed while it was packed")
    }

    @Test func `A6: a file that flips between itself and a link never gives the other file's bytes`() throws {
        let work = try Workplace()
        try work.scratch.write("secret", "not for the image")
        try work.scratch.write("tree/a/own", "own content")
        let command = Command(
            shell: """
                (while :; do ln -sf ../../secret a/own; rm a/own; echo own content >a/own; done) & flips=$!
                for round in $(seq 12); do
                    "$VARVE" pack . -o oci:'\(work.layout)':new -q --no-provenance --compression none
                done >/dev/null 2>&1
                kill $flips
                ! grep -rq 'not for the image' '\(work.layout)'
                """)
        let outcome = try command.with("VARVE", Command.varvePath.string).at(work.tree).run()
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    @Test func `A40: a file that cannot be read is named with the kernel's words`() throws {
        let work = try Workplace()
        let file = work.tree.appending("usr").appending("lib").appending("data").string
        try work.expectRefusal(
            of: work.pack(under: ["-e", "trace=read", "-e", "inject=read:error=EIO"], at: [file]),
            saying: "cannot read \(file): Input/output error")
    }

    @Test func `A41: interrupted reads change no byte`() throws {
        let work = try Workplace()
        let file = work.tree.appending("usr").appending("lib").appending("data").string
        let digest = try work.pack().succeed().line
        let injected = try work.pack(
            under: ["-e", "trace=read", "-e", "inject=read:error=EINTR:when=1+2"], at: [file]
        ).succeed().line
        #expect(injected == digest)
    }

    @Test func `A42: nothing of the tree is opened for writing, and nothing in it changes`() throws {
        let work = try Workplace()
        let before = try Workplace.snapshot(of: work.tree)
        try work.pack(under: ["-y", "-e", "trace=%file,%desc"]).succeed()
        let calls = try Command(["grep", "-F", work.tree.string, work.scratch["trace"].string]).succeed().text
        let verbs = [
            "O_RDWR", "O_WRONLY", "O_CREAT", "unlink", "rename", "utimensat", "chmod", "chown", "setxattr",
        ]
        #expect(calls.split(separator: "\n").filter { call in verbs.contains { call.contains($0) } } == [])
        #expect(try Workplace.snapshot(of: work.tree) == before)
    }
}

extension Workplace {
    /// Packs, stops varve after the n-th call at a place, changes the tree, and lets varve go on.
    ///
    /// What varve says is in `errors` too.
    func packStopping(
        after call: String, _ count: Int, at place: String, change: String, in directory: FilePath
    ) -> Command {
        Command(
            shell: """
                strace -f -q -o '\(scratch["trace"])' -P '\(place)' -e trace=\(call) -e inject=\(call):signal=SIGSTOP:when=\(count) \
                    "$VARVE" pack '\(tree)' -o 'oci:\(layout):new' -q --no-provenance \
                    2>'\(scratch["errors"])' & traced=$!
                for wait in $(seq 500); do
                    stopped=$(grep -s -m1 'stopped by SIGSTOP' '\(scratch["trace"])') && break
                    sleep 0.02
                done
                cd '\(directory)' && \(change)
                kill -CONT ${stopped%% *}
                wait $traced
                status=$?
                grep -v '^strace: ' '\(scratch["errors"])' >&2
                exit $status
                """
        ).with("VARVE", Command.varvePath.string)
    }
}
