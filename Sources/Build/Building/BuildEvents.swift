import Linux

/// What the threads of a build tell the one that leads it; nobody who tells something waits.
final class BuildEvents: Sendable {
    enum Event: Sendable {
        case progress(Progress)
        case finished(stage: Int, Result<StageState, any Error>)
    }

    private struct State {
        var waiting: [Event] = []
        var isClosed = false
        var isStopped = false
    }

    /// How much progress waits for somebody to look; what is more than that nobody misses.
    private static let limit = 1024
    private let state = Monitor(State())

    /// Tells how far the build has come; notes always arrive.
    func show(_ progress: Progress) {
        state.update { state in
            if case .note = progress {
                state.waiting.append(.progress(progress))
            } else if state.waiting.count < Self.limit {
                state.waiting.append(.progress(progress))
            }
        }
    }

    /// Tells how a stage ended.
    func finish(_ stage: Int, _ result: Result<StageState, any Error>) {
        state.update { $0.waiting.append(.finished(stage: stage, result)) }
    }

    /// Waits for what is told next; `nil` once nobody will tell anything more.
    func next() -> Event? {
        state.wait { state in
            guard !state.waiting.isEmpty else { return state.isClosed ? .some(nil) : nil }
            return .some(state.waiting.removeFirst())
        }
    }

    /// Says that nobody will tell anything more; what was told is still handed out.
    func close() { state.update { $0.isClosed = true } }

    /// Hands out what was told and nobody looked at.
    func drain(_ progress: (Progress) -> Void) {
        let waiting = state.update { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for case .progress(let told) in waiting { progress(told) }
    }

    /// Asks all stages to end early: one of them failed.
    func stop() { state.update { $0.isStopped = true } }

    /// Lets stages begin again.
    func resume() { state.update { $0.isStopped = false } }

    /// - Throws: ``Stopped`` once somebody asked to stop, `Interruption` once a signal came.
    func check() throws {
        try Interruption.check()
        if state.update({ $0.isStopped }) { throw Stopped() }
    }

    /// A stage ended early because another one failed, whose error counts.
    struct Stopped: Error {}
}
