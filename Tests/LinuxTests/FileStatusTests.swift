import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

struct FileStatusTests {
    @Test(
        arguments: [
            ("file", .regular), ("directory", .directory), ("link", .symbolicLink), ("fifo", .fifo),
            ("socket", .socket),
        ] as [(String, FileStatus.Kind)])
    func `each kind of file is told from the others`(name: String, kind: FileStatus.Kind) throws {
        let scratch = try Scratch()
        try scratch.write("file", "1")
        try scratch.directory("directory")
        symlink("file", scratch["link"].string)
        mkfifo(scratch["fifo"].string, 0o600)
        // mknod(2) makes sockets for everybody.
        mknod(scratch["socket"].string, S_IFSOCK | 0o600, 0)
        let status = try Directory.open(scratch.path).status(of: FileName(name.utf8))
        #expect(status.kind == kind)
    }

    @Test func `a device has its numbers`() throws {
        let status = try Directory.open("/dev").status(of: "null")
        #expect(status.kind == .characterDevice)
        #expect(status.deviceNumber == (1, 3))
    }

    @Test func `permissions have setuid, setgid and sticky`() throws {
        let scratch = try Scratch()
        try scratch.write("file")
        chmod(scratch["file"].string, 0o7654)
        let status = try Directory.open(scratch.path).status(of: "file")
        #expect(status.permissions == 0o7654)
    }

    @Test func `hard links are one file with two names`() throws {
        let scratch = try Scratch()
        try scratch.write("file")
        try scratch.write("other")
        link(scratch["file"].string, scratch["second"].string)
        let directory = try Directory.open(scratch.path)
        let names: [FileName] = ["file", "second", "other"]
        let statuses = try names.map { try directory.status(of: $0) }
        #expect(statuses[0].identity == statuses[1].identity)
        #expect(statuses[0].identity != statuses[2].identity)
        #expect(statuses.map(\.links) == [2, 2, 1])
    }

    @Test(arguments: [
        "echo more >> file", "touch -d @5 file", "chmod 600 file; chmod 644 file", "rm file; echo x > file",
        "ln file second", "truncate -s 0 file",
    ])
    func `a change of the file changes its status`(command: String) throws {
        let scratch = try Scratch()
        try scratch.write("file", "x")
        let directory = try Directory.open(scratch.path)
        let before = try directory.status(of: "file")
        #expect(try directory.status(of: "file") == before)
        // Times tick in steps of a few milliseconds.
        Machine.sleep(milliseconds: 20)
        try Command(shell: command).at(scratch.path).succeed()
        #expect(try directory.status(of: "file") != before)
    }

    @Test func `times before 1970 keep their sign`() throws {
        let scratch = try Scratch()
        try scratch.write("file")
        try Command(shell: "touch -d '1969-12-31 23:59:58 UTC' file").at(scratch.path).succeed()
        let status = try Directory.open(scratch.path).status(of: "file")
        #expect(status.modified.seconds == -2)
    }
}
