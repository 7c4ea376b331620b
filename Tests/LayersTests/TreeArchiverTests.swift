import Glibc
import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

@testable import Layers

struct TreeArchiverTests {
    private let scratch: Scratch
    private let root: FilePath

    init() throws {
        scratch = try Scratch()
        root = try scratch.directory("root")
    }

    @Test func `entries come by the bytes of their names, parents first, without dot and slash`() throws {
        for name in ["b", "a/z", "a.b", "a0", "a/é", "B"] { try scratch.write("root/\(name)") }
        #expect(try PackedTree(root).names == ["B", "a/", "a/z", "a/é", "a.b", "a0", "b"])
    }

    @Test func `the root has an entry where that is wished`() throws {
        try scratch.write("root/a")
        chmod(root.string, 0o1750)
        let packed = try PackedTree(root) { $0.hasRootEntry = true }
        #expect(try packed.names == ["./", "a"])
        #expect(try packed.member("./").mode == 0o1750)
        #expect(packed.layer.contents.entries == 2)
    }

    @Test func `kinds, permissions and targets are kept`() throws {
        try scratch.write("root/file", "content")
        try scratch.directory("root/directory")
        symlink("/absolute/../target", scratch["root/link"].string)
        symlink("nowhere", scratch["root/dangling"].string)
        mkfifo(scratch["root/fifo"].string, 0o600)
        chmod(scratch["root/file"].string, 0o4755)
        chmod(scratch["root/directory"].string, 0o3777)
        chmod(scratch["root/fifo"].string, 0o640)
        let packed = try PackedTree(root)
        let members = try packed.members
        #expect(members.map(\.type) == ["2", "5", "6", "0", "2"])
        #expect(try packed.member("file").mode == 0o4755)
        #expect(try packed.member("directory/").mode == 0o3777)
        #expect(try packed.member("fifo").mode == 0o640)
        #expect(try packed.member("link").target == Array("/absolute/../target".utf8))
        #expect(try packed.member("dangling").target == Array("nowhere".utf8))
        #expect(try packed.member("file").content == Array("content".utf8))
    }

    @Test func `devices are kept with their numbers`() throws {
        try Requirement.root()
        guard mknod(scratch["root/null"].string, S_IFCHR | 0o666, 0x103) == 0 else {
            try Test.cancel("no devices here")
        }
        let member = try PackedTree(root).member("null")
        #expect(member.type == "3" && member.device == (1, 3))
    }

    @Test func `further names of a file are links to the first one`() throws {
        try scratch.write("root/b/first", "content")
        link(scratch["root/b/first"].string, scratch["root/c"].string)
        link(scratch["root/b/first"].string, scratch["root/d"].string)
        link(scratch["root/b/first"].string, scratch["outside"].string)
        let packed = try PackedTree(root)
        #expect(try packed.member("b/first").content == Array("content".utf8))
        for name in ["c", "d"] {
            let member = try packed.member(name)
            #expect(member.type == "1" && member.target == Array("b/first".utf8) && member.size == 0)
        }
    }

    @Test func `a first name that is left out makes the second one the file`() throws {
        try scratch.write("root/a", "content")
        link(scratch["root/a"].string, scratch["root/b"].string)
        let packed = try PackedTree(root) { $0.exclusion = try Exclusion(["a"]) }
        #expect(try packed.names == ["b"])
        #expect(try packed.member("b").content == Array("content".utf8))
    }

    @Test func `sockets are left out and counted`() throws {
        try scratch.write("root/file")
        mknod(scratch["root/a.sock"].string, S_IFSOCK | 0o600, 0)
        mknod(scratch["root/b.sock"].string, S_IFSOCK | 0o600, 0)
        let packed = try PackedTree(root)
        #expect(try packed.names == ["file"])
        #expect(packed.layer.contents.sockets == 2)
        #expect(packed.layer.contents.firstSocket == scratch["root/a.sock"])
        #expect(packed.layer.contents.entries == 1)
    }

    @Test(arguments: [".wh.file", ".wh..wh..opq", ".wh."])
    func `a name that readers take for a whiteout is refused`(name: String) throws {
        try scratch.write("root/d/\(name)")
        #expect(throws: LayerError.whiteoutName(scratch["root/d/\(name)"])) { try PackedTree(root) }
        #expect(try PackedTree(root) { $0.exclusion = try Exclusion([".wh.*"]) }.names == ["d/"])
    }

    @Test func `what is left out takes all below it along`() throws {
        for name in ["keep", "tmp/a/b", "x/tmp/c", "x/keep.pyc"] { try scratch.write("root/\(name)") }
        let packed = try PackedTree(root) { $0.exclusion = try Exclusion(["/tmp", "*.pyc"]) }
        #expect(try packed.names == ["keep", "x/", "x/tmp/", "x/tmp/c"])
    }

    @Test func `times are clamped, and the newest is told`() throws {
        try scratch.write("root/old")
        try scratch.write("root/new")
        try Command(shell: "touch -d @100.9 old; touch -d @1000000000 new").at(root).succeed()
        let packed = try PackedTree(root)
        #expect(try packed.members.map(\.modified) == [1_000_000_000, 100])
        #expect(packed.layer.contents.newestTime == 1_000_000_000)
        let clamped = try PackedTree(root) { $0.latestTime = 500 }
        #expect(try clamped.members.map(\.modified) == [500, 100])
        #expect(clamped.layer.contents.newestTime == 500)
    }

    @Test func `owners follow the policy, and what became root's is counted`() throws {
        try scratch.write("root/a")
        try scratch.write("root/b")
        let own = Machine.user
        let fixed = try PackedTree(root) { $0.owners = .fixed(user: 3_000_000, group: 4) }
        #expect(try fixed.members.allSatisfy { $0.user == 3_000_000 && $0.group == 4 })
        let given = try PackedTree(root) { $0.owners = .rootInsteadOf(user: own.id, group: own.group) }
        #expect(try given.members.allSatisfy { $0.user == 0 && $0.group == 0 })
        #expect(given.layer.contents.filesGivenToRoot == (own.id == 0 && own.group == 0 ? 0 : 2))
    }

    @Test func `a number that means nobody is refused`() throws {
        try scratch.write("root/a")
        #expect(throws: LayerError.owner(scratch["root/a"], .max)) {
            try PackedTree(root) { $0.owners = .fixed(user: 0, group: .max) }
        }
    }

    @Test func `names are bytes from the directory to the header`() throws {
        let name: [UInt8] = [0xFF, 0x0A, 0x5C, 0xE9]
        let directory = try Directory.open(root)
        _ = try directory.createFile(FileName(name))
        #expect(try PackedTree(root).members.map(\.path) == [name])
    }

    @Test func `attributes of the allow-list are kept, the others not`() throws {
        try Requirement.program("setfattr")
        try scratch.write("root/file")
        let set = try Command(
            shell: "setfattr -n user.b -v 2 file && setfattr -n user.a -v 1 file && "
                + "setfattr -n user.overlay.x -v 3 file"
        ).at(root).run()
        if set.status != 0 { try Test.cancel("no attributes here") }
        let kept = try PackedTree(root).member("file").records.map(\.key)
        #expect(kept == ["SCHILY.xattr.user.a", "SCHILY.xattr.user.b"])
        let widened = try PackedTree(root) {
            $0.attributes = try AttributeFilter(alsoKeeping: ["user.overlay.*"])
        }
        #expect(try widened.member("file").record("SCHILY.xattr.user.overlay.x") == Array("3".utf8))
    }

    @Test func `an attribute that no reader would give back is an error that names the file`() throws {
        try Requirement.program("setfattr")
        try scratch.write("root/file")
        let set = try Command(["setfattr", "-n", "user.a=b", "-v", "1", scratch["root/file"].string]).run()
        if set.status != 0 { try Test.cancel("no attributes here") }
        let error = #expect(throws: LayerError.self) { try PackedTree(root) }
        #expect(
            error?.description.contains("root/file: no tar reader gives the extended attribute user.a=b back")
                == true)
    }

    @Test(arguments: [0, 1, 511, 512, 1_048_575, 1_048_576, 1_048_577, 3_145_728, 3_200_000])
    func `holes are zeros, wherever they lie`(offset: Int) throws {
        try scratch.write("root/sparse")
        try Command(
            shell:
                "truncate -s 4M sparse && printf data | dd of=sparse bs=1 seek=\(offset) conv=notrunc 2>/dev/null"
        )
        .at(root).succeed()
        try Command(shell: "cat root/sparse > plain").at(scratch.path).succeed()
        let member = try PackedTree(root) { $0.jobs = 2 }.member("sparse")
        #expect(try member.content == content(of: scratch["plain"]))
    }
}
