import Linux

/// What the threads of a build tell the one that leads it.
final class BuildEvents: Sendable {
    enum Event: Sendable {
        case progress(Progress)
        case finished(stage: Int, Result<StageState, any Error>)
    }

    private let queue = BoundedQueue<Event>(capacity: 1024)
    private let isStopped = Monitor(false)

    /// Tells how far the build has come.
    func show(_ progress: Progress) { _ = queue.push(.progress(progress)) }

    /// Tells how a stage ended.
    func finish(_ stage: Int, _ result: Result<StageState, any Error>) {
        _ = queue.push(.finished(stage: stage, result))
    }

    /// Waits for what is told next.
    func next() -> Event? { queue.pop() }

    /// Lets nobody tell anything more; what was told is still handed out.
    func close() { queue.close() }

    /// Asks all stages to end early: one of them failed.
    func stop() { isStopped.update { $0 = true } }

    /// Lets stages begin again.
    func resume() { isStopped.update { $0 = false } }

    /// - Throws: ``Stopped`` once somebody asked to stop, `Interruption` once a signal came.
    func check() throws {
        try Interruption.check()
        if isStopped.wait(for: { $0 }) { throw Stopped() }
    }

    /// A stage ended early because another one failed, whose error counts.
    struct Stopped: Error {}
}
