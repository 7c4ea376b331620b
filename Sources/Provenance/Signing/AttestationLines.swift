public import Cryptography
import OCI

/// The envelopes of a file: one document, or JSON Lines with one a line.
///
/// The file itself is signed by nobody: lines may be added, left out and reordered, and a line that is no envelope is
/// none of this reader's business.
///
/// Source: in-toto Attestation Framework v1, "Bundle" (`.intoto.jsonl`).
public struct AttestationLines: Sendable {
    /// The most lines.
    public static let limit = 1000

    /// An envelope, and its text as it was found.
    public struct Line: Hashable, Sendable {
        /// What the text says.
        public let envelope: Envelope
        /// The line without its end, or the whole document.
        public let text: [UInt8]
    }

    /// The envelopes in the file's order.
    public let lines: [Line]
    /// Of lines that look like an envelope and are damaged, why.
    public let faults: [EnvelopeError]

    /// The envelopes without their texts.
    public var envelopes: [Envelope] { lines.map(\.envelope) }

    /// Reads them.
    ///
    /// - Parameter text: At most ``Envelope/limit`` bytes.
    /// - Throws: ``EnvelopeError`` for too long a text, or too many lines.
    public init(parsing text: [UInt8]) throws(EnvelopeError) {
        var (lines, faults): ([Line], [EnvelopeError]) = ([], [])
        for text in try Self.documents(in: text) {
            do throws(EnvelopeError) {
                guard let envelope = try Self.envelope(in: text) else { continue }
                lines.append(Line(envelope: envelope, text: text))
            } catch {
                faults.append(error)
            }
        }
        (self.lines, self.faults) = (lines, faults)
    }

    private static func documents(in text: [UInt8]) throws(EnvelopeError) -> [[UInt8]] {
        guard text.count <= Envelope.limit else {
            throw EnvelopeError("\(text.count) bytes, where \(Envelope.limit) are allowed")
        }
        if (try? Envelope.json(parsing: text)) != nil {
            return [Array(text[...(text.lastIndex { !Self.isBlank($0) } ?? 0)])]
        }
        let lines = text.split(separator: UInt8(ascii: "\n")).filter { !$0.allSatisfy(Self.isBlank) }
        guard lines.count <= limit else { throw EnvelopeError("more than \(limit) lines") }
        return lines.map(Array.init)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { [9, 10, 13, 32].contains(byte) }

    /// What a line has signed, alone or in sigstore's bundle; `nil` for JSON of another kind.
    private static func envelope(in text: [UInt8]) throws(EnvelopeError) -> Envelope? {
        let document = try Envelope.json(parsing: text)
        if let envelope = try SigstoreBundle.envelope(in: document) { return envelope }
        return document["payload"] == nil ? nil : try Envelope(json: document)
    }

    // MARK: Adding

    /// The text with one more envelope, in place of the same signer's about the same.
    ///
    /// What others signed stays, also where the payload is the same, and so does what is no envelope.
    ///
    /// - Parameters:
    ///   - envelope: The new one.
    ///   - key: Who signed it.
    ///   - text: What is there.
    ///   - isReplaced: Whether an earlier statement of the same signer goes; one with the same payload does.
    /// - Returns: The lines, each with its end.
    /// - Throws: ``EnvelopeError`` for a text that holds something else, and where there is no room.
    public static func adding(
        _ envelope: Envelope, by key: VerificationKey, to text: [UInt8],
        replacing isReplaced: (ReceivedStatement) -> Bool = { _ in false }
    ) throws(EnvelopeError) -> [UInt8] {
        var lines = try documents(in: text)
        let known = lines.map { try? Self.envelope(in: $0) }
        guard lines.isEmpty || known.contains(where: { $0 != nil }) else {
            throw EnvelopeError("it holds something else, and no attestation")
        }
        if lines.count == 1, lines[0].contains(UInt8(ascii: "\n")) {
            lines = [try Envelope.json(parsing: lines[0]).serialized()]
        }
        lines = zip(lines, known).filter { _, known in
            guard let known, known.isSigned(onlyBy: key) else { return true }
            if known.payload == envelope.payload { return false }
            guard let statement = try? ReceivedStatement(parsing: known.payload) else { return true }
            return !isReplaced(statement)
        }.map(\.0)
        lines.append(envelope.serialized())
        let size = lines.reduce(0) { $0 + $1.count + 1 }
        guard lines.count <= limit, size <= Envelope.limit else {
            throw EnvelopeError("it is full: \(limit) lines and \(Envelope.limit) bytes are allowed")
        }
        return Array(lines.joined(separator: [UInt8(ascii: "\n")])) + [UInt8(ascii: "\n")]
    }
}

extension Envelope {
    /// Whether one key made every signature.
    public func isSigned(onlyBy key: VerificationKey) -> Bool {
        let message = signedBytes
        return signatures.allSatisfy { key.verifies($0.bytes, of: message) }
    }
}
