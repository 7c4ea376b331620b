/// A layer's tar stream, piece by piece, as ``readLayer(_:_:diffID:jobs:_:_:)`` gives it.
public struct LayerStream {
    private let decompression: LayerDecompression

    init(_ decompression: LayerDecompression) { self.decompression = decompression }

    /// The next bytes, never none.
    ///
    /// They are not verified before the stream's end: what they lead to must be undone when ``readLayer`` throws.
    ///
    /// - Throws: What made the stream end early.
    /// - Returns: `nil` at the end.
    public func next() throws -> [UInt8]? { try decompression.next() }
}
