import Linux

/// Results on their way to standard output: collected, for a line of a million costs no call each.
final class ResultStream {
    private static let piece = 64 << 10
    private let console: Console
    private var waiting: [UInt8] = []

    /// The console's live line gives way whenever something is written.
    init(_ console: Console) { self.console = console }

    /// Adds a text.
    func write(_ text: some StringProtocol) throws {
        waiting += text.utf8
        if waiting.count >= Self.piece { try flush() }
    }

    /// Writes what is left.
    func flush() throws {
        console.clear()
        guard !waiting.isEmpty else { return }
        try StandardStreams.writeOutput(waiting)
        waiting.removeAll(keepingCapacity: true)
    }
}
