extension StringProtocol {
    /// Whether both texts have the same UTF-8 bytes.
    ///
    /// `==` takes canonically equivalent texts for equal: the Kelvin sign for a K. Who compares what somebody else wrote
    /// with what is trusted must not.
    public func isIdentical(to other: some StringProtocol) -> Bool { utf8.elementsEqual(other.utf8) }

    /// The text with A to Z in lower case, and nothing else changed.
    public var inLowerCaseASCII: String {
        String(decoding: utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }, as: UTF8.self)
    }
}
