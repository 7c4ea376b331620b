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
        var names = files.map(\.bytes)[...]
        try FileDigests.each(of: files.map(\.opened), jobs: jobs ?? Machine.processors) { _, result in
            let name = names.removeFirst()
            do {
                try StandardStreams.writeOutput(line(name, try result.get().hex))
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
    private func line(_ path: [UInt8], _ digest: String) -> [UInt8] {
        var name: [UInt8] = []
        for byte in path {
            switch byte {
            case UInt8(ascii: "\n"): name += "\\n".utf8
            case UInt8(ascii: "\r"): name += "\\r".utf8
            case UInt8(ascii: "\\"): name += "\\\\".utf8
            default: name.append(byte)
            }
        }
        return (name == path ? "" : "\\").utf8 + Array(digest.utf8) + "  ".utf8 + name + "\n".utf8
    }
}

extension PathArgument {
    static let standardInput = PathArgument(path: "-")

    private init(path: FilePath) { (self.path, bytes) = (path, path.bytes) }

    /// What opens it: with a slash at its end it must be a directory.
    var opened: FilePath { bytes.last == UInt8(ascii: "/") ? path.appending(".") : path }
}
