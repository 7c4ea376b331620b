import Linux
import Testing

struct MonitorTests {
    @Test func `updates of many threads are all there`() throws {
        let count = Monitor(0)
        let workers = (0..<8).map { _ in
            Worker { for _ in 0..<1000 { count.update { $0 += 1 } } }
        }
        for worker in workers { try worker.join() }
        #expect(count.update { $0 } == 8000)
    }

    @Test func `a value that is there already is not waited for`() {
        let monitor = Monitor<Int?>(7)
        #expect(monitor.wait { $0 } == 7)
    }

    @Test func `whoever waits is woken by the update that fulfils it`() throws {
        let monitor = Monitor(0)
        let waiters = (1...20).map { goal in
            Worker { monitor.wait { $0 >= goal ? $0 : nil } }
        }
        for _ in 0..<20 { monitor.update { $0 += 1 } }
        for (waiter, goal) in zip(waiters, 1...) { #expect(try waiter.join() >= goal) }
    }

    @Test func `what a wait changes wakes the others`() throws {
        let turn = Monitor(0)
        let workers = (0..<4).map { own in
            Worker {
                for _ in 0..<100 { turn.wait { $0 % 4 == own ? ($0 += 1) : nil } }
            }
        }
        for worker in workers { try worker.join() }
        #expect(turn.update { $0 } == 400)
    }

    @Test func `an update that throws lets the lock go and keeps what it did`() throws {
        struct Refusal: Error {}
        let monitor = Monitor(1)
        #expect(throws: Refusal.self) {
            try monitor.update {
                $0 = 2
                throw Refusal()
            }
        }
        #expect(monitor.update { $0 } == 2)
    }
}
