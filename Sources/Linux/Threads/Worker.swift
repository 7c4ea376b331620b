import Glibc

/// One operating-system thread that ends with a value or an error.
///
/// The stages of a pipeline block: on files, and on each other. Swift's
/// cooperative pool has one thread per core and must never block, so a stage
/// gets a thread of its own.
public final class Worker<Value: Sendable>: Sendable {
    private let outcome = Monitor<Result<Value, any Error>?>(nil)
    private let thread: pthread_t?

    /// Starts the thread.
    ///
    /// Where the kernel gives no thread (a limit on processes), ``join()`` throws ``ThreadError``.
    public init(_ body: @escaping @Sendable () throws -> Value) {
        let started = startThread { [outcome] in
            let result = Result { try body() }
            outcome.update { $0 = result }
        }
        switch started {
        case .success(let thread): self.thread = thread
        case .failure(let error):
            thread = nil
            outcome.update { $0 = .failure(error) }
        }
    }

    /// Whether the kernel gave a thread.
    public var isStarted: Bool { thread != nil }

    /// Waits for the thread to end.
    ///
    /// Every worker is joined, exactly once.
    public func join() throws -> Value {
        if let thread { pthread_join(thread, nil) }
        return try outcome.wait { $0 }.get()
    }
}

/// The kernel gave no thread.
public struct ThreadError: Error, Equatable, CustomStringConvertible {
    /// What pthread_create(3) returned.
    public let code: Int32

    /// One line, as the user reads it.
    public var description: String {
        "cannot start a thread: \(String(cString: strerror(code))); allow more processes or lower --jobs"
    }
}

/// Outside of ``Worker``: within a generic type's initializer Swift 6.3.1 crashes on this.
private func startThread(_ body: @escaping @Sendable () -> Void) -> Result<pthread_t, ThreadError> {
    final class Start: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let start = Unmanaged.passRetained(Start(body))
    let code = pthread_create(
        &thread, nil,
        { context in
            if let context { Unmanaged<Start>.fromOpaque(context).takeRetainedValue().body() }
            return nil
        },
        start.toOpaque())
    guard code == 0 else {
        start.release()
        return .failure(ThreadError(code: code))
    }
    return .success(thread)
}
