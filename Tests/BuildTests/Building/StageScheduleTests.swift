import DockerfileSyntax
import Linux
import OCI
import Testing

@testable import Build

@Suite struct StageScheduleTests {
    private struct Failure: Error, Equatable {}

    /// Stages of a file whose COPYs say what they need.
    private func stages(_ file: String) throws -> [PlannedStage] {
        let dockerfile = try Dockerfile(parsing: Array(file.utf8))
        let platform = Platform(os: "linux", architecture: "amd64")
        var planner = try StagePlanner(
            dockerfile, BuildArguments([], build: platform, target: platform, variables: [:]),
            StagePlanner.Finding(
                image: { _, _ in throw Failure() }, context: { _ in nil },
                contextImage: { _, _ in throw Failure() }))
        return try planner.plan(target: nil).stages
    }

    private let diamond = """
        FROM scratch AS a
        FROM scratch AS unused
        FROM a AS b
        FROM a AS c
        FROM scratch
        COPY --from=b / /
        COPY --from=c / /
        """

    @Test func `a stage begins when those that it needs are done, and nothing else is carried out`() throws {
        let order = Monitor<[String]>([])
        _ = try StageSchedule.run(stages(diamond), BuildEvents(), progress: { _ in }) { stage, others in
            order.update { done in
                for number in stage.needs { #expect(others[number] != nil) }
                done.append(stage.name)
            }
            return StageState(scratchFor: stage.platform)
        }
        let done = order.update { $0 }
        #expect(done.first == "a")
        #expect(done.last == "stage-4")
        #expect(Set(done) == ["a", "b", "c", "stage-4"])
    }

    @Test func `a file of thousands of stages is carried out`() throws {
        let many = (1..<4900).map { "FROM s\($0 / 2) AS s\($0)\n" }.joined()
        let all = try stages(
            "FROM scratch AS s0\n" + many + "FROM scratch\n"
                + (2450..<4900).map { "COPY --from=s\($0) / /\n" }.joined())
        #expect(all.count == 4901)
        let done = try StageSchedule.run(all, BuildEvents(), progress: { _ in }) { stage, others in
            #expect(others.count == stage.needs.count)
            return StageState(scratchFor: stage.platform)
        }
        #expect(done.count == 4901)
    }

    @Test func `the first error counts, and what has not begun does not begin`() throws {
        let begun = Monitor(0)
        let events = BuildEvents()
        #expect(throws: Failure.self) {
            _ = try StageSchedule.run(try stages(diamond), events, progress: { _ in }) { stage, _ in
                begun.update { $0 += 1 }
                guard stage.name != "a" else { throw Failure() }
                return StageState(scratchFor: stage.platform)
            }
        }
        #expect(begun.update { $0 } == 1)
    }

    @Test func `whoever tells more than can wait is held back, and not for ever`() throws {
        let events = BuildEvents()
        var count = 0
        _ = try StageSchedule.run(stages(diamond), events, progress: { _ in count += 1 }) { stage, _ in
            for _ in 0..<3000 { events.show(.note(.argumentUnused("A"))) }
            return StageState(scratchFor: stage.platform)
        }
        #expect(count == 4 * 3000)
    }

    @Test(
        "stages that need each other, and stages that are none, are refused",
        arguments: [
            "FROM scratch AS a\nCOPY --from=b / /\nFROM scratch AS b\nCOPY --from=a / /",
            "FROM scratch AS a\nCOPY --from=a / /", "FROM scratch\nCOPY --from=scratch / /",
        ])
    func refused(file: String) {
        #expect(throws: (any Error).self) { try stages(file) }
    }
}
