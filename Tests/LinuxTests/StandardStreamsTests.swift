import Glibc
import Linux
import SystemPackage
import Testing

/// Whether `attempt` succeeds within a second: threads of the runtime open files too, and may hold
/// the number of a stream that was closed a moment ago.
private func comesTrue(_ attempt: () -> Bool) -> Bool {
    for _ in 0..<100 {
        if attempt() { return true }
        usleep(10_000)
    }
    return false
}

struct StandardStreamsTests {
    @Test func `a stream that the process began without is taken by nothing else`() async {
        await #expect(processExitsWith: .success) {
            precondition(
                comesTrue {
                    for stream in Int32(0)...2 { close(stream) }
                    StandardStreams.occupy()
                    let next = open("/dev/null", O_RDONLY)
                    defer { close(next) }
                    return next > 2
                })
        }
    }

    @Test func `what is written to a closed output is an error`() async {
        await #expect(processExitsWith: .success) {
            precondition(
                comesTrue {
                    close(1)
                    StandardStreams.occupy()
                    do throws(FileError) {
                        try StandardStreams.writeOutput([1])
                        return false
                    } catch {
                        return error.errno == .badFileDescriptor
                    }
                })
        }
    }

    @Test func `what goes to no terminal has no columns`() async {
        await #expect(processExitsWith: .success) {
            dup2(open("/dev/null", O_WRONLY), 2)
            precondition(StandardStreams.terminalColumns == nil)
            StandardStreams.writeError("nobody reads this")
        }
    }
}
