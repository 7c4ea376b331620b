import DockerfileSyntax

/// The variables of a stage as far as it has come: of its base, ENV and ARG; the later one of a name counts.
///
/// Source: BuildKit, where ARG after ENV wins, and ENV after ARG.
struct StageVariables {
    /// Names and values, in the order in which the names came up.
    private(set) var all: [(name: String, value: String)] = []
    /// The same for words.
    private(set) var words = Variables()
    /// The arguments that were declared, in order.
    private(set) var arguments: [String] = []

    /// Those of a base's configuration.
    init(environment: [String]) {
        for text in environment {
            let variable = NameAndValue(text)
            set(variable.name, variable.value ?? "")
        }
    }

    /// Gives a variable a value.
    mutating func set(_ name: String, _ value: String) {
        if words[name] == nil {
            all.append((name, value))
        } else if let place = all.firstIndex(where: { $0.name.utf8.elementsEqual(name.utf8) }) {
            all[place].value = value
        }
        words[name] = value
    }

    /// Declares an argument; without a value it is not set.
    mutating func declare(_ name: String, _ value: String?) {
        if !arguments.contains(where: { $0.utf8.elementsEqual(name.utf8) }) { arguments.append(name) }
        if let value { set(name, value) }
    }
}
