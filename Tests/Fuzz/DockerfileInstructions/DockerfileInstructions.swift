import DockerfileSyntax

/// Bytes as what follows FROM: an instruction is read again from its own text, and a trigger from its image.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzDockerfileInstructions(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let file = try? Dockerfile(parsing: Array("FROM a\n".utf8) + bytes) else { return 0 }
    for instruction in file.stages.flatMap(\.instructions) {
        check(instruction)
        let hasHeredocs = instruction.lines.count > 1 && instruction.text.contains("<<")
        // Comments and escapes before a line's end vanish with the end; what is left may end with one.
        guard !hasHeredocs, instruction.escape == .backslash, !instruction.text.hasSuffix("\\"),
            ![.from, .maintainer, .onbuild].contains(instruction.keyword),
            !instruction.text.utf8.contains(10), instruction.text.utf8.count < 60_000
        else { continue }
        guard let again = try? Instruction(trigger: instruction.text) else {
            fatalError("\(instruction.text) is refused")
        }
        precondition(again.text == instruction.text && again.keyword == instruction.keyword)
    }
    return 0
}

private func check(_ instruction: Instruction) {
    switch instruction.content {
    case .onbuild(let trigger):
        guard instruction.escape == .backslash, !instruction.text.hasSuffix("\\") else { return }
        guard let inner = try? Instruction(trigger: trigger.text) else {
            fatalError("\(trigger.text) is refused")
        }
        precondition(inner.keyword == trigger.keyword)
    case .run(let run): _ = run.invocation
    case .copy(let copy): precondition(!copy.transfer.sources.isEmpty)
    case .healthcheck(.command(_, let times)): precondition(times.interval >= 0 && times.retries >= 0)
    default: break
    }
}
