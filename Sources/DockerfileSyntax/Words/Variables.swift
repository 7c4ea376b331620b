/// The variables that words are expanded with: names and values.
///
/// Names are compared byte by byte.
public struct Variables: Sendable {
    private var values: [[UInt8]: String] = [:]

    /// No variables.
    public init() {}

    /// Variables from names and values; of two of a name the last counts.
    public init(_ variables: some Sequence<(String, String)>) {
        for (name, value) in variables { self[name] = value }
    }

    /// The value of a variable, `nil` where it is not set; an empty value is a value.
    public subscript(name: String) -> String? {
        get { values[Array(name.utf8)] }
        set { values[Array(name.utf8)] = newValue }
    }

    subscript(name: [UInt8]) -> String? { values[name] }
}

/// The variables that an expansion asked for, whether or not their values came into the result.
public struct VariableUse: Sendable, Hashable {
    /// Those that were set, in the order of their first use.
    public private(set) var used: [String] = []
    /// Those that were not set, in the order of their first use.
    public private(set) var unset: [String] = []
    private var seen: Set<[UInt8]> = []

    /// None.
    public init() {}

    mutating func note(_ name: [UInt8], isSet: Bool) {
        guard seen.insert(name).inserted else { return }
        let name = String(decoding: name, as: UTF8.self)
        if isSet { used.append(name) } else { unset.append(name) }
    }

    /// Adds what another expansion asked for.
    public mutating func add(_ other: VariableUse) {
        for name in other.used { note(Array(name.utf8), isSet: true) }
        for name in other.unset { note(Array(name.utf8), isSet: false) }
    }
}
