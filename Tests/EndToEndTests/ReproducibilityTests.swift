import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

/// The same tree gives the same image, whoever packs it, wherever and however.
struct ReproducibilityTests {
    /// The tree, and the digest that it gives in the plainest way.
    private let scratch: Scratch
    private let tree: FilePath
    private let digest: String
    private static let flags = ["--no-provenance", "--owner", "0:0"]

    init() throws {
        scratch = try Scratch()
        tree = try scratch.directory("tree")
        try SmallTree.make(at: tree)
        digest = try PackedTree(tree, in: scratch, Self.flags).digest
    }

    @Test func `any number of threads`() throws {
        let digests = try [1, 2, 3, 8, 64].map { try pack(Self.flags + ["--jobs", "\($0)"]) }
        #expect(digests == [String](repeating: digest, count: 5))
    }

    @Test(arguments: ["zstd", "none"])
    func `one thread and eight, with another compression`(compression: String) throws {
        let flags = Self.flags + ["--compression", compression]
        #expect(try pack(flags + ["--jobs", "1"]) == pack(flags + ["--jobs", "8"]))
    }

    @Test func `a second run into the same layout`() throws {
        let again = try PackedTree(tree, in: scratch, Self.flags)
        #expect(again.digest == digest)
        let blobs = try Command(["ls", "\(again.layout)/blobs/sha256"]).succeed().text
        #expect(blobs.split(separator: "\n").count == 3)
    }

    @Test func `another time zone`() throws {
        for zone in ["Pacific/Kiritimati", "nonsense"] {
            #expect(try pack { $0.with("TZ", zone) } == digest, "in \(zone)")
        }
    }

    @Test func `another locale`() throws {
        for locale in ["C", "C.UTF-8", "de_DE.ISO-8859-1", "tr_TR.UTF-8", "nonsense", nil] {
            let packed = try pack { $0.with("LC_ALL", locale).with("LANG", locale) }
            #expect(packed == digest, "in \(locale ?? "none")")
        }
    }

    @Test func `no environment at all`() throws {
        let command = ["env", "-i", Command.varvePath.string, "pack", tree.string, "-o", "oci:other:app"]
        #expect(try Command(command + Self.flags).at(scratch.path).succeed().line == digest)
    }

    @Test func `another umask`() throws {
        try Requirement.root()
        for mask in ["000", "077", "777"] {
            let line = "umask \(mask); exec \"$0\" pack \(tree) -o oci:\(scratch["other"]):\(mask) \"$@\""
            let command = Command(["bash", "-c", line, Command.varvePath.string] + Self.flags)
            #expect(try command.succeed().line == digest, "with \(mask)")
        }
    }

    @Test func `another spelling of the root's path`() throws {
        try Command(["ln", "-s", "tree", scratch["link"].string]).succeed()
        let up = "../\(scratch.path.lastComponent.map { "\($0)" } ?? "")/tree"
        for path in ["tree", "./tree", "tree/", "tree//", up, "link", "link/", "tree/.", "tree/etc/.."] {
            let command = Command.varve(
                "pack", path, "-o", "oci:other:app", "--no-provenance", "--owner", "0:0")
            #expect(try command.at(scratch.path).succeed().line == digest, "as \(path)")
        }
    }

    @Test func `the tree as the working directory`() throws {
        let command = Command.varve(
            "pack", ".", "-o", "oci:../other:app", "--no-provenance", "--owner", "0:0")
        #expect(try command.at(tree).succeed().line == digest)
    }

    @Test func `a copy whose entries lie in another order`() throws {
        try SmallTree.copy(tree, to: scratch.directory("copy"))
        #expect(try PackedTree(scratch["copy"], in: scratch, Self.flags, layout: "other").digest == digest)
    }

    @Test func `a copy on another file system`() throws {
        let memory = try Scratch(in: "/dev/shm")
        try SmallTree.copy(tree, to: memory.directory("copy"))
        #expect(try PackedTree(memory["copy"], in: scratch, Self.flags, layout: "other").digest == digest)
    }

    @Test func `a copy without holes`() throws {
        try Command(["cp", "-a", "--sparse=never", tree.string, scratch["copy"].string]).succeed()
        #expect(try PackedTree(scratch["copy"], in: scratch, Self.flags, layout: "other").digest == digest)
    }

    @Test func `a plain user and root`() throws {
        try Requirement.root()
        try Command(["chown", "-hR", "65534:65534", tree.string]).succeed()
        try Command(["chmod", "4755", tree.appending("etc/motd").string]).succeed()
        #expect(try pack(["--no-provenance"]) { $0.asPlainUser() } == digest)
    }

    @Test func `a chroot that holds varve and its libraries and nothing else`() throws {
        try Requirement.root()
        let room = try scratch.directory("room")
        try BareRoom.make(at: room)
        try Command(["cp", "-a", tree.string, room.string]).succeed()
        let command = [
            "env", "-i", "/usr/sbin/chroot", room.string, "/varve", "pack", "/tree", "-o", "oci:/out:app",
        ]
        let bare = try Command(command + ["--owner", "0:0"]).succeed()
        #expect(bare.line == digest)
        #expect(
            try Command(["ls", room.appending("out/blobs/sha256").string]).succeed().text.count == 3 * 65)
    }

    private func pack(_ flags: [String] = flags, change: (Command) -> Command = { $0 }) throws -> String {
        let layout = "other-\(UInt64.random(in: .min ... .max))"
        return try PackedTree(tree, in: scratch, flags, layout: layout, change: change).digest
    }
}

/// A directory to be a root: varve as `/varve`, and the shared libraries it needs.
enum BareRoom {
    /// Fills an empty directory.
    static func make(at room: FilePath) throws {
        let copy = """
            cp "$1" "$2/varve"
            ldd "$1" | grep -o '/[^ ]*' | while read -r library; do
                mkdir -p "$2$(dirname "$library")"; cp -L "$library" "$2$library"
            done
            """
        try Command(["bash", "-euc", copy, "-", Command.varvePath.string, room.string]).succeed()
    }
}
