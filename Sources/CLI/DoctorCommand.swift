import ArgumentParser
import Build
import Linux
import OCI

/// `varve doctor`.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Says how programs of a Dockerfile can be run here, and what would give more.",
        discussion: "The exit code is 1 where no RUN works.")

    @Flag(help: "One JSON object.")
    var json = false

    func run() throws {
        // First of all: a process with threads enters no user namespace.
        let diagnosis = try Diagnosis()
        let text =
            json
            ? String(decoding: diagnosis.json.serialized(indent: 2), as: UTF8.self) + "\n"
            : DiagnosisTable(diagnosis).text
        try StandardStreams.writeOutput(Array(text.utf8))
        if !diagnosis.works { throw ReportedFailure(kind: .system) }
    }
}
