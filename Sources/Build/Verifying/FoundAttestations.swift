import Images
import Linux
import OCI
import Provenance
import SystemPackage

/// Envelopes that were found, and where.
struct FoundAttestations {
    private var lines: [(place: String, line: AttestationLines.Line)] = []
    /// What looked like an attestation and could not be read.
    private(set) var unreadable: [String] = []

    /// Reads a text with envelopes; `place` is for messages.
    mutating func add(_ text: [UInt8], _ place: String) {
        do {
            let read = try AttestationLines(parsing: text)
            lines += read.lines.map { (place, $0) }
            unreadable += read.faults.map { "\(place): \($0)" }
        } catch {
            unreadable.append("\(place): \(error)")
        }
    }

    /// Reads what a layout, an archive or a registry has about an image.
    mutating func add(of source: ImageSource, about image: Digest) {
        let (contents, faults) = source.signedContents(about: image)
        for content in contents { add(content.bytes, content.place.escapedDescription) }
        unreadable += faults.map { "\($0)" }
    }

    /// Asks each of them about an artifact.
    ///
    /// - Returns: Those that pass first: one is enough; of the others the one that came farthest says most.
    /// - Throws: `Interruption`.
    func checked(about digest: Digest, _ trust: Trust) throws -> [Verification.Attestation] {
        let now = Machine.now.seconds
        let checked = try lines.map { place, line in
            try Interruption.check()
            return Verification.Attestation(
                place: place, check: AttestationCheck(line.envelope, about: [digest.hex], trust, now: now),
                text: line.text)
        }
        return checked.filter(\.passes)
            + checked.filter { !$0.passes }.sorted { $0.check.checks.count > $1.check.checks.count }
    }
}
