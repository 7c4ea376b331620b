import Build
import Linux

extension CopyRequest {
    /// Copies, and says what happened; the digest goes to standard output.
    func run(_ console: Console) throws {
        let copied: CopiedImage
        do {
            copied = try ImageCopier(self, progress: console.show).copy()
        } catch {
            console.clear()
            throw error
        }
        console.say(copied.summary, "moved")
        if copied.attachments > 0 {
            let many = "\(copied.attachments) attestations and signatures"
            console.say(
                "attached    \(copied.attachments == 1 ? "1 attestation or signature" : many) came along")
        }
        try StandardStreams.writeOutput(Array("\(copied.digest)\n".utf8))
    }
}
