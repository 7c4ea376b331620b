import Build
import Linux

extension CopyRequest {
    /// Copies, and says what happened; the digest goes to standard output.
    func run(_ messages: OutputOptions) throws {
        let console = Console(messages)
        let copied: CopiedImage
        do {
            copied = try ImageCopier(self, progress: console.show).copy()
        } catch {
            console.clear()
            throw error
        }
        console.say(copied.summary, "moved")
        if copied.attachments > 0 {
            console.say("attached    \(copied.attachments) attestations and signatures came along")
        }
        try StandardStreams.writeOutput(Array("\(copied.digest)\n".utf8))
    }
}
