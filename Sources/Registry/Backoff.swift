import Linux

/// How long to wait before a request is tried again.
///
/// Each wait is twice as long as the one before, less a random part of up to one half: clients that failed
/// together shall not come back together.
public struct Backoff: Hashable, Sendable {
    /// How often a request is tried in all, the first time included.
    public let tries: Int
    /// The first wait, in milliseconds.
    public let firstMilliseconds: Int
    /// The longest wait, in milliseconds; also what a server may ask for.
    public let longestMilliseconds: Int

    /// Waits of one second and more, up to half a minute.
    public init(tries: Int = 5, firstMilliseconds: Int = 1000, longestMilliseconds: Int = 30_000) {
        self.tries = max(tries, 1)
        self.firstMilliseconds = max(firstMilliseconds, 0)
        self.longestMilliseconds = max(longestMilliseconds, 0)
    }

    /// The wait after a failed try.
    ///
    /// - Parameters:
    ///   - failures: How many tries have failed by now, 1 or more.
    ///   - asked: What the server asked for (``RetryAfter``), in seconds.
    ///   - random: A number from 0 up to 1, another one each time.
    /// - Returns: Milliseconds; `nil` where all tries are used up, or the server asked for more than the longest wait.
    public func wait(afterFailures failures: Int, asked: Int64? = nil, random: Double) -> Int? {
        guard failures < tries else { return nil }
        let doublings = min(max(failures - 1, 0), 30)
        let (product, isTooMuch) = firstMilliseconds.multipliedReportingOverflow(by: 1 << doublings)
        let full = isTooMuch ? longestMilliseconds : min(product, longestMilliseconds)
        let own = full - Int(Double(full) / 2 * min(max(random, 0), 1))
        guard let asked else { return own }
        guard asked <= longestMilliseconds / 1000 else { return nil }
        return max(own, Int(asked) * 1000)
    }

    /// Waits as long as ``wait(afterFailures:asked:random:)`` says.
    ///
    /// - Returns: `false`, at once, where there shall be no further try.
    /// - Throws: `Interruption`.
    package func pause(afterFailures failures: Int, asked: Int64? = nil) throws -> Bool {
        guard let wait = wait(afterFailures: failures, asked: asked, random: .random(in: 0..<1)) else {
            return false
        }
        let end = Machine.ticks + UInt64(wait) * 1_000_000
        while Machine.ticks < end {
            try Interruption.check()
            Machine.sleep(milliseconds: UInt32(min(100, wait)))
        }
        return true
    }
}
