extension String {
    /// The text in quotation marks for a message, escaped and at most 80 characters long.
    var shown: String {
        let scalars = unicodeScalars
        guard scalars.count > 80 else { return debugDescription }
        return String(UnicodeScalarView(scalars.prefix(80))).debugDescription + "…"
    }
}
