import Linux
import SystemPackage
import TestSupport
import Testing

/// System calls that fail: rows H4, H5, H14 and J7 of the table of faults.
struct FaultsInSystemCallsTests {
    /// Calls, the error that they give, and how many of each there are at least.
    static let calls = [
        ("fsync", "EIO", 9), ("write", "EIO", 5), ("write", "ENOSPC", 5), ("renameat", "EIO", 5),
        ("openat", "EIO", 14), ("openat", "EMFILE", 14), ("flock", "ENOLCK", 6), ("mkdir", "EACCES", 2),
        ("mkdirat", "ENOSPC", 2), ("getdents64", "EIO", 5), ("newfstatat", "EIO", 12),
    ]

    @Test(
        "H4: whichever call fails, nothing changes, and nothing is left",
        arguments: calls, ["layout", "new/fresh"])
    func sweep(row: (call: String, error: String, count: Int), output: String) throws {
        let work = try Workplace(withProvenance: true)
        let output = work.scratch["work"].pushing(FilePath(output))
        let places = [
            output, output.appending("blobs"), output.appending("blobs").appending("sha256"),
            FilePath("\(output).provenance"), output.removingLastComponent(),
        ].map(\.string)
        for number in stride(from: 1, through: row.count, by: Requirement.isLongRun ? 1 : 4) {
            let before = try work.snapshot()
            let outcome = try work.pack(
                under: ["-e", "trace=\(row.call)"]
                    + ["-e", "inject=\(row.call):error=\(row.error):when=\(number)"],
                at: row.call == "write" || row.call == "fsync" ? [] : places, to: output
            ).run()
            if outcome.status == 0 { continue }
            #expect(outcome.status == 1, "call \(number): \(outcome.errors)")
            #expect(try work.snapshot() == before, "call \(number): \(outcome.errors)")
            #expect(outcome.errors.hasPrefix("varve: cannot "))
        }
    }

    @Test func `H14: after a failed sync the file goes, and no second sync is asked for`() throws {
        let work = try Workplace()
        try work.expectRefusal(
            of: work.pack(under: ["-e", "trace=fsync", "-e", "inject=fsync:error=EIO:when=1"]),
            saying: "Input/output error")
        #expect(try text(of: work.scratch["trace"]).split(separator: "\n").count == 1)
    }

    @Test func `H4: a failed close after the sync loses nothing`() throws {
        let work = try Workplace()
        let sha256 = work.layout.appending("blobs").appending("sha256")
        let outcome = try work.pack(
            under: ["-e", "trace=close", "-e", "inject=close:error=EIO"], at: [sha256.string]
        ).run()
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    @Test func `H5: interrupted writes and syncs change no byte`() throws {
        let work = try Workplace()
        let digest = try work.pack().succeed().line
        let calls = "write,fsync,openat,mkdir"
        let outcome = try work.pack(
            under: ["-e", "trace=\(calls)", "-e", "inject=\(calls):error=EINTR:when=1+2"],
            at: [work.layout.string, work.layout.appending("blobs").appending("sha256").string]
        ).run()
        #expect(outcome.line == digest, "\(outcome.errors)")
    }

    @Test(
        "Every file is on the disk before it gets its name, each directory after it, and the index is last",
        arguments: ["layout", "new/fresh"])
    func order(output: String) throws {
        let work = try Workplace(withProvenance: true)
        let output = work.scratch["work"].pushing(FilePath(output))
        try work.pack(under: ["-y", "-e", "trace=fsync,renameat,mkdir"], to: output).succeed()
        var synced: Set<Substring> = []
        var unsynced: Set<Substring> = []
        var renamed: [Substring] = []
        for line in try text(of: work.scratch["trace"]).split(separator: "\n") where line.contains(" = 0") {
            let paths = line.split(separator: "<").dropFirst().map { $0.prefix { $0 != ">" } }
            let names = line.split(separator: "\"", omittingEmptySubsequences: false)
            if line.contains("renameat(") {
                let from = "\(paths[0])/\(names[1])"
                #expect(synced.contains(from[...]), "\(line)")
                unsynced.insert(paths[0])
                renamed.append(names[3])
            } else if line.contains("fsync(") {
                synced.insert(paths[0])
                unsynced.remove(paths[0])
            } else {
                unsynced.insert(FilePath(String(names[1])).removingLastComponent().string[...])
            }
        }
        #expect(unsynced == [])
        #expect(renamed.last == "index.json")
        #expect(renamed.count >= 5)
    }
}
