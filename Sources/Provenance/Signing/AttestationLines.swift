import OCI

/// The envelopes of a file: one document, or JSON Lines with one a line.
///
/// The file itself is signed by nobody: lines may be added, left out and reordered, and a line that is no envelope is
/// none of this reader's business.
///
/// Source: in-toto Attestation Framework v1, "Bundle" (`.intoto.jsonl`).
public enum AttestationLines {
    /// The most lines.
    public static let limit = 10_000

    /// Reads them.
    ///
    /// - Parameter text: At most ``Envelope/limit`` bytes.
    /// - Throws: ``EnvelopeError`` for too long a text, or too many lines.
    /// - Returns: The envelopes in the file's order, and of lines that look like one and are damaged, why.
    public static func parse(
        _ text: [UInt8]
    ) throws(EnvelopeError) -> (envelopes: [Envelope], faults: [EnvelopeError]) {
        guard text.count <= Envelope.limit else {
            throw EnvelopeError("\(text.count) bytes, where \(Envelope.limit) are allowed")
        }
        if let whole = try? Envelope.json(parsing: text) {
            return read([whole])
        }
        let lines = text.split(separator: UInt8(ascii: "\n")).filter {
            !$0.allSatisfy { $0 == 32 || $0 == 13 }
        }
        guard lines.count <= limit else { throw EnvelopeError("more than \(limit) lines") }
        var faults: [EnvelopeError] = []
        var documents: [JSONValue] = []
        for line in lines {
            do throws(EnvelopeError) {
                documents.append(try Envelope.json(parsing: Array(line)))
            } catch {
                faults.append(error)
            }
        }
        let (envelopes, more) = read(documents)
        return (envelopes, faults + more)
    }

    private static func read(_ documents: [JSONValue]) -> (envelopes: [Envelope], faults: [EnvelopeError]) {
        var envelopes: [Envelope] = []
        var faults: [EnvelopeError] = []
        for document in documents {
            do throws(EnvelopeError) {
                if let envelope = try SigstoreBundle.envelope(in: document) {
                    envelopes.append(envelope)
                } else if document["payload"] != nil {
                    envelopes.append(try Envelope(json: document))
                }
            } catch {
                faults.append(error)
            }
        }
        return (envelopes, faults)
    }

    /// The text with one more envelope, in place of one with the same payload.
    ///
    /// - Parameters:
    ///   - envelope: The new one.
    ///   - text: What is there.
    ///   - isKept: Whether an earlier statement stays; what is none stays as it is.
    /// - Returns: The lines, each with its end.
    public static func adding(
        _ envelope: Envelope, to text: [UInt8], keeping isKept: (ReceivedStatement) -> Bool = { _ in true }
    ) -> [UInt8] {
        var lines: [[UInt8]] = []
        for line in text.split(separator: UInt8(ascii: "\n")).map(Array.init) {
            let known = (try? Envelope.json(parsing: line)).flatMap { try? Envelope(json: $0) }
            if let known {
                guard known.payload != envelope.payload else { continue }
                if let statement = try? ReceivedStatement(parsing: known.payload), !isKept(statement) {
                    continue
                }
            }
            lines.append(line)
        }
        lines.append(envelope.serialized())
        return Array(lines.joined(separator: [UInt8(ascii: "\n")])) + [UInt8(ascii: "\n")]
    }
}
