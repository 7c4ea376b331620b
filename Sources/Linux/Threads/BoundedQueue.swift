/// Hands elements from thread to thread, oldest first, at most `capacity` waiting.
///
/// A full queue holds its producer back; this bound keeps memory flat however
/// large the root file system is.
public final class BoundedQueue<Element: Sendable>: Sendable {
    private let capacity: Int
    private let monitor = Monitor((waiting: [Element](), isClosed: false))

    /// An open, empty queue.
    ///
    /// - Parameter capacity: The most elements that wait at a time.
    public init(capacity: Int) { self.capacity = capacity }

    /// Waits for room.
    ///
    /// - Returns: `false`, with the element dropped, once the queue is closed.
    public func push(_ element: Element) -> Bool {
        monitor.wait { state in
            if state.isClosed { return false }
            if state.waiting.count == capacity { return nil }
            state.waiting.append(element)
            return true
        }
    }

    /// Waits for an element.
    ///
    /// - Returns: `nil` once the queue is closed and empty.
    public func pop() -> Element? {
        monitor.wait { state in
            if !state.waiting.isEmpty { return .some(state.waiting.removeFirst()) }
            return state.isClosed ? .some(nil) : nil
        }
    }

    /// Ends the flow: waiting elements are still handed out, new ones are refused.
    public func close() { monitor.update { $0.isClosed = true } }
}
