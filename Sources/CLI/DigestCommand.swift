import ArgumentParser
import Build
import Linux
import OCI
import SystemPackage

struct DigestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "digest",
        abstract: "Prints SHA-256 digests in sha256sum's format, several files side by side.")

    @Argument(help: "Files; - is standard input.")
    var files: [PathArgument] = [PathArgument.standardInput]

    @Option(help: "Threads at most; as many as there are processors by default.")
    var jobs: Int?

    func validate() throws {
        if let jobs, jobs < 1 { throw ValidationError("--jobs: give 1 or more") }
    }

    func run() throws {
        var hasFailed = false
        var failure: (any Error)?
        try FileDigests.each(of: files.map(\.path), jobs: jobs ?? Machine.processors) { path, result in
            do {
                try StandardStreams.writeOutput(line(path, try result.get().hex))
            } catch let error as Interruption {
                failure = error
            } catch {
                StandardStreams.writeError("varve: \(error)\n")
                hasFailed = true
            }
        }
        if let failure { throw failure }
        if hasFailed { throw ReportedFailure() }
    }

    /// A name with a newline, return or backslash is escaped, and the line begins with a backslash, as GNU's does.
    private func line(_ path: FilePath, _ digest: String) -> [UInt8] {
        var name: [UInt8] = []
        for byte in path.bytes {
            switch byte {
            case UInt8(ascii: "\n"): name += "\\n".utf8
            case UInt8(ascii: "\r"): name += "\\r".utf8
            case UInt8(ascii: "\\"): name += "\\\\".utf8
            default: name.append(byte)
            }
        }
        return (name == path.bytes ? "" : "\\").utf8 + Array(digest.utf8) + "  ".utf8 + name + "\n".utf8
    }
}

extension PathArgument {
    static let standardInput = PathArgument(path: "-")

    private init(path: FilePath) { self.path = path }
}
