import Linux

/// Carries out stages, those that need each other one after the other, others at once.
struct StageSchedule {
    /// How many stages are carried out at a time: each compresses on several threads by itself.
    static let width = 4

    private let stages: [PlannedStage]
    private let events: BuildEvents
    private var done: [Int: StageState] = [:]
    private var running: [Int: Worker<Void>] = [:]
    private var failure: (any Error)?

    private init(_ stages: [PlannedStage], _ events: BuildEvents) {
        (self.stages, self.events) = (stages, events)
    }

    /// Carries them all out.
    ///
    /// - Parameters:
    ///   - stages: With all that they need, without circles.
    ///   - events: Told by the stages' threads.
    ///   - progress: Told on this thread what they tell.
    ///   - body: Carries out one, given those that it needs, on any thread.
    /// - Throws: The first error, once every thread has ended.
    /// - Returns: The stages by their numbers.
    static func run(
        _ stages: [PlannedStage], _ events: BuildEvents, progress: (Progress) -> Void,
        _ body: @escaping @Sendable (PlannedStage, [Int: StageState]) throws -> StageState
    ) throws -> [Int: StageState] {
        var schedule = StageSchedule(stages, events)
        return try schedule.run(progress: progress, body)
    }

    private mutating func run(
        progress: (Progress) -> Void,
        _ body: @escaping @Sendable (PlannedStage, [Int: StageState]) throws -> StageState
    ) throws -> [Int: StageState] {
        begin(body)
        while !running.isEmpty, let event = events.next() {
            switch event {
            case .progress(let told): progress(told)
            case .finished(let number, let result):
                try running.removeValue(forKey: number)?.join()
                switch result {
                case .success(let state): done[number] = state
                case .failure(let error): fail(error)
                }
                begin(body)
            }
        }
        if let failure { throw failure }
        return done
    }

    private mutating func fail(_ error: any Error) {
        if failure == nil || failure is BuildEvents.Stopped { failure = error }
        events.stop()
    }

    /// Starts what nothing is missing for.
    private mutating func begin(
        _ body: @escaping @Sendable (PlannedStage, [Int: StageState]) throws -> StageState
    ) {
        for stage in stages where failure == nil && running.count < Self.width {
            guard done[stage.number] == nil, running[stage.number] == nil,
                stage.needs.allSatisfy({ done[$0] != nil })
            else { continue }
            let needed = done.filter { stage.needs.contains($0.key) }
            let worker = Worker { [events] in
                events.finish(stage.number, Result { try body(stage, needed) })
            }
            guard worker.isStarted else {
                do { try worker.join() } catch { fail(error) }
                return
            }
            running[stage.number] = worker
        }
    }
}
