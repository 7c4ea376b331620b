import SystemPackage
import TestSupport
import Testing

@testable import Linux

struct ScratchDirectoryTests {
    @Test func `it is its owner's alone, and gone with what is in it`() throws {
        let path = try use { directory throws in
            try directory.directory.createDirectory("a")
            try directory.directory.openDirectory("a").createFile("b").write(Array("c".utf8).span)
            #expect(try directory.directory.status().permissions == 0o700)
            return directory.path
        }
        #expect(!Machine.exists(path))
    }

    private func use(_ body: (borrowing ScratchDirectory) throws -> FilePath) throws -> FilePath {
        let directory = try ScratchDirectory()
        #expect(Machine.exists(directory.path))
        return try body(directory)
    }

    @Test func `what a killed one left is swept, and nobody else's`() throws {
        let scratch = try Scratch()
        try scratch.write(".mark-dead/file", "left")
        try scratch.write(".other/file", "stays")
        let home = try Directory.open(scratch.path)
        let living = try ScratchDirectory(in: home, prefix: Array(".mark-".utf8))
        let next = try ScratchDirectory(in: home, prefix: Array(".mark-".utf8))
        #expect(Set(try home.names()) == [".other", living.name, next.name])
    }

    @Test func `one that another one's sweep takes away before it is locked is made again`() throws {
        let scratch = try Scratch()
        let makers = (0..<8).map { _ in
            Worker {
                let home = try Directory.open(scratch.path)
                for _ in 0..<200 { _ = try ScratchDirectory(in: home, prefix: Array(".mark-".utf8)) }
            }
        }
        for maker in makers { try maker.join() }
        #expect(try Directory.open(scratch.path).names() == [])
    }
}
