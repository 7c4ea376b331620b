/// Hands elements from thread to thread, oldest first, at most `capacity` waiting.
///
/// A full queue holds its producer back; this bound keeps memory flat however
/// large the root file system is.
public final class BoundedQueue<Element: Sendable>: Sendable {
    private let capacity: Int
    private let weight: @Sendable (Element) -> Int
    private let monitor = Monitor((waiting: [Element](), weight: 0, isClosed: false))

    /// An open, empty queue.
    ///
    /// - Parameters:
    ///   - capacity: The most weight that waits at a time; a single element may be heavier.
    ///   - weight: What an element weighs, the same at each call; each weighs 1 when nothing is given.
    public init(capacity: Int, weighing weight: @escaping @Sendable (Element) -> Int = { _ in 1 }) {
        (self.capacity, self.weight) = (capacity, weight)
    }

    /// Waits for room.
    ///
    /// - Returns: `false`, with the element dropped, once the queue is closed.
    public func push(_ element: Element) -> Bool {
        let weight = weight(element)
        return monitor.wait { state in
            if state.isClosed { return false }
            if !state.waiting.isEmpty, state.weight + weight > capacity { return nil }
            state.waiting.append(element)
            state.weight += weight
            return true
        }
    }

    /// Waits for an element.
    ///
    /// - Returns: `nil` once the queue is closed and empty.
    public func pop() -> Element? {
        monitor.wait { state in
            guard !state.waiting.isEmpty else { return state.isClosed ? .some(nil) : nil }
            let element = state.waiting.removeFirst()
            state.weight -= weight(element)
            return .some(element)
        }
    }

    /// Ends the flow: waiting elements are still handed out, new ones are refused.
    public func close() { monitor.update { $0.isClosed = true } }
}
