import Testing

@testable import Linux

struct ControlGroupTests {
    @Test(arguments: [
        (100_000, 100_000, 1), (200_000, 100_000, 2), (150_000, 100_000, 2), (50_000, 100_000, 1),
        (1_000, 100_000, 1), (100_001, 100_000, 2), (1_600_000, 100_000, 16), (1, 1, 1),
        (Int.max, 1, Int.max), (Int.max, 2, Int.max / 2 + 1),
    ])
    func `a quota is so many processors, rounded up`(quota: Int, period: Int, processors: Int) {
        #expect(ControlGroup.processors(quota: quota, period: period) == processors)
    }

    @Test(
        arguments: [
            (nil, 100_000), (-1, 100_000), (0, 100_000), (100_000, 0), (100_000, -1), (100_000, nil),
            (nil, nil),
        ] as [(Int?, Int?)])
    func `what limits nothing is no quota`(quota: Int?, period: Int?) {
        #expect(ControlGroup.processors(quota: quota, period: period) == nil)
    }

    @Test func `this process has at least one processor, and no more than it is allowed`() {
        #expect(Machine.processors >= 1)
        #expect((ControlGroup.processorQuota() ?? 1) >= 1)
    }
}
