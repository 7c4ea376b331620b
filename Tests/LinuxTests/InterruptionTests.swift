import Glibc
import SystemPackage
import Testing

@testable import Linux

/// Begins to watch in a thread that gets its signals: those of a test pool have them blocked, and a shell that
/// starts the tests behind itself has them ignored.
private func watchHere() {
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_UNBLOCK, &all, nil)
    for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
    Interruption.watch()
}

struct InterruptionTests {
    @Test func `without a signal nothing is interrupted`() throws { try Interruption.check() }

    @Test func `a signal is remembered until somebody looks`() async {
        await #expect(processExitsWith: .success) {
            watchHere()
            raise(SIGTERM)
            do throws(Interruption) {
                try Interruption.check()
                preconditionFailure("the signal was forgotten")
            } catch {
                precondition(error == Interruption(signal: SIGTERM))
            }
        }
    }

    @Test func `a second signal kills, unless it comes right after the first one`() async {
        await #expect(processExitsWith: .signal(SIGINT)) {
            watchHere()
            raise(SIGINT)
            usleep(400_000)
            raise(SIGINT)
        }
        await #expect(processExitsWith: .success) {
            watchHere()
            raise(SIGINT)
            raise(SIGINT)
        }
    }

    @Test func `the process ends by the signal that it obeyed`() async {
        await #expect(processExitsWith: .signal(SIGTERM)) {
            watchHere()
            raise(SIGTERM)
            do throws(Interruption) { try Interruption.check() } catch { error.die() }
        }
    }

    @Test func `a wish not to be hung up stands`() async {
        await #expect(processExitsWith: .success) {
            signal(SIGHUP, SIG_IGN)
            watchHere()
            raise(SIGHUP)
            try Interruption.check()
        }
    }

    @Test func `a reader that went away is an error and no death`() async {
        await #expect(processExitsWith: .success) {
            Interruption.watch()
            var ends: [Int32] = [0, 0]
            precondition(pipe(&ends) == 0)
            close(ends[0])
            dup2(ends[1], 1)
            do throws(FileError) {
                try StandardStreams.writeOutput([1])
                preconditionFailure("written to nobody")
            } catch {
                precondition(error.errno == .brokenPipe)
            }
        }
    }

    @Test func `the words name the signal`() {
        #expect("\(Interruption(signal: SIGINT))" == "interrupted by Interrupt")
    }
}
