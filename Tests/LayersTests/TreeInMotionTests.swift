import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Layers

/// Trees that somebody changes while they are packed.
///
/// The change comes when the first piece is pushed: the archiver waits for that, so the moment is always the same.
struct TreeInMotionTests {
    private let scratch: Scratch

    /// Four pieces of one file, then small files and directories behind it.
    init() throws {
        scratch = try Scratch()
        for name in ["root/m/one", "root/m/two", "root/z"] { try scratch.write(name) }
        try scratch.write("root/a", String(repeating: "x", count: 4 << 20))
        // Times tick in steps of a few milliseconds.
        Machine.sleep(milliseconds: 20)
    }

    private func error(_ change: String) throws -> LayerError? {
        var isChanged = false
        return #expect(throws: LayerError.self) {
            try withoutActuallyEscaping({ (_: Piece) in
                if !isChanged { _ = try? Command(shell: change).at(scratch["root"]).run() }
                isChanged = true
                return true
            }) { push in
                _ = try TreeArchiver(scratch["root"], try LayerOptions(), push: push).archive()
            }
        }
    }

    @Test(arguments: [
        ("echo more >> a", "4194304 bytes before, 4194309 after"),
        ("truncate -s 2M a", "4194304 bytes announced, 2097152 read"),
        ("truncate -s 0 a", "4194304 bytes announced, 1048576 read"),
        ("touch -d @5 a", "its times are not what they were"),
        ("chmod 600 a", "its times are not what they were"),
        ("printf y | dd of=a conv=notrunc bs=1 seek=100 2>/dev/null", "its times are not what they were"),
        ("truncate -s 5M a; truncate -s 4M a", "its times are not what they were"),
        ("rm a", "its times are not what they were"),
    ])
    func `a file that changes while it is read is an error that says what was seen`(
        change: String, seen: String
    ) throws {
        #expect(try error(change) == .changed(scratch["root/a"], seen))
    }

    @Test(arguments: [
        ("rm z", "root/z"), ("rm -r m", "root/m"), ("touch new", "root"),
    ])
    func `a directory that changes is an error that names the place`(change: String, place: String) throws {
        let error = try error(change)
        guard case .changed(let path, _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        // What was not met yet is packed as it is then; the directory that was listed is not.
        #expect(path == scratch[place] || path == scratch["root"])
    }

    @Test func `holes that move are an error`() throws {
        try Command(
            shell:
                "truncate -s 0 a; truncate -s 4M a; printf x | dd of=a bs=1M seek=2 conv=notrunc 2>/dev/null"
        )
        .at(scratch["root"]).succeed()
        Machine.sleep(milliseconds: 20)
        let found = try error("truncate -s 1M a")
        #expect(found == .changed(scratch["root/a"], "4194304 bytes announced, 2097152 read"))
    }

    @Test func `a stream that nobody wants any more ends at once`() throws {
        var pushed = 0
        _ = try withoutActuallyEscaping({ (_: Piece) in
            pushed += 1
            return false
        }) { push in
            try TreeArchiver(scratch["root"], try LayerOptions(), push: push).archive()
        }
        #expect(pushed <= 2)
    }
}
