import DockerfileSyntax

/// Bytes as a Dockerfile: instructions stand in order and within the file, errors point into it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzDockerfileLines(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
    do {
        let file = try Dockerfile(parsing: bytes)
        let all = file.globalArguments + file.stages.flatMap { [$0.instruction] + $0.instructions }
        var last = 0
        for instruction in all {
            precondition(instruction.lines.lowerBound > last && instruction.lines.upperBound <= lines.count)
            precondition(instruction.lines.contains(instruction.position.line) && !instruction.text.isEmpty)
            last = instruction.lines.upperBound
        }
        precondition(file.warnings.allSatisfy { (1...lines.count).contains($0.position.line) })
        precondition(file.warnings == file.warnings.sorted { $0.position < $1.position })
    } catch {
        precondition((1...max(lines.count, 1)).contains(error.position.line))
        let length = lines.isEmpty ? 0 : lines[error.position.line - 1].count
        precondition((1...(length + 4)).contains(error.position.column))
        precondition(error.excerpt.utf8.count < 2_000 && error.description.utf8.count < 2_000)
    }
    return 0
}
