import Build
import Linux
import OCI

/// What a verification found, for a person; all that attestations say is escaped.
struct VerificationReport {
    private let verification: Verification

    init(_ verification: Verification) { self.verification = verification }

    /// Writes it, and ends the command by what was found.
    ///
    /// - Throws: ``ReportedFailure`` where it does not pass, `FileError`.
    func end(on console: Console, isQuiet: Bool, asJSON: Bool = false) throws {
        let output = ResultStream(console)
        if asJSON {
            try output.write(String(decoding: verification.json.serialized(indent: 2), as: UTF8.self) + "\n")
        } else if !isQuiet || !verification.passes {
            try output.write(text)
        }
        try output.flush()
        guard verification.passes else {
            console.sayFault(reason)
            throw ReportedFailure(kind: .integrity)
        }
    }

    private var text: String {
        var lines = [
            "artifact    \(escaped(verification.artifact.utf8))", "digest      \(verification.digest)",
        ]
        lines += verification.faults.map { "FAILED      \(escaped($0.utf8))" }
        if verification.faults.isEmpty {
            lines.append(
                verification.areLayersRead
                    ? "bytes       as the digest says"
                    : "bytes       the manifest's as the digest says; layers are compared when they are fetched"
            )
        }
        let shown = verification.passing.map { [$0] } ?? verification.attestations
        for attestation in shown {
            lines += ["", "attestation \(escaped(attestation.place.utf8))"]
            lines += attestation.answers.map(line)
        }
        let others = verification.attestations.count - shown.count
        if others > 0 { lines += [""] + verification.attestations.filter { !$0.passes }.map(summary) }
        lines += verification.unreadable.map { "unreadable  \(escaped($0.utf8))" }
        if let rebuild = verification.rebuild {
            let word = rebuild.isReproduced ? "reproduced" : "DIFFERENT "
            lines += ["", "\(word)  \(escaped(rebuild.detail.utf8))"]
        }
        if let denials = verification.denials {
            lines += ["", denials.isEmpty ? "policies    ok" : "policies    DENIED"]
            lines += denials.map { "  \(escaped($0.utf8))" }
        }
        lines += ["", verification.passes ? "passed" : "FAILED"]
        return lines.joined(separator: "\n") + "\n"
    }

    private func line(_ answer: Verification.Answer) -> String {
        let outcome = answer.isFailure ? "FAILED" : answer.outcome
        return "  \(padded(answer.question, 17))\(padded(outcome, 10))\(escaped(answer.detail.utf8))"
    }

    private func summary(_ attestation: Verification.Attestation) -> String {
        "not counted \(escaped(attestation.place.utf8)): \(failure(attestation))"
    }

    private func failure(_ attestation: Verification.Attestation) -> String {
        guard let answer = attestation.answers.first(where: \.isFailure) else { return "passes" }
        return "\(answer.question): \(escaped(answer.detail.utf8))"
    }

    /// Why it failed, in one line.
    private var reason: String {
        if let fault = verification.faults.first { return escaped(fault.utf8) }
        if let rebuild = verification.rebuild, !rebuild.isReproduced {
            return "built again it is another image: \(escaped(rebuild.detail.utf8))"
        }
        if let first = verification.denials?.first, let count = verification.denials?.count {
            return "the policies deny it: \(escaped(first.utf8))"
                + (count > 1 ? " (and \(count - 1) more)" : "")
        }
        guard let best = verification.attestations.first else {
            let more = verification.unreadable.first.map { "; \(escaped($0.utf8))" } ?? ""
            return "nobody attested \(escaped(verification.artifact.utf8))\(more)"
        }
        return "no attestation passes: \(failure(best))"
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}
