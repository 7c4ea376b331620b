import OCI
import Provenance

extension ImageConfiguration {
    /// Gives variables values; of one that is there the value changes, and its place does not.
    mutating func setVariables(_ variables: some Sequence<(name: String, value: String)>) {
        var all = environment
        for (name, value) in variables {
            let start = "\(name)=".utf8
            let line = "\(name)=\(value)"
            if let place = all.firstIndex(where: { $0.utf8.starts(with: start) }) {
                all[place] = line
            } else {
                all.append(line)
            }
        }
        if all != environment { environment = all }
    }

    /// Says which variables and labels look like secrets: whoever has the image reads them.
    var notesOfSecrets: [Progress.Note] {
        let variables = environment.map { NameAndValue($0) }.filter {
            Redaction.looksSecret(name: $0.name) || Redaction.looksSecret(value: $0.value ?? "")
        }
        let labels = labels.entries.filter {
            Redaction.looksSecret(name: $0.name) || Redaction.looksSecret(value: $0.text)
        }
        return variables.map { .secretInImage(kind: "environment variable", name: $0.name) }
            + labels.map { .secretInImage(kind: "label", name: $0.name) }
    }
}
