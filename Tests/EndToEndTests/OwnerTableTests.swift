import Linux
import SystemPackage
import TestSupport
import Testing

/// A small tree, and mtree texts that tell more of it.
private struct Specified {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try scratch.write("tree/etc/passwd", "root:x:0:0::/root:/bin/sh\nweb:x:4321:99::/:/bin/false\n")
        try scratch.write("tree/etc/group", "root:x:0:\nstaff:x:876:\n")
        try scratch.write("tree/bin/app", "app")
    }

    func pack(_ lines: String...) throws -> Command {
        try scratch.write("owners", "#mtree\n" + lines.joined(separator: "\n") + "\n")
        return Command.varve(
            "pack", scratch["tree"].string, "-o", "oci:\(scratch["layout"]):a", "-q", "--compression", "none",
            "--no-provenance", "--owner", "7:8", "--owners", scratch["owners"].string)
    }

    func members() throws -> [String: TarMember] {
        let blob = try Command(shell: "ls -S | head -1").at(scratch["layout/blobs/sha256"]).succeed().line
        let members = try TarMember.all(of: content(of: scratch["layout/blobs/sha256"].appending(blob)))
        return Dictionary(uniqueKeysWithValues: members.map { ($0.name, $0) })
    }
}

struct OwnerTableTests {
    @Test func `fields go before those on disk, and what is left out stays`() throws {
        let tree = try Specified()
        try tree.pack(
            "./bin/app type=file uid=5 mode=4711", "./etc type=dir gid=9 time=1000.0", "./etc/group mode=0600"
        ).succeed()
        let members = try tree.members()
        let app = try #require(members["bin/app"])
        #expect((app.user, app.group, app.mode) == (5, 8, 0o4711))
        let etc = try #require(members["etc/"])
        #expect((etc.user, etc.group, etc.modified) == (7, 9, 1000))
        let group = try #require(members["etc/group"])
        #expect((group.user, group.group, group.mode) == (7, 8, 0o600))
        #expect(try #require(members["bin/"]).user == 7)
    }

    @Test func `names are those of the tree's own passwd and group`() throws {
        let tree = try Specified()
        try tree.pack("./bin/app type=file uname=web gname=staff").succeed()
        let app = try #require(tree.members()["bin/app"])
        #expect((app.user, app.group) == (4321, 876))
    }

    @Test func `a zero is a zero, and /set counts for what follows`() throws {
        let tree = try Specified()
        try tree.pack("/set uid=0 gid=3", "./bin type=dir", "./bin/app type=file gid=0").succeed()
        let members = try tree.members()
        #expect(try #require(members["bin/"]).group == 3)
        #expect(try #require(members["bin/app"]).group == 0)
        #expect(try #require(members["etc/"]).group == 8)
    }

    @Test func `directories, devices, fifos and links are made where the tree has none`() throws {
        let tree = try Specified()
        try tree.pack(
            "./dev type=dir mode=0755 uid=0 gid=0",
            "./dev/null type=char device=linux,1,3 mode=0666 uid=0 gid=0",
            "./dev/sda type=block device=native,8,0 mode=0660", "./dev/pipe type=fifo mode=0600",
            "./bin/link type=link link=app", "./zz\\040\\377 type=dir"
        ).succeed()
        let members = try tree.members()
        let null = try #require(members["dev/null"])
        #expect(null.type == "3" && null.device == (1, 3) && null.mode == 0o666)
        #expect(try #require(members["dev/sda"]).type == "4")
        #expect(try #require(members["dev/pipe"]).type == "6")
        #expect(try #require(members["bin/link"]).target == Array("app".utf8))
        let blob = try Command(shell: "ls -S | head -1").at(tree.scratch["layout/blobs/sha256"]).succeed()
            .line
        let paths = try TarMember.all(of: content(of: tree.scratch["layout/blobs/sha256"].appending(blob)))
            .map(\.path)
        #expect(paths.last == Array("zz ".utf8) + [0xff] + Array("/".utf8))
        #expect(
            paths.map { $0.map { $0 == 47 ? 0 : $0 } }.map { String(decoding: $0, as: UTF8.self) }.prefix(3)
                == ["bin\0", "bin\0app", "bin\0link"])
    }

    @Test func `what is left out of the layer stays out of it`() throws {
        let tree = try Specified()
        try tree.pack("./dev type=dir", "./dev/null type=char device=linux,1,3").adding("--exclude", "/dev")
            .succeed()
        #expect(try tree.members().keys.contains { $0.hasPrefix("dev") } == false)
    }

    @Test(
        arguments: [
            ("./bin/absent type=file uid=1", "no such file"), ("./bin/app type=dir", "another kind of file"),
            ("./bin/app uname=nobody-here", "passwd has no nobody-here"), ("/unset uid", "line 2: /unset"),
            ("./bin/app type=file contents=/etc/shadow", "contents="),
            ("./bin/app type=file frobnicate=1", "frobnicate"),
            ("./bin/app uid=99999999999 type=file", "uid=99999999999"), ("./bin/app type=socket", "socket"),
            ("../x type=dir", "leads upwards"),
            ("./bin/app uid=root type=file", "uid=root"), ("./bin/app/x type=dir", "no directory"),
            ("./a type=fifo\n./a/b type=dir", "not as a directory"), ("./dev/x type=link", "no such file"),
        ])
    func `what cannot be is refused by name`(line: String, words: String) throws {
        let tree = try Specified()
        let outcome = try tree.pack(line).run()
        #expect(outcome.status == 1, "\(line): \(outcome.errors)")
        #expect(outcome.errors.contains(words), "\(line): \(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1)
    }

    @Test func `an image with devices, owners and capabilities goes through a plain user's hands unchanged`()
        throws
    {
        try Requirement.root()
        let scratch = try Scratch()
        try SmallTree.make(at: scratch.directory("tree"))
        try Command(
            shell: """
                cd '\(scratch["tree"])' && mknod null c 1 3 && mknod disk b 8 1 && chown 12:34 etc/motd && chmod 0000 etc/empty \
                && chown -h 5:6 etc/link && cp /bin/true cap && setcap cap_net_raw+ep cap && chmod 6755 var \
                && mkdir locked && touch locked/f && chmod 0000 locked && cp '\(Command.varvePath)' ../varve && chmod 755 ../varve
                """
        ).succeed()
        let digest = try Command.varve("pack", scratch["tree"].string, "-o", "oci:\(scratch["l"]):a", "-q")
            .succeed().line
        try Command(shell: "chmod -R go+rX '\(scratch["l"])'; mkdir -m 777 '\(scratch["plain"])'").succeed()
        let again = try Command(
            shell: """
                cd '\(scratch["plain"])' && setpriv --reuid=65534 --regid=65534 --clear-groups bash -euc '
                ../varve unpack oci:../l:a out -q; ../varve pack out --owners out.owners.mtree -o oci:m:a -q' | tail -1
                """
        ).succeed().line
        #expect(again == digest)
    }
}
