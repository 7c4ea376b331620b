import DockerfileSyntax

/// Lines as a word, and as the values of its variables: expansion ends, and tells what it asked for.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzDockerfileWords(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let lines = bytes.split(separator: 10, maxSplits: 2, omittingEmptySubsequences: false)
    let word = lines.first ?? []
    let values = lines.dropFirst().map { String(decoding: $0, as: UTF8.self) }
    let variables = Variables(zip(["A", "B"], values))
    for keyword in ["USER ", "EXPOSE ", "ENV a=", "LABEL ", "COPY a ", "RUN --mount=", "ARG "] {
        guard let file = try? Dockerfile(parsing: Array("FROM a\n\(keyword)".utf8) + word),
            let instruction = file.stages[0].instructions.first,
            let expansion = try? instruction.expanded(with: variables)
        else { continue }
        precondition(expansion.use.used.allSatisfy { variables[$0] != nil })
        precondition(expansion.use.unset.allSatisfy { variables[$0] == nil })
        precondition(expansion.instruction.lines == instruction.lines)
        let isTold = instruction.text.contains("$") || expansion.use == VariableUse()
        precondition(isTold, "variables without a $")
    }
    return 0
}
