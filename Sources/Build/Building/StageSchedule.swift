import Linux

/// Carries out stages, those that need each other one after the other, others at once.
struct StageSchedule {
    /// How many stages are carried out at a time: each compresses on several threads by itself.
    static let width = 4

    private let stages: [PlannedStage]
    private let events: BuildEvents
    private let width: Int
    /// How many stages each one waits for, by its place.
    private var missing: [Int]
    /// The places of those that wait for a stage, by its number.
    private var waiting: [Int: [Int]] = [:]
    /// The places of those that nothing is missing for.
    private var ready: [Int]
    private var done: [Int: StageState] = [:]
    private var running: [Int: Worker<Void>] = [:]
    private var failure: (any Error)?

    private init(_ stages: [PlannedStage], _ events: BuildEvents, width: Int) {
        (self.stages, self.events, self.width) = (stages, events, width)
        missing = stages.map(\.needs.count)
        ready = stages.indices.filter { stages[$0].needs.isEmpty }
        for (place, stage) in stages.enumerated() {
            for number in stage.needs { waiting[number, default: []].append(place) }
        }
    }

    /// Carries them all out.
    ///
    /// - Parameters:
    ///   - stages: With all that they need, without circles.
    ///   - events: Told by the stages' threads.
    ///   - width: How many are carried out at a time.
    ///   - progress: Told on this thread what they tell.
    ///   - body: Carries out one, given those that it needs, on any thread.
    /// - Throws: The first error, once every thread has ended.
    /// - Returns: The stages by their numbers.
    static func run(
        _ stages: [PlannedStage], _ events: BuildEvents, width: Int = Self.width,
        progress: (Progress) -> Void,
        _ body: @escaping @Sendable (PlannedStage, [Int: StageState]) throws -> StageState
    ) throws -> [Int: StageState] {
        var schedule = StageSchedule(stages, events, width: width)
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
                case .success(let state): finish(number, state)
                case .failure(let error): fail(error)
                }
                begin(body)
            }
        }
        if let failure { throw failure }
        return done
    }

    private mutating func finish(_ number: Int, _ state: StageState) {
        done[number] = state
        for place in waiting.removeValue(forKey: number) ?? [] {
            missing[place] -= 1
            if missing[place] == 0 { ready.append(place) }
        }
    }

    private mutating func fail(_ error: any Error) {
        if failure == nil || failure is BuildEvents.Stopped { failure = error }
        events.stop()
    }

    /// Starts what nothing is missing for.
    private mutating func begin(
        _ body: @escaping @Sendable (PlannedStage, [Int: StageState]) throws -> StageState
    ) {
        while failure == nil, running.count < width, !ready.isEmpty {
            let stage = stages[ready.removeFirst()]
            let needed = stage.needs.reduce(into: [Int: StageState]()) { $0[$1] = done[$1] }
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
