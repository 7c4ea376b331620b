import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

struct MachineTests {
    @Test func `a relative path begins at the working directory`() throws {
        let here = FilePath(try Command(["pwd", "-P"]).succeed().line)
        #expect(Machine.absolute("a/../b") == here.pushing("a/../b"))
        #expect(Machine.absolute("/a/../b") == "/a/../b")
    }

    @Test func `the mapped objects are files, the program first and the C library among them`() throws {
        let objects = Machine.mappedObjects()
        #expect(objects.first == "/proc/self/exe")
        #expect(objects.contains { $0.lastComponent?.string == "libc.so.6" })
        #expect(objects.allSatisfy { $0.isAbsolute && access($0.string, R_OK) == 0 })
    }

    @Test func `the processors are those that nproc counts, or the quota's where that is less`() throws {
        let counted = Int(try Command(["nproc"]).with("OMP_NUM_THREADS", nil).succeed().line) ?? 0
        #expect((1...max(counted, 1)).contains(Machine.processors))
    }

    @Test func `an affinity of one processor leaves one`() throws {
        let version = try Command(["taskset", "-c", "0", "nproc"]).run()
        if version.status != 0 { try Test.cancel("no processor 0 for this process") }
        #expect(version.line == "1")
    }

    @Test func `the monotonic clock goes forward`() {
        let before = Machine.ticks
        Machine.sleep(milliseconds: 2)
        #expect(Machine.ticks - before >= 2_000_000)
    }

    @Test func `the number of processes is the kernel's`() throws {
        #expect(
            "\(Machine.processNumbers)" == (try Command(["cat", "/proc/sys/kernel/pid_max"]).succeed().line))
    }

    @Test func `the hardware is the one that uname prints`() throws {
        #expect(Machine.hardware == (try Command(["uname", "-m"]).succeed().line))
    }

    @Test func `a program is a file that can be run, in the first directory that has one`() throws {
        let scratch = try Scratch()
        for name in ["a/tool", "b/tool", "b/other"] { try scratch.write(name) }
        chmod(scratch["b/tool"].string, 0o755)
        try scratch.directory("b/folder")
        let places = [scratch["none"], scratch["a"], scratch["b"]]
        #expect(Machine.program("tool", in: places) == scratch["b/tool"])
        for name in ["other", "folder", "nothing"] { #expect(Machine.program(name, in: places) == nil) }
        #expect(Machine.program("sh")?.lastComponent?.string == "sh")
        #expect(Machine.program("varve-no-such-program") == nil)
    }
}
