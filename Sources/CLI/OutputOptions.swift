import ArgumentParser

/// How messages look.
enum LogFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
}

/// What every command that works for a while has.
struct OutputOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Say nothing but errors.")
    var quiet = false

    @Option(help: "text, or json: one object a line with level, class of error and message.")
    var logFormat = LogFormat.text
}
