import Linux
import SystemPackage

extension CIOutput {
    /// Tells the system.
    ///
    /// Where a system has one file for all that a step does, the lines join those that are there.
    ///
    /// - Throws: ``BuildError/publishedUntold(_:to:_:)``; `Interruption`.
    func tell(_ result: CIResult) throws {
        do {
            switch self {
            case .drone(let path): try File.append(result.drone, to: path)
            case .github(let output, let summary):
                try File.append(result.github, to: output)
                if let summary { try File.append(result.summary, to: summary) }
            case .gitlab(let path): try Self.replace(path, by: result.gitlab)
            case .tekton(let directory):
                for (name, content) in result.tekton {
                    try Self.replace(directory.appending(name), by: content)
                }
            case .azure: try StandardStreams.writeOutput(result.azure)
            }
        } catch {
            try Interruption.check()
            throw BuildError.publishedUntold(result.digest, to: system, "\(error)")
        }
    }

    private static func replace(_ path: FilePath, by content: [UInt8]) throws(FileError) {
        var file = try StagedFile(at: path, content)
        try file.publish()
        file.keep()
    }
}
