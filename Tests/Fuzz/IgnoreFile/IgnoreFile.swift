import DockerfileSyntax

/// A path in the first line and patterns in the others: what is wholly excluded holds nothing that is not.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzIgnoreFile(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let parts = bytes.split(separator: 10, maxSplits: 1, omittingEmptySubsequences: false)
    let path = parts.first.map { Array($0.split(separator: 47).joined(separator: [47])) } ?? []
    let patterns = parts.dropFirst().first.map(Array.init) ?? []
    let directories = path.indices.filter { path[$0] == 47 }.map { Array(path[..<$0]) }
    if let file = try? IgnoreFile(parsing: patterns) {
        for directory in directories where file.isWhollyExcluded(directory) {
            precondition(file.isExcluded(directory) && file.isExcluded(path))
        }
        if !path.split(separator: 47).contains([46]) {
            var walk = file.walk()
            for path in directories + [path] + directories {
                precondition(walk.isExcluded(path) == file.isExcluded(path))
            }
        }
    }
    guard let glob = try? Glob(patterns) else { return 0 }
    if glob.matches(path) {
        precondition(glob.matchesOrParentMatches(path))
        precondition(directories.allSatisfy { glob.mayMatch(below: $0) })
        precondition(glob.hasWildcards || path == patterns)
    }
    let isParent = directories.contains { glob.matches($0) }
    precondition(glob.matchesOrParentMatches(path) == (isParent || glob.matches(path)))
    return 0
}
