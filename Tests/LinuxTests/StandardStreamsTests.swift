import Glibc
import Linux
import SystemPackage
import Testing

struct StandardStreamsTests {
    @Test func `a stream that the process began without is taken by nothing else`() async {
        await #expect(processExitsWith: .success) {
            for stream in Int32(0)...2 { close(stream) }
            StandardStreams.occupy()
            let next = open("/dev/null", O_RDONLY)
            precondition(next > 2)
        }
    }

    @Test func `what is written to a closed output is an error`() async {
        await #expect(processExitsWith: .success) {
            close(1)
            StandardStreams.occupy()
            do throws(FileError) {
                try StandardStreams.writeOutput([1])
                preconditionFailure("written to nowhere")
            } catch {
                precondition(error.errno == .badFileDescriptor)
            }
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
