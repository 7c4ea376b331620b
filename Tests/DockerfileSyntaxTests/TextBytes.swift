extension [UInt8] {
    /// The bytes of a text.
    init(_ text: String) { self = Array(text.utf8) }
}
