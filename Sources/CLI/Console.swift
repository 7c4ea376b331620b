import Build
import Linux
import OCI

/// What a person sees while a command works: on standard error, whose own the results never are.
final class Console {
    private let isQuiet: Bool
    private let format: LogFormat
    private let columns: Int?
    private let start = Machine.ticks
    private var lastShown: UInt64 = 0
    private var hasLiveLine = false
    private var packed: (bytesIn: Int64, bytesOut: Int64, entries: Int)?

    init(isQuiet: Bool = false, _ format: LogFormat = .text) {
        (self.isQuiet, self.format) = (isQuiet, format)
        columns = format == .text ? StandardStreams.terminalColumns : nil
    }

    convenience init(_ options: OutputOptions) { self.init(isQuiet: options.quiet, options.logFormat) }

    func show(_ progress: Progress) {
        switch progress {
        case .packing(let bytesIn, let bytesOut, let entries):
            packed = (bytesIn, bytesOut, entries)
            showLive(
                "packing  \(Quantity.bytes(bytesIn))  \(rate(bytesIn))/s  \(Quantity.count(entries)) entries")
        case .unpacking(let layer, let count, let bytes):
            showLive("unpacking layer \(layer) of \(count)  \(Quantity.bytes(bytes))  \(rate(bytes))/s")
        case .checking(let bytes):
            showLive("checking  \(Quantity.bytes(bytes))  \(rate(bytes))/s")
        case .reading(let layer, let count, let bytes):
            showLive("reading layer \(layer) of \(count)  \(Quantity.bytes(bytes))  \(rate(bytes))/s")
        case .transferring(let blobs, let count, let bytes, let total):
            showLive(
                "\(blobs) of \(count) blobs  \(Quantity.bytes(bytes)) of \(Quantity.bytes(total))  \(rate(bytes))/s"
            )
        case .fetching(let what, let bytes, let total):
            let all = total.map { " of \(Quantity.bytes($0))" } ?? ""
            showLive("fetching \(what)  \(Quantity.bytes(bytes))\(all)  \(rate(bytes))/s")
        case .instruction(let step): sayInstruction(step)
        case .output(let output): sayOutput(output)
        case .transferred(let blob): sayTransferred(blob)
        case .note(let note): self.note("\(note)")
        }
    }

    /// Says that something is otherwise than it may be expected.
    func note(_ text: String) { say(level: "note", "note: \(text)", text) }

    /// Says where an image is, and its digest: on standard output, unless an archive went there.
    func say(
        _ image: PublishedImage, in outputs: [[UInt8]], isSigned: Bool, usesStandardOutput: Bool
    ) throws {
        sayPlaces(of: image, outputs, isSigned: isSigned)
        if usesStandardOutput {
            sayResult("\(image.manifest.digest)")
        } else {
            try StandardStreams.writeOutput(Array("\(image.manifest.digest)\n".utf8))
        }
    }

    /// Says where an image is, and what is said of it.
    func sayPlaces(of image: PublishedImage, _ outputs: [[UInt8]], isSigned: Bool) {
        for output in outputs { say("image       \(escaped(output))") }
        for path in image.provenance {
            say("provenance  \(path.escapedDescription)\(isSigned ? "" : " (not signed)")")
        }
    }

    /// Says what becomes of an instruction.
    private func sayInstruction(_ step: InstructionProgress) {
        let line = "[\(step.stage) \(step.number)/\(step.count)] \(InstructionText(step.text))"
        switch step.outcome {
        // Who builds for the first time knows that.
        case .begun(.nothingYet): say(line)
        case .begun(let reason): say("\(line)  (\(reason))")
        case .kept: say("\(line)  cached")
        case .made(let bytes): say("\(line)  \(Quantity.bytes(bytes))")
        }
    }

    /// A line of a program's.
    private func sayOutput(_ output: ProgramOutput) {
        guard !isQuiet else { return }
        clear()
        switch format {
        case .text:
            StandardStreams.writeError(
                "[\(output.stage) \(output.number)/\(output.count)] | \(output.text)\n")
        case .json:
            let object: JSONValue = [
                "level": "output", "stage": .string(output.stage), "step": .number(JSONNumber(output.number)),
                "message": .string(output.text),
            ]
            StandardStreams.writeError(String(decoding: object.serialized(), as: UTF8.self) + "\n")
        }
    }

    /// A fault that was found, among others.
    func sayFault(_ text: String) {
        clear()
        switch format {
        case .text: StandardStreams.writeError("varve: \(text)\n")
        case .json:
            let object: JSONValue = [
                "level": "error", "class": .string(ErrorClass.integrity.rawValue), "message": .string(text),
            ]
            StandardStreams.writeError(String(decoding: object.serialized(), as: UTF8.self) + "\n")
        }
    }

    /// A line of the result, for a person.
    func say(_ text: String) { say(level: "info", text, text) }

    /// A result that has no other place, said however quiet the rest is.
    func sayResult(_ text: String) {
        clear()
        write(level: "result", text, text)
    }

    /// What was packed, once it is.
    func sayPacked() {
        guard let packed else { return }
        let seconds = Double(Machine.ticks - start) / 1e9
        say(
            "packed \(Quantity.count(packed.entries)) entries, \(Quantity.bytes(packed.bytesIn)), into "
                + "\(Quantity.bytes(packed.bytesOut)) in \(Quantity.seconds(seconds))")
    }

    private func sayTransferred(_ blob: TransferredBlob) {
        let outcome =
            switch blob.outcome {
            case .moved: "done"
            case .existing: "already there"
            case .mounted: "taken over from another repository"
            }
        say("\(blob.digest)  \(Quantity.bytes(blob.size))  \(outcome)")
    }

    /// What a transfer came to.
    func say(_ summary: TransferSummary, _ verb: String) {
        let (moved, existing, mounted) = (
            summary.total(.moved), summary.total(.existing), summary.total(.mounted)
        )
        let rest = [(existing, "already there"), (mounted, "taken over")].filter { $0.0.count > 0 }.map {
            ", \($0.0.count) \($0.1), \(Quantity.bytes($0.0.bytes))"
        }
        say(
            "\(verb) \(moved.count) blob\(moved.count == 1 ? "" : "s"), \(Quantity.bytes(moved.bytes))"
                + rest.joined())
    }

    private func say(level: String, _ line: String, _ message: String) {
        guard !isQuiet else { return }
        clear()
        write(level: level, line, message)
    }

    private func write(level: String, _ line: String, _ message: String) {
        switch format {
        case .text: StandardStreams.writeError(line + "\n")
        case .json:
            let object: JSONValue = ["level": .string(level), "message": .string(message)]
            StandardStreams.writeError(String(decoding: object.serialized(), as: UTF8.self) + "\n")
        }
    }

    private func rate(_ bytes: Int64) -> String {
        // No faster than a number can say.
        let seconds = max(Double(Machine.ticks - start) / 1e9, 1e-3)
        return Quantity.bytes(Int64(min(Double(bytes) / seconds, 1e18)))
    }

    private func showLive(_ text: @autoclosure () -> String) {
        guard !isQuiet else { return }
        // Ten times a second for a person; a line every ten seconds for a log.
        let pause: UInt64 = columns == nil ? 10_000_000_000 : 100_000_000
        let now = Machine.ticks
        guard now - max(lastShown, start) >= pause else { return }
        lastShown = now
        let text = text()
        guard let columns else { return say(text) }
        StandardStreams.writeError("\r\(text.prefix(max(columns - 1, 0)))\u{1B}[K")
        hasLiveLine = true
    }

    /// Takes the live line away.
    func clear() {
        if hasLiveLine { StandardStreams.writeError("\r\u{1B}[K") }
        hasLiveLine = false
    }
}
