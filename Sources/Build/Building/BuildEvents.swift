import Layers
import Linux

/// What the threads of a build tell the one that leads it; nobody who tells something waits.
final class BuildEvents: Sendable {
    enum Event: Sendable {
        case progress(Progress)
        case finished(stage: Int, Result<StageState, any Error>)
    }

    private struct State {
        /// Those that were handed out already stand before `next`: a line of output moves no other.
        private var events: [Event?] = []
        private var next = 0
        var isClosed = false
        var isStopped = false

        var count: Int { events.count - next }

        mutating func append(_ event: Event) { events.append(event) }

        mutating func removeFirst() -> Event? {
            guard next < events.count else { return nil }
            if next > BuildEvents.limit {
                events.removeFirst(next)
                next = 0
            }
            let event = events[next]
            // A finished stage holds on to the build, whose events these are.
            events[next] = nil
            next += 1
            return event
        }
    }

    /// How much progress waits for somebody to look; what is more than that nobody misses.
    private static let limit = 1024
    private let state = Monitor(State())

    /// Tells how far the build has come; notes always arrive.
    func show(_ progress: Progress) {
        state.update { state in
            if case .note = progress {
                state.append(.progress(progress))
            } else if state.count < Self.limit {
                state.append(.progress(progress))
            }
        }
    }

    /// Tells the same, and of it nothing is lost: who tells it waits until somebody looks.
    func tell(_ progress: Progress) {
        _ = state.wait { state -> Bool? in
            guard state.count < Self.limit || state.isStopped else { return nil }
            state.append(.progress(progress))
            return true
        }
    }

    /// Tells how far the layer has come that is written.
    func show(_ progress: LayerProgress) {
        show(.packing(bytesIn: progress.bytesIn, bytesOut: progress.bytesOut, entries: progress.entries))
    }

    /// Tells how a stage ended.
    func finish(_ stage: Int, _ result: Result<StageState, any Error>) {
        state.update { $0.append(.finished(stage: stage, result)) }
    }

    /// Waits for what is told next; `nil` once nobody will tell anything more.
    func next() -> Event? {
        state.wait { state in
            if let event = state.removeFirst() { return .some(event) }
            return state.isClosed ? .some(nil) : nil
        }
    }

    /// Says that nobody will tell anything more; what was told is still handed out.
    func close() { state.update { $0.isClosed = true } }

    /// Hands out what was told and nobody looked at.
    func drain(_ progress: (Progress) -> Void) {
        while let event = state.update({ $0.removeFirst() }) {
            if case .progress(let told) = event { progress(told) }
        }
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
