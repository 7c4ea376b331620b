import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

/// A tree with everything that a layer can hold and the running user can make, packed by varve.
private struct Image {
    let scratch: Scratch
    var tree: FilePath { scratch["tree"] }
    var layout: String { "oci:\(scratch["layout"]):a" }

    init(_ flags: String...) throws {
        scratch = try Scratch()
        try SmallTree.make(at: scratch.directory("tree"))
        try Command([Command.varvePath.string, "pack", scratch["tree"].string, "-o", layout, "-q"] + flags)
            .succeed()
    }

    func unpack(_ name: String = "out") -> Command {
        Command.varve("unpack", layout, scratch[name].string, "-q")
    }

    /// The same by somebody who is not root; root's build may be closed to him.
    func unpackAsPlainUser() throws -> Command {
        try Command(
            shell:
                "cp -f '\(Command.varvePath)' varve && chmod 755 varve && chmod 777 . && chmod -R go+rX layout"
        ).at(scratch.path).succeed()
        return Command([scratch["varve"].string, "unpack", layout, scratch["out"].string, "-q"]).asPlainUser()
    }
}

struct UnpackTests {
    @Test(arguments: ["gzip", "zstd", "none"])
    func `what was packed comes back entry by entry`(compression: String) throws {
        let image = try Image("--compression", compression, "--keep-owner")
        try image.unpack().succeed()
        let differences = try TreeListing(of: image.tree).differences(
            from: TreeListing(of: image.scratch["out"]))
        #expect(differences == [])
    }

    @Test func `packing what was unpacked gives the same digest`() throws {
        let image = try Image()
        let digest = try image.unpack().succeed().line
        let owners = image.scratch["out.owners.mtree"]
        let table = Machine.user.id == 0 ? [] : ["--owners", owners.string]
        let again = try Command(
            [
                Command.varvePath.string, "pack", image.scratch["out"].string, "-o",
                "oci:\(image.scratch["again"]):a", "-q",
            ] + table
        ).succeed().line
        #expect(again == digest)
    }

    @Test func `umoci's image of a tree unpacks to the tree`() throws {
        try Requirement.root()
        try Requirement.program("umoci")
        let scratch = try Scratch()
        try SmallTree.make(at: scratch.directory("tree"))
        try Command(
            shell: """
                cd '\(scratch.path)' && umoci init --layout u && umoci new --image u:a \
                && umoci insert --image u:a tree /t
                """
        ).succeed()
        try Command.varve("unpack", "oci:\(scratch["u"]):a", scratch["out"].string, "-q").succeed()
        let differences = try TreeListing(of: scratch["tree"]).differences(
            from: TreeListing(of: scratch["out/t"]))
        #expect(differences == [])
    }

    @Test func `a directory with anything in it is left alone`() throws {
        let image = try Image()
        try image.scratch.write("out/mine", "kept")
        let outcome = try image.unpack().run()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("File exists"))
        #expect(try text(of: image.scratch["out/mine"]) == "kept")
    }

    @Test func `an empty directory becomes the tree`() throws {
        let image = try Image()
        try image.scratch.directory("out")
        try image.unpack().succeed()
        #expect(try !Directory.open(image.scratch["out"]).names().isEmpty)
    }

    @Test(arguments: [1, 100, 5000])
    func `a damaged layer leaves nothing behind`(offset: Int) throws {
        let image = try Image()
        let blobs = image.scratch["layout/blobs/sha256"]
        try Command(
            shell: """
                cd '\(blobs)' && f=$(ls -S | head -1) && chmod u+w $f \
                && printf '\\125' | dd of=$f bs=1 seek=\(offset) conv=notrunc status=none
                """
        ).succeed()
        let before = try Directory.open(image.scratch.path).names().sorted()
        let outcome = try image.unpack().run()
        #expect(outcome.status == 3, "\(outcome.errors)")
        #expect(try Directory.open(image.scratch.path).names().sorted() == before)
    }

    @Test func `B39 a diff ID that is another layer's is told, and nothing is left`() throws {
        let image = try Image("--compression", "none")
        let other = try Image("--compression", "none", "--root-entry")
        // The same manifest with the other image's layer: every digest is right but the diff ID.
        try Command(
            shell: """
                cd '\(image.scratch["layout/blobs/sha256"])' && python3 - '\(other.scratch["layout/blobs/sha256"])' <<'END'
                import sys, json, hashlib, glob, os, shutil
                def named(data):
                    name = hashlib.sha256(data).hexdigest(); open(name, 'wb').write(data); return 'sha256:' + name
                index = json.load(open('../../index.json'))
                manifest = json.load(open(index['manifests'][0]['digest'][7:]))
                layer = max(glob.glob(sys.argv[1] + '/*'), key=os.path.getsize)
                shutil.copy(layer, '.')
                manifest['layers'][0]['digest'] = 'sha256:' + os.path.basename(layer)
                manifest['layers'][0]['size'] = os.path.getsize(layer)
                data = json.dumps(manifest).encode()
                index['manifests'][0]['digest'] = named(data)
                index['manifests'][0]['size'] = len(data)
                json.dump(index, open('../../index.json', 'w'))
                END
                """
        ).succeed()
        let outcome = try image.unpack().run()
        #expect(outcome.status == 3)
        #expect(outcome.errors.contains("diff ID"))
        #expect(try !Directory.open(image.scratch.path).names().contains("out"))
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `a signal leaves no tree and nothing half-made`(signal: Int32) throws {
        try Requirement.program("strace")
        let image = try Image()
        let before = try Directory.open(image.scratch.path).names().sorted()
        let outcome = try Command([
            "timeout", "-s", "KILL", "60", "strace", "-f", "-qq", "-o", "/dev/null", "-e",
            "inject=utimensat:signal=\(signal):when=3", Command.varvePath.string, "unpack", image.layout,
            image.scratch["out"].string,
        ]).run()
        #expect(outcome.status == 128 + signal, "\(outcome.errors)")
        #expect(try Directory.open(image.scratch.path).names().sorted() == before)
    }

    @Test func `what a killed run left goes with the next one`() throws {
        try Requirement.program("strace")
        let image = try Image()
        let before = try Directory.open(image.scratch.path).names().sorted()
        _ = try Command([
            "timeout", "-s", "KILL", "60", "strace", "-f", "-qq", "-o", "/dev/null", "-e",
            "inject=utimensat:signal=KILL:when=3", Command.varvePath.string, "unpack", image.layout,
            image.scratch["out"].string,
        ]).run()
        #expect(try Directory.open(image.scratch.path).names().count == before.count + 1)
        try image.unpack().succeed()
        let mine: [FileName] = Machine.user.id == 0 ? ["out"] : ["out", "out.owners.mtree"]
        #expect(try Directory.open(image.scratch.path).names().sorted() == (before + mine).sorted())
    }

    @Test func `J7 a file system without locks is unpacked to all the same`() throws {
        try Requirement.program("strace")
        let image = try Image()
        try Command([
            "timeout", "-s", "KILL", "60", "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=flock",
            "-e",
            "inject=flock:error=ENOLCK", Command.varvePath.string, "unpack", image.layout,
            image.scratch["out"].string, "-q",
        ]).succeed()
        #expect(try !Directory.open(image.scratch["out"]).names().isEmpty)
    }

    @Test(
        "a plain user's table goes in place of nothing",
        arguments: [
            "mkdir out.owners.mtree", "echo mine >out.owners.mtree", "ln -s elsewhere out.owners.mtree",
        ])
    func tableInTheWay(script: String) throws {
        let image = try Image()
        let unpack = try image.unpackAsPlainUser()
        try Command(shell: script).at(image.scratch.path).succeed()
        let before = try Workplace.snapshot(of: image.scratch.path)
        let outcome = try unpack.run()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("out.owners.mtree: File exists"), "\(outcome.errors)")
        #expect(try Workplace.snapshot(of: image.scratch.path) == before)
    }

    @Test func `a plain user's table of a tree that is gone is replaced`() throws {
        let image = try Image()
        let unpack = try image.unpackAsPlainUser()
        try unpack.succeed()
        try Command(shell: "chmod -R u+w out; rm -r out; echo '# old' >>out.owners.mtree")
            .at(image.scratch.path).succeed()
        try unpack.succeed()
        #expect(try !text(of: image.scratch["out.owners.mtree"]).contains("# old"))
    }

    @Test func `the current directory is told from the beginning to be none for a tree`() throws {
        let image = try Image()
        try image.scratch.directory("here")
        for name in [".", "../here"] {
            let outcome = try Command.varve("unpack", image.layout, name, "-q").at(image.scratch["here"])
                .run()
            #expect(outcome.status == 1, "\(name)")
            #expect(try Directory.open(image.scratch.path).names().contains("here.owners.mtree") == false)
        }
    }

    @Test(arguments: ["openat2", "none"])
    func `without openat2 the tree is the same`(call: String) throws {
        try Requirement.program("strace")
        let image = try Image("--keep-owner")
        try Command([
            "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=openat2", "-e",
            call == "none" ? "inject=openat2:delay_enter=0" : "inject=openat2:error=ENOSYS",
            Command.varvePath.string, "unpack", image.layout, image.scratch["out"].string, "-q",
        ]).succeed()
        let differences = try TreeListing(of: image.tree).differences(
            from: TreeListing(of: image.scratch["out"]))
        #expect(differences == [])
    }

    @Test(arguments: [
        ("--max-entries", "1"), ("--max-bytes", "1"), ("--max-path", "1"),
    ])
    func `a limit is told with the flag that raises it`(flag: String, value: String) throws {
        let image = try Image()
        let outcome = try Command.varve("unpack", image.layout, image.scratch["out"].string, flag, value)
            .run()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains(flag))
        #expect(try !Directory.open(image.scratch.path).names().contains("out"))
    }

    @Test func `H1 a full disk is an error that leaves nothing`() throws {
        try Requirement.root()
        let image = try Image()
        try image.scratch.directory("small")
        try Command(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", image.scratch["small"].string])
            .succeed()
        defer { _ = try? Command(["umount", image.scratch["small"].string]).run() }
        try image.scratch.write("tree/large", String(repeating: "varve", count: 100_000))
        try Command.varve("pack", image.tree.string, "-o", image.layout, "-q").succeed()
        let outcome = try image.unpack("small/out").run()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("No space left on device"))
        #expect(try Directory.open(image.scratch["small"]).names() == [])
    }
}
