import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Build

@Suite struct OwnFilesTests {
    @Test(
        "what a build writes below its context is its own, while it is written, too",
        arguments: ["image.tar", String(repeating: "n", count: 240)])
    func ownFiles(name: String) throws {
        let scratch = try Scratch()
        try scratch.directory("context")
        let file = scratch["context/\(name)"]
        let request = try BuildRequest(
            context: scratch["context"].bytes, outputs: [Array("oci-archive:\(file):a".utf8)])
        let own = OwnFiles(of: request, below: scratch["context"])
        #expect(own.holds(Array(name.utf8)))
        #expect(own.holds(Array("\(name).provenance.json".utf8)))
        #expect(!own.holds(Array("other".utf8)))
        let staged = try StagedFile(at: file)
        defer { extendLifetime(staged) }
        let names = try Directory.open(scratch["context"]).names()
        #expect(names.count == 1)
        for temporary in names { #expect(own.holds(Array(temporary.bytes))) }
    }
}
