/// Tells when a transfer takes too long.
///
/// Libcurl's own low-speed limit counts the time that the two closures take, and does not tell a server that
/// thinks from a connection that is dead.
struct TransferClock {
    /// Bytes of heads, which libcurl does not count.
    var headerBytes: Int64 = 0

    private let request: Request
    private let stallTimeout: Duration
    private let answerTimeout: Duration
    private let leastBytes: Int64
    private let start = SuspendingClock().now
    private var windowStart = SuspendingClock().now
    private var windowBytes: Int64 = 0
    private var wasWaiting = false

    init(_ request: Request, _ settings: ConnectionSettings) {
        self.request = request
        stallTimeout = settings.stallTimeout
        answerTimeout = request.answerTimeout ?? settings.stallTimeout
        leastBytes = settings.leastBytes
    }

    /// Runs work of our own, whose time is not the peer's.
    mutating func pausing<Value>(_ body: () throws -> Value) rethrows -> Value {
        let before = SuspendingClock().now
        defer { windowStart += before.duration(to: SuspendingClock().now) }
        return try body()
    }

    /// - Throws: ``HTTPError`` when the request's time is over, or too little has moved for too long.
    mutating func check(moved: Int64, isWaitingForAnswer: Bool) throws {
        let now = SuspendingClock().now
        if let deadline = request.deadline, start.duration(to: now) >= deadline {
            throw HTTPError(.deadlinePassed, request, "not done within \(deadline.inSeconds)")
        }
        let moved = moved + headerBytes
        if isWaitingForAnswer != wasWaiting || moved - windowBytes >= leastBytes {
            (windowStart, windowBytes, wasWaiting) = (now, moved, isWaitingForAnswer)
        }
        let limit = isWaitingForAnswer ? answerTimeout : stallTimeout
        guard windowStart.duration(to: now) >= limit else { return }
        let words =
            isWaitingForAnswer
            ? "no answer for \(limit.inSeconds)"
            : "\(moved - windowBytes) bytes in \(limit.inSeconds): the transfer stalls"
        throw HTTPError(.stalled, request, words)
    }
}

extension Duration {
    /// `30 s`, for a message.
    fileprivate var inSeconds: String {
        let thousandths = milliseconds
        return thousandths % 1_000 == 0 ? "\(thousandths / 1_000) s" : "\(thousandths) ms"
    }
}
