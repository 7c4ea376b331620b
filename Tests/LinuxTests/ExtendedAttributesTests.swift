import Linux
import SystemPackage
import TestSupport
import Testing

/// Python sets what no program of Debian's base can: values with NULs, names in no encoding.
private func setAttributes(_ path: FilePath, _ attributes: [(name: String, value: String)]) throws {
    try Requirement.program("python3")
    for (name, value) in attributes {
        let script =
            "import os,sys; os.setxattr(sys.argv[1], os.fsencode(sys.argv[2]), bytes.fromhex(sys.argv[3]), "
            + "follow_symlinks=False)"
        let outcome = try Command(["python3", "-c", script, path.string, name, value]).run()
        if outcome.status != 0 { try Test.cancel("no attribute \(name) here: \(outcome.errors.suffix(60))") }
    }
}

struct ExtendedAttributesTests {
    @Test func `the wanted ones come, ordered by the bytes of their names`() throws {
        let scratch = try Scratch()
        let path = try scratch.write("file")
        try setAttributes(
            path, [("user.b", "00ff00"), ("user.Z", ""), ("user.a", "61"), ("user.unwanted", "01")])
        let found = try File.reading(path).extendedAttributes { !$0.elementsEqual("user.unwanted".utf8) }
        #expect(found.map { String(decoding: $0.name, as: UTF8.self) } == ["user.Z", "user.a", "user.b"])
        #expect(found.map(\.value) == [[], [0x61], [0x00, 0xFF, 0x00]])
    }

    @Test func `a value of any length is whole`() throws {
        let scratch = try Scratch()
        let path = try scratch.write("file")
        // One block of ext4 is the most that every file system takes.
        try setAttributes(path, [("user.long", String(repeating: "ab", count: 3000))])
        let found = try File.reading(path).extendedAttributes { _ in true }
        #expect(found.first?.value == [UInt8](repeating: 0xAB, count: 3000))
    }

    @Test func `many attributes are all there`() throws {
        let scratch = try Scratch()
        let path = try scratch.write("file")
        try Requirement.program("python3")
        let script = "import os,sys\nfor i in range(60): os.setxattr(sys.argv[1], 'user.name%04d' % i, b'v')"
        let outcome = try Command(["python3", "-c", script, path.string]).run()
        if outcome.status != 0 { try Test.cancel("no room for 60 attributes here") }
        let found = try File.reading(path).extendedAttributes { _ in true }
        #expect(found.filter { $0.name.starts(with: "user.name".utf8) }.count == 60)
    }

    @Test func `a directory has its own`() throws {
        let scratch = try Scratch()
        try setAttributes(try scratch.directory("directory"), [("user.d", "64")])
        let found = try Directory.open(scratch["directory"]).extendedAttributes { _ in true }
        #expect(found.map(\.value) == [[0x64]])
    }

    @Test func `a link has its own and not its target's`() throws {
        try Requirement.root()
        let scratch = try Scratch()
        try setAttributes(try scratch.write("file"), [("user.of-the-file", "66")])
        try Command(["ln", "-s", "file", scratch["link"].string]).succeed()
        try setAttributes(scratch["link"], [("trusted.of-the-link", "6c")])
        let found = try Directory.open(scratch.path).extendedAttributes(of: "link") { _ in true }
        #expect(found.map { String(decoding: $0.name, as: UTF8.self) } == ["trusted.of-the-link"])
    }

    @Test func `a file system without attributes has none`() throws {
        let found = try File.reading("/proc/self/status").extendedAttributes { _ in true }
        #expect(found.isEmpty)
    }
}
