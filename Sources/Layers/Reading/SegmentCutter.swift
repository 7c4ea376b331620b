import Compression

/// Cuts a compressed layer, as it is read, into segments that threads can open side by side.
///
/// Gzip has no index: a member's beginning is guessed (``GzipBoundary``), and
/// the next one ends it. Zstd frames say how long they are. What is too large to
/// wait for its end, or will give too much, goes on in stretches for which
/// nothing is believed.
struct SegmentCutter {
    /// The least that a segment and its content hold together, so that tiny members do not cost a hand-over each.
    static let least = 64 << 10
    /// The most that a member or frame, and its content, may have for a segment to be believed.
    static let most = 4 << 20
    /// The least bytes of a stretch without belief, at the layer's end aside.
    static let stretch = 256 << 10

    private let form: StoredForm
    private var buffer: [UInt8] = []
    /// Where in the buffer the segment begins that is being gathered.
    private var start = 0
    /// Where parts of it end, so far as that is known or guessed.
    private var ends: [Int] = []
    private var contentSize = 0
    /// Whether the segment so far is made of parts to be believed.
    private var isGuess: Bool
    /// Up to where the buffer was searched.
    private var searched = 0
    /// Whether a frame was met whose end is too far away.
    private var isEndless = false

    init(_ form: StoredForm) {
        self.form = form
        // Where a zstd frame begins and ends is known; that a gzip member begins must be seen.
        isGuess = form == .zstd
    }

    /// Adds what was read next.
    mutating func append(_ bytes: [UInt8]) {
        if start > 0 {
            buffer.removeFirst(start)
            ends = ends.map { $0 - start }
            searched -= start
            start = 0
        }
        buffer += bytes
    }

    /// A segment that is ready.
    mutating func next() -> CompressedSegment? {
        form == .gzip ? nextMembers() : nextFrames()
    }

    /// What is left at the end of the layer, once ``next()`` gives nothing.
    mutating func finish() -> CompressedSegment? {
        guard start < buffer.count else { return nil }
        if form == .gzip, isGuess { endMember(at: buffer.count) }
        if ends.last != buffer.count { isGuess = false }
        return cut(at: buffer.count)
    }

    private mutating func nextMembers() -> CompressedSegment? {
        while let place = GzipBoundary.next(in: buffer.span, from: searched) {
            searched = place + 1
            guard place > start else {
                isGuess = true
                continue
            }
            if isGuess, !endMember(at: place) { continue }
            guard isWorthwhile(at: place) else { continue }
            defer { isGuess = true }
            return cut(at: place)
        }
        // A header that the buffer's end divides is found next time.
        let whole = max(start, buffer.count - GzipBoundary.length + 1)
        searched = max(searched, whole)
        if buffer.count - start > Self.most { isGuess = false }
        guard !isGuess, whole - start >= Self.stretch else { return nil }
        return cut(at: whole)
    }

    /// Notes the end of a member; `false` where none can end.
    @discardableResult
    private mutating func endMember(at place: Int) -> Bool {
        let begin = ends.last ?? start
        guard place - begin >= GzipBoundary.leastMember else { return false }
        note(place, GzipDecompressor.contentSize(of: buffer.span.extracting(begin..<place)))
        return true
    }

    private mutating func nextFrames() -> CompressedSegment? {
        while !isEndless, let frame = Self.frame(in: buffer.span, at: ends.last ?? start) {
            note(frame.end, frame.contentSize)
            guard isWorthwhile(at: frame.end) else { continue }
            defer { isGuess = true }
            return cut(at: frame.end)
        }
        let begin = ends.last ?? start
        if buffer.count - begin > Self.most { isEndless = true }
        guard isEndless else { return nil }
        // What is known goes first: no later frame's beginning will be known any more.
        if isGuess, let end = ends.last { return cut(at: end) }
        isGuess = false
        return buffer.count - start >= Self.stretch ? cut(at: buffer.count) : nil
    }

    private static func frame(in bytes: Span<UInt8>, at begin: Int) -> (end: Int, contentSize: Int?)? {
        let rest = bytes.extracting(begin..<bytes.count)
        guard let length = ZstdDecompressor.length(of: rest) else { return nil }
        return (begin + length, ZstdDecompressor.contentSize(of: rest))
    }

    private mutating func note(_ end: Int, _ size: Int?) {
        ends.append(end)
        guard let size, size <= Self.most else {
            isGuess = false
            return
        }
        contentSize += size
    }

    private func isWorthwhile(at place: Int) -> Bool {
        place - start + (isGuess ? contentSize : 0) >= Self.least
    }

    private mutating func cut(at place: Int) -> CompressedSegment {
        let bytes = Array(buffer[start..<place])
        let segment =
            isGuess
            ? CompressedSegment(bytes, ends: ends.map { $0 - start }, contentSize: contentSize)
            : CompressedSegment(bytes)
        (start, ends, contentSize) = (place, [], 0)
        return segment
    }
}
