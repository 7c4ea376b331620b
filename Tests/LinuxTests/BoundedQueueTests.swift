import Linux
import Testing

struct BoundedQueueTests {
    @Test func `elements come in the order they went in`() {
        let queue = BoundedQueue<Int>(capacity: 3)
        for element in 1...3 { #expect(queue.push(element)) }
        #expect((1...3).map { _ in queue.pop() } == [1, 2, 3])
    }

    @Test func `a closed queue hands out what waits and refuses more`() {
        let queue = BoundedQueue<Int>(capacity: 3)
        _ = queue.push(1)
        queue.close()
        #expect(!queue.push(2))
        #expect(queue.pop() == 1)
        #expect(queue.pop() == nil)
        #expect(queue.pop() == nil)
    }

    @Test func `closing twice is as good as once`() {
        let queue = BoundedQueue<Int>(capacity: 1)
        queue.close()
        queue.close()
        #expect(queue.pop() == nil)
    }

    @Test(arguments: [1, 2, 7])
    func `no more than the capacity ever waits`(capacity: Int) throws {
        let queue = BoundedQueue<Int>(capacity: capacity)
        let pushed = Monitor(0)
        let producer = Worker {
            for element in 0..<500 {
                _ = queue.push(element)
                pushed.update { $0 += 1 }
            }
            queue.close()
        }
        var popped = 0
        while queue.pop() != nil {
            popped += 1
            #expect(pushed.update { $0 } <= popped + capacity)
        }
        try producer.join()
        #expect(popped == 500)
    }

    @Test func `closing wakes a producer that waits for room`() throws {
        let queue = BoundedQueue<Int>(capacity: 1)
        _ = queue.push(1)
        let producer = Worker { queue.push(2) }
        Machine.sleep(milliseconds: 5)
        queue.close()
        #expect(try !producer.join())
        #expect(queue.pop() == 1)
        #expect(queue.pop() == nil)
    }

    @Test func `closing wakes every consumer that waits for an element`() throws {
        let queue = BoundedQueue<Int>(capacity: 1)
        let consumers = (0..<4).map { _ in Worker { queue.pop() } }
        Machine.sleep(milliseconds: 5)
        queue.close()
        for consumer in consumers { #expect(try consumer.join() == nil) }
    }

    @Test func `many producers and consumers lose and double nothing`() throws {
        let queue = BoundedQueue<Int>(capacity: 5)
        let consumers = (0..<4).map { _ in
            Worker {
                var taken: [Int] = []
                while let element = queue.pop() { taken.append(element) }
                return taken
            }
        }
        let producers = (0..<4).map { producer in
            Worker { for element in 0..<250 { _ = queue.push(producer * 250 + element) } }
        }
        for producer in producers { try producer.join() }
        queue.close()
        let taken = try consumers.flatMap { try $0.join() }
        #expect(taken.sorted() == Array(0..<1000))
    }
}

struct WeighedQueueTests {
    @Test func `what waits is bounded by weight, and one element may be heavier`() throws {
        let queue = BoundedQueue<Int>(capacity: 10) { $0 }
        let waiting = Monitor((now: 0, most: 0))
        let producer = Worker {
            for element in [50, 1, 4, 5, 6, 10, 11, 3, 3, 3, 3] {
                guard queue.push(element) else { return }
                waiting.update {
                    $0.now += element
                    $0.most = max($0.most, element > 10 ? 0 : $0.now)
                }
            }
            queue.close()
        }
        var popped: [Int] = []
        while let element = queue.pop() {
            popped.append(element)
            waiting.update { $0.now -= element }
        }
        try producer.join()
        #expect(popped == [50, 1, 4, 5, 6, 10, 11, 3, 3, 3, 3])
        // One element may be in the consumer's hand and not yet subtracted.
        #expect(waiting.update { $0.most } <= 10 + 50)
    }
}
