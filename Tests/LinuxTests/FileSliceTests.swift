import Linux
import SystemPackage
import TestSupport
import Testing

@Suite struct FileSliceTests {
    @Test("slices of one file are read side by side, each from its own start")
    func slicesAreIndependent() throws {
        let scratch = try Scratch()
        let file = try File.reading(try scratch.write("file", "headABCDtail"))
        let first = try FileSlice(of: file, 0..<4)
        let second = try FileSlice(of: file, 4..<8)
        var bytes: [UInt8] = []
        #expect(try second.read(upTo: 2, at: 0, appendingTo: &bytes) == 2)
        #expect(try first.readAll(limit: 4) == Array("head".utf8))
        #expect(try second.read(upTo: 9, at: 2, appendingTo: &bytes) == 2)
        #expect(bytes == Array("ABCD".utf8))
        #expect(try second.read(upTo: 9, at: 4, appendingTo: &bytes) == 0)
    }

    @Test("a file that ends before the slice does is an error, not an end")
    func aShortFileIsAnError() throws {
        let scratch = try Scratch()
        let path = try scratch.write("file", "abc")
        let slice = try FileSlice(of: try File.reading(path), 1..<9)
        #expect(throws: FileError("read", path, .noData)) { try slice.readAll(limit: 100) }
    }

    @Test("more than the limit is an error before anything is read")
    func theLimitHolds() throws {
        let scratch = try Scratch()
        let path = try scratch.write("file", "abcdef")
        let slice = try FileSlice(try File.reading(path))
        #expect(throws: FileError("read", path, .fileTooLarge)) { try slice.readAll(limit: 5) }
    }
}
