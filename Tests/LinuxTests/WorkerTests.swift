import Glibc
import TestSupport
import Testing

@testable import Linux

struct WorkerTests {
    private struct Refusal: Error, Equatable {}

    @Test func `a worker ends with its value`() throws {
        let worker = Worker { 6 * 7 }
        #expect(worker.isStarted)
        #expect(try worker.join() == 42)
    }

    @Test func `a worker ends with its error`() {
        let worker = Worker<Int> { throw Refusal() }
        #expect(throws: Refusal()) { try worker.join() }
    }

    @Test func `a worker is a thread of its own`() throws {
        let own = pthread_self()
        let other = try Worker { pthread_self() }.join()
        #expect(pthread_equal(own, other) == 0)
    }

    @Test func `workers that wait for each other all run`() throws {
        let arrived = Monitor(0)
        let workers = (0..<50).map { _ in
            Worker {
                arrived.update { $0 += 1 }
                arrived.wait { $0 == 50 ? () : nil }
            }
        }
        for worker in workers { try worker.join() }
        #expect(arrived.update { $0 } == 50)
    }

    @Test func `without a thread the worker says so when it is joined`() async throws {
        try Requirement.unsanitizedMemory()
        await #expect(processExitsWith: .success) {
            // No room for another stack: the same answer as a limit on processes, and root gets it too.
            var little = rlimit(rlim_cur: 1 << 20, rlim_max: 1 << 20)
            setrlimit(__rlimit_resource_t(9), &little)
            let worker = Worker { 1 }
            precondition(!worker.isStarted)
            do {
                _ = try worker.join()
                preconditionFailure("joined what never ran")
            } catch let error as ThreadError {
                precondition(error == ThreadError(code: EAGAIN))
            }
        }
    }

    @Test func `the error tells what to do`() {
        #expect(
            "\(ThreadError(code: EAGAIN))"
                == "cannot start a thread: Resource temporarily unavailable; allow more processes or lower --jobs"
        )
    }
}
