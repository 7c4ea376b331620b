import Linux

/// What the program's own name says: under Kaniko's names it does what Kaniko's programs do.
struct CalledAs {
    /// The words that stand before the arguments then.
    let words: [String]

    /// The name that this process was started with.
    static var current: CalledAs { CalledAs(name: ProcessArguments.programName) }

    /// - Parameter name: Its bytes, with or without the directory.
    init(name: [UInt8]) {
        let base = String(decoding: name.split(separator: UInt8(ascii: "/")).last ?? [], as: UTF8.self)
        words =
            switch base {
            case "executor": ["executor"]
            case "warmer": ["cache", "warm"]
            case let name where name.hasPrefix("kaniko-"):
                ["plugin", String(name.dropFirst("kaniko-".count))]
            default: []
            }
    }
}
