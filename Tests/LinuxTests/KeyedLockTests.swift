import Linux
import Testing

struct KeyedLockTests {
    private struct Failure: Error {}

    @Test func `one thread at a time has a name`() throws {
        let (lock, inside) = (KeyedLock<String>(), Monitor((now: 0, most: 0, all: 0)))
        let workers = (0..<4).map { _ in
            Worker {
                for _ in 0..<200 {
                    lock.exclusively("a") {
                        inside.update { state in
                            state.now += 1
                            state.most = max(state.most, state.now)
                        }
                        inside.update { state in
                            state.now -= 1
                            state.all += 1
                        }
                    }
                }
            }
        }
        for worker in workers { try worker.join() }
        let end = inside.update { $0 }
        #expect(end.most == 1 && end.all == 800)
    }

    @Test func `who has a name keeps nobody from another, and an error gives it back`() throws {
        let lock = KeyedLock<String>()
        let value = try lock.exclusively("a") { try Worker { lock.exclusively("b") { 7 } }.join() }
        #expect(value == 7)
        #expect(throws: Failure.self) { try lock.exclusively("a") { throw Failure() } }
        #expect(lock.exclusively("a") { true })
    }
}
