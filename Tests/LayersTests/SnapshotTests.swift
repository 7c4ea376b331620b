import Compression
import Linux
import SystemPackage
import Tar
import TestSupport
import Testing

@testable import Layers

/// What a program does to a tree.
struct ChangeCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let script: String
    /// Names of the layer's members, where they are worth saying.
    let names: [String]?
    /// Whether only root can do it.
    var needsRoot = false

    init(_ description: String, _ script: String, _ names: [String]? = nil) {
        (testDescription, self.script, self.names) = (description, script, names)
    }

    func asRoot() -> ChangeCase {
        var copy = self
        copy.needsRoot = true
        return copy
    }

    /// All of them in a long run, else every fourth.
    static let some = all.enumerated().filter { $0.offset % 4 == 0 || Requirement.isLongRun }.map(\.element)

    static let all: [ChangeCase] = [
        .init("nothing", "true", []),
        .init("a new file", "echo new > etc/new", ["etc/", "etc/new"]),
        .init("more of a file", "echo more >> etc/one", ["etc/", "etc/one"]),
        .init("the same size", "echo eno > etc/one", ["etc/", "etc/one"]),
        .init(
            "the same size, the time set back",
            "touch -r etc/one t; echo eno > etc/one; touch -r t etc/one; rm t",
            ["etc/", "etc/one"]),
        .init("the same content", "touch -r etc/one t; echo one > etc/one; touch -r t etc/one; rm t", []),
        .init(
            "a mode, there and back", "chmod 600 etc/one; chmod 644 etc/one; chmod 700 opt; chmod 755 opt", []
        ),
        .init("a mode", "chmod 4711 usr/bin/run", ["usr/", "usr/bin/", "usr/bin/run"]),
        .init("a directory's mode", "chmod 700 opt", ["opt/"]),
        .init(
            "touch", "touch -d @5 etc/one; touch -d @1000000000.5 etc/two", ["etc/", "etc/one", "etc/two"]),
        .init(
            "times ahead and before 1970",
            "touch -d '2300-01-01 UTC' etc/one; touch -d '1903-01-01 UTC' etc/two"),
        .init(
            "an attribute", "setfattr -n user.color -v red etc/conf; setfattr -n user.new -v 1 opt",
            ["etc/", "etc/conf", "opt/"]),
        .init(
            "an attribute gone", "setfattr -x user.color etc/conf; setfattr -x user.dir opt",
            ["etc/", "etc/conf", "opt/"]),
        .init("an attribute there and back", "setfattr -x user.dir opt; setfattr -n user.dir -v yes opt", []),
        .init(
            "what would be overlayfs's own elsewhere",
            "setfattr -n user.overlay.opaque -v y opt/app/data; setfattr -n user.overlay.redirect -v d lib; "
                + "setfattr -n user.overlay.metacopy -v m etc/one; rm opt/app/data/1; echo n > opt/app/data/n",
            ["opt/", "opt/app/", "opt/app/data/", "opt/app/data/.wh.1", "opt/app/data/n"]),
        .init("an owner", "chown 5:6 etc/one; chown -h 9 usr/bin/link; chown 2 empty").asRoot(),
        .init("a capability", "setcap cap_chown+ep usr/bin/run", ["usr/", "usr/bin/", "usr/bin/run"])
            .asRoot(),
        .init(
            "removed", "rm etc/one; rm -r lib; rmdir empty", [".wh.empty", ".wh.lib", "etc/", "etc/.wh.one"]),
        .init("removed and made again", "rm etc/one; echo one > etc/one"),
        .init(
            "a directory removed and made again",
            "rm -r opt/app; mkdir -p opt/app/data; echo 9 > opt/app/data/9",
            [
                "opt/", "opt/app/", "opt/app/data/", "opt/app/data/.wh.1", "opt/app/data/.wh.2",
                "opt/app/data/.wh.3", "opt/app/data/.wh.4", "opt/app/data/.wh.5", "opt/app/data/9",
            ]),
        .init(
            "a directory made again with the same file",
            "cp -a opt/app t; rm -r opt/app; mv t opt/app; rm -f opt/app/data/3"),
        .init("made again and removed again", "rm -r opt/app; mkdir opt/app; rmdir opt/app"),
        .init("a directory to a file", "rm -r opt/app; echo f > opt/app"),
        .init("a file to a directory", "rm etc/one; mkdir etc/one; echo in > etc/one/in"),
        .init("a directory to a link", "rm -r opt/app; ln -s ../lib opt/app", ["opt/", "opt/app"]),
        .init(
            "a directory to a link and back",
            "mv opt/app t; ln -s ../lib opt/app; rm opt/app; mv t opt/app; touch opt/app/x"),
        .init("a link to a directory", "rm usr/sbin; mkdir usr/sbin; echo s > usr/sbin/s"),
        .init("a link to elsewhere", "ln -sfn tool usr/bin/link"),
        .init(
            "a link made again",
            "touch -h -r usr/bin/link t; ln -sfn run usr/bin/link; chown -h 3:4 usr/bin/link; "
                + "touch -h -d @1000000000.123456789 usr/bin/link; rm t; touch -d @1000000000.123456789 usr/bin",
            []
        ).asRoot(),
        .init("a file renamed", "mv etc/one etc/three"),
        .init("a file renamed over another", "mv etc/one etc/two"),
        .init("files moved between directories", "mv lib/deep/er/f1 etc/; mv etc/one lib/deep/"),
        .init("a directory renamed", "cp -a lib l; rm -r lib; mv l library"),
        .init("linked", "ln etc/one etc/again; ln etc/two home/two"),
        .init("linked over another", "ln -f etc/one etc/two"),
        .init("one of two links removed", "rm usr/bin/alias", ["usr/", "usr/bin/", "usr/bin/.wh.alias"]),
        .init("new links", "echo l > etc/l; ln etc/l etc/a; ln etc/l home/z; ln -s x s; ln s s2"),
        .init("a fifo and a device", "mkfifo etc/p; mknod etc/z c 1 5; mknod etc/b b 7 0; rm home/null")
            .asRoot(),
        .init("a fifo", "mkfifo -m 640 etc/p; rm home/fifo"),
        .init(
            "deep",
            "d=.; for i in $(seq 300); do d=$d/$i; done; mkdir -p $d; echo deep > $d/f; rm lib/deep/er/still/f"
        ),
        .init(
            "any bytes",
            #"echo a > "$(printf 'etc/\351\001 \n')"; rm home/*; mkdir "$(printf '\200')"; touch "$(printf '\200/\377')""#
        ),
        .init(
            "names before and after whiteouts", "mkdir d; rm -r etc home; echo > .a; echo > .x; echo > ,", nil
        ),
        .init("sticky bits and set group", "chmod 3775 sticky; mkdir -m 2755 g; touch g/f"),
        .init("mode of the root", "chmod 711 .", ["./"]),
        .init("an attribute of the root", "setfattr -n user.root -v 1 .", ["./"]),
        .init("a sparse file", "truncate -s 3M etc/sparse; printf x >> etc/sparse"),
        .init("large files", "head -c 3000000 /dev/zero > etc/big; cp etc/big etc/big2; rm etc/big2"),
        .init(
            "a socket",
            "python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"etc/s\")'; "
                + "rm etc/one; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"etc/one\")'",
            ["etc/", "etc/.wh.one"]),
        .init("everything gone", "rm -r -- *"),
    ]
}

struct SnapshotTests {
    @Test("a layer of changes makes the tree that the program left", arguments: ChangeCase.all)
    func exact(change: ChangeCase) throws {
        if change.needsRoot { try Requirement.root() }
        let tree = try ChangedTree()
        let changes = try tree.bySnapshots(change.script)
        let layer = try tree.pack(changes)
        if let names = change.names {
            #expect(try TarMember.all(of: layer).map(\.name) == names)
            #expect(changes.isEmpty == names.isEmpty)
        }
        let (unpacked, made) = try (tree.unpacked(layer), tree.made())
        // Only root's trees have owners and devices.
        if Machine.user.id == 0 {
            #expect(try lines(of: unpacked) == lines(of: made))
            let isSame = unpacked == made
            #expect(isSame)
        }
    }

    @Test("an overlay gives the same layer", arguments: ChangeCase.all)
    func overlay(change: ChangeCase) throws {
        try Requirement.root()
        let tree = try ChangedTree()
        guard let changes = try tree.byOverlay(change.script) else {
            try Test.cancel("no overlay can be mounted here")
        }
        let layer = try tree.pack(changes)
        let other = try tree.pack(tree.bySnapshots(change.script), jobs: 2)
        #expect(try lines(of: layer) == lines(of: other))
        let isSame = layer == other
        #expect(isSame)
    }

    @Test("what a layer holds has the layer's times in the tree, too", arguments: ChangeCase.all)
    func times(change: ChangeCase) throws {
        if change.needsRoot { try Requirement.root() }
        let tree = try ChangedTree()
        let script = "" + change.script
        let changes = try tree.bySnapshots(script)
        let layer = try tree.pack(changes)
        var kept = try changes.setTimes(latestTime: ChangedTree.latestTime)
        kept.settle()
        let now = try TreeSnapshot(of: Directory.open(tree.scratch["plain"]), jobs: 1)
        // The snapshot knows: nothing of it is in doubt.
        let none = try TreeChanges(from: kept, to: now, AttributeFilter()) { paths in
            #expect(paths == [])
            return paths.map { _ in nil }
        }
        #expect(none.isEmpty)
        let named = kept.folders.indices.flatMap { folder in
            kept.folders[folder].entries.filter { changes.isNamed[Int(kept.folders[folder].table)][$0] }
                .map { kept.record($0, in: kept.folders[folder]).modified }
        }
        #expect(named.allSatisfy { $0.nanoseconds == 0 && $0.seconds <= ChangedTree.latestTime })
        // Whatever was made in it, the root is as old as it was where the layer does not name it.
        let isOld = now.root.status.modified == .init(seconds: 1_000_000_000, nanoseconds: 123_456_789)
        #expect(isOld != changes.namesRoot)
        #expect(try TarMember.all(of: layer).contains { $0.name == "./" } == changes.namesRoot)
    }

    @Test("umoci makes the same tree", arguments: ChangeCase.some)
    func umoci(change: ChangeCase) throws {
        try Requirement.root()
        try Requirement.program("umoci")
        let tree = try ChangedTree()
        let layer = try tree.pack(tree.bySnapshots(change.script))
        #expect(try lines(of: tree.unpackedByUmoci(layer)) == lines(of: tree.made()))
    }

    @Test("an overlay over an overlay is compared with what both show", arguments: ChangeCase.some)
    func stackedOverlay(change: ChangeCase) throws {
        try Requirement.root()
        let first =
            "rm -r opt/app/data etc/two; mkdir opt/app/data; echo 8 > opt/app/data/8; echo + >> etc/conf"
        let tree = try ChangedTree()
        let script = "touch etc/two opt/app/data/1; " + change.script
        guard let changes = try tree.byOverlay(first, script) else {
            try Test.cancel("no overlay can be mounted here")
        }
        let layer = try tree.pack(changes)
        let other = try ChangedTree()
        try Command(shell: first).at(other.scratch["base"]).succeed()
        let plain = try ChangedTree(over: other)
        #expect(try lines(of: layer) == lines(of: plain.pack(plain.bySnapshots(script))))
    }

    @Test("a lower directory hides nothing by an attribute that the kernel does not read")
    func foreignOpaque() throws {
        try Requirement.root()
        let tree = try ChangedTree()
        let first = "setfattr -n user.overlay.opaque -v y opt/app/data; echo n > opt/app/data/n"
        guard let changes = try tree.byOverlay(first, "rm opt/app/data/1 opt/app/data/n") else {
            try Test.cancel("no overlay can be mounted here")
        }
        let names = ["opt/", "opt/app/", "opt/app/data/", "opt/app/data/.wh.1", "opt/app/data/.wh.n"]
        #expect(try TarMember.all(of: tree.pack(changes)).map(\.name) == names)
    }

    @Test("without an earlier content what was touched counts as changed")
    func touched() throws {
        let tree = try ChangedTree()
        let changes = try tree.bySnapshots(
            "chmod 600 etc/one; chmod 644 etc/one", knowsEarlier: false)
        #expect(try TarMember.all(of: tree.pack(changes)).map(\.name) == ["etc/", "etc/one"])
    }

    @Test("a rewrite right after the snapshot is seen, of the same size and time", arguments: [true, false])
    func rightAfter(settles: Bool) throws {
        let scratch = try Scratch()
        try scratch.directory("root")
        let root = try Directory.open(scratch["root"])
        let time = FileStatus.Time(seconds: 1000, nanoseconds: 0)
        for round in 0..<20 {
            let name = FileName("f\(round)".utf8)
            let file = try root.createFile(name)
            try file.write(Array("one".utf8).span)
            try file.setModified(time)
            var before = try TreeSnapshot(of: root, jobs: 1)
            if settles { before.settle() }
            try Command(shell: "printf two | dd of=f\(round) conv=notrunc status=none").at(scratch["root"])
                .succeed()
            try file.setModified(time)
            let changes = try TreeChanges(
                from: before, to: TreeSnapshot(of: root, jobs: 1), AttributeFilter())
            #expect(!changes.isEmpty)
            if settles { #expect(changes.count == 1) }
        }
    }

    @Test("a whiteout's name is refused", arguments: [".wh.x", "etc/.wh..wh..opq", "etc/.wh.d/f"])
    func whiteoutName(path: String) throws {
        let tree = try ChangedTree()
        let error = #expect(throws: LayerError.self) {
            try tree.bySnapshots("mkdir -p $(dirname \(path)); echo > \(path)")
        }
        guard case .whiteoutName = error else { return #expect(Bool(false), "\(String(describing: error))") }
    }

    @Test("what is left out and what is mounted is not looked at")
    func leftOut() throws {
        let scratch = try Scratch()
        for name in ["a/b", "proc/1", "a/keep"] { try scratch.directory("root/" + name) }
        let root = try Directory.open(scratch["root"])
        let leftOut = ["proc", "a/b"].map { Array($0.utf8) }
        var before = try TreeSnapshot(of: root, leavingOut: leftOut, jobs: 2)
        before.settle()
        #expect(before.count == 4)
        try Command(shell: "touch proc/2; rm -r a/b; touch -d @1000 a").at(scratch["root"]).succeed()
        let now = try TreeSnapshot(of: root, leavingOut: leftOut, jobs: 2)
        #expect(try TreeChanges(from: before, to: now, AttributeFilter()).count == 1)
    }

    @Test("an upper directory with parts elsewhere is refused", arguments: ["metacopy", "redirect"])
    func overlayInPart(attribute: String) throws {
        try Requirement.root()
        let scratch = try Scratch()
        try Command(
            shell: "mkdir lower upper upper/d; touch upper/f; setfattr -n trusted.overlay.\(attribute) -v d "
                + (attribute == "redirect" ? "upper/d" : "upper/f")
        ).at(scratch.path).succeed()
        let upper = try TreeSnapshot(of: Directory.open(scratch["upper"]), jobs: 1)
        let lower = OverlayLayer(try Directory.open(scratch["lower"]))
        #expect(throws: LayerError.self) {
            let changes = try TreeChanges(in: upper, over: [lower], AttributeFilter())
            let file = try TemporaryFile(in: Directory.open(scratch.path))
            _ = try packLayer(of: changes, into: file, .none, jobs: 1, latestTime: nil) { _ in }
        }
    }

    @Test("owners are whose the caller says") func owners() throws {
        let tree = try ChangedTree()
        let changes = try tree.bySnapshots("echo new > etc/new; echo other > etc/other")
        let layer = try tree.pack(changes) { path, _ in path == Array("etc/new".utf8) ? (12, 34) : (0, 0) }
        #expect(try TarMember.all(of: layer).map { "\($0.user):\($0.group)" } == ["0:0", "12:34", "0:0"])
    }

    @Test("a file that changes after the snapshot is no part of a layer") func inMotion() throws {
        let tree = try ChangedTree()
        let changes = try tree.bySnapshots("echo new > etc/new")
        try tree.scratch.write("plain/etc/new", "newer")
        #expect(throws: LayerError.self) { try tree.pack(changes) }
    }

    @Test("threads change nothing", arguments: [1, 2, 7]) func jobs(jobs: Int) throws {
        let scratch = try Scratch()
        try Command(shell: "for i in $(seq 40); do mkdir -p $i/a/b $i/c; touch $i/a/b/f $i/c/g; done")
            .at(scratch.path).succeed()
        let tree = try TreeSnapshot(of: Directory.open(scratch.path), jobs: jobs)
        #expect(tree.count == 240)
        let paths = tree.folders.indices.map { String(decoding: tree.path(of: $0), as: UTF8.self) }
        #expect(Set(paths).count == 161)
        #expect(paths.contains("17/a/b"))
    }
}
