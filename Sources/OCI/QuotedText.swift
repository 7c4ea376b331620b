extension String {
    /// The text between quotation marks for a message: control characters
    /// escaped, so that it cannot steer a terminal, and at most 120 characters long.
    public var quoted: String {
        var result = "\""
        for (offset, scalar) in unicodeScalars.enumerated() {
            guard offset < 120 else { return result + "…\"" }
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case _ where scalar.properties.isSafeToPrint: result.unicodeScalars.append(scalar)
            default: result += "\\u{" + String(scalar.value, radix: 16) + "}"
            }
        }
        return result + "\""
    }
}

extension Unicode.Scalar.Properties {
    /// Whether a terminal shows the scalar and does nothing else with it.
    fileprivate var isSafeToPrint: Bool {
        switch generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
            false
        default: true
        }
    }
}
