@testable import Build

/// Bytes as a file of variables, and as what settings of the plugin say.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPlugin(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let text = String(decoding: bytes, as: UTF8.self)
    do {
        for variable in try EnvironmentFile(parsing: bytes, environment: { _ in [36, 65] }).variables {
            precondition(
                !variable.name.isEmpty && !variable.name.utf8.contains(61) && !variable.value.contains(0))
        }
    } catch {
        precondition(!"\(error)".isEmpty)
    }
    precondition(!TagExpansion.tags(of: text).isEmpty)
    let tags = try? AutomaticTags(reference: text, branch: "", suffix: "s").tags(given: [])
    precondition(tags?.isEmpty != true)
    let variables = PluginVariables(["A": text])
    _ = try? variables.pairs("A", between: [";"])
    precondition(!variables.list("A").contains(""))
    return 0
}
