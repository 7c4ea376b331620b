import Linux
import SystemPackage
import TestSupport
import Testing

struct StagedFileTests {
    @Test(arguments: [0o600, 0o644, 0o666, 0o400] as [UInt32])
    func `a file has the mode that was asked for, whatever the umask`(permissions: UInt32) throws {
        let scratch = try Scratch()
        var file = try StagedFile(at: scratch["file"], [1, 2, 3], permissions: permissions)
        try file.publish()
        file.keep()
        #expect(try File.reading(scratch["file"]).status().permissions == permissions)
        #expect(try content(of: scratch["file"]) == [1, 2, 3])
    }

    @Test func `a new file takes no other one's place, and leaves nothing`() throws {
        let scratch = try Scratch()
        let path = scratch["file"]
        do {
            var file = try StagedFile(at: path, [1, 2, 3])
            try scratch.write("file", "mine")
            let error = FileError("create", path, .fileExists)
            do throws(FileError) {
                try file.publish(isNew: true)
                Issue.record("it took the place")
            } catch let found {
                #expect(found == error)
            }
        }
        #expect(try text(of: path) == "mine")
        #expect(try Directory.open(scratch.path).names().count == 1)
    }
}
