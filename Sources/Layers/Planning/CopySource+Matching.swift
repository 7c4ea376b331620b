import Linux

extension CopySource {
    /// The paths that a pattern means, in the order of their bytes, directory by directory.
    ///
    /// The directory that the pattern begins with is reached over links; below it links are names as all others, and
    /// lead nowhere. What is in a directory that matches comes along with it and is not named again.
    ///
    /// - Parameters:
    ///   - start: The directory that all matches lie in, as the pattern has it: without wildcards.
    ///   - matches: Whether the pattern matches a path, which begins with `start` as it was given.
    ///   - mayMatch: Whether it may match something below a directory, however deep.
    ///   - verdict: What is there at all, as ``CopyRules/verdict`` has it: each path is asked for as a source of its own.
    /// - Returns: The paths; none where the directory is none.
    /// - Throws: ``LayerError``, `FileError`, `Interruption`.
    ///
    /// Source: Dockerfile reference, "COPY"; BuildKit's copy for what that leaves open.
    public func paths(
        below start: [UInt8], where matches: (_ path: [UInt8]) -> Bool,
        mayMatch: (_ directory: [UInt8]) -> Bool,
        _ verdict: (_ path: [UInt8], _ below: [UInt8], _ isDirectory: Bool) -> CopyRules.Verdict = {
            _, _, _ in .kept
        }
    ) throws -> [[UInt8]] {
        do {
            let place = try find(start)
            guard place.status.kind == .directory else { return [] }
            let given = start.isEmpty || start.last == 47 ? start : start + [47]
            let real = place.path.isEmpty ? [] : place.path + [47]
            var found: [[UInt8]] = []
            var walk = try TreeWalk(of: place.directory)
            while let entry = try walk.next() {
                try Interruption.check()
                let isDirectory = entry.status?.kind == .directory
                let answer = verdict(real + entry.path, [], isDirectory)
                let path = given + entry.path
                if answer == .leftOut || !isDirectory && answer == .keptForContent {
                    walk.skipChildren()
                } else if matches(path) {
                    found.append(path)
                    walk.skipChildren()
                } else if isDirectory, !mayMatch(path) {
                    walk.skipChildren()
                }
            }
            return found
        } catch let error as FileError {
            throw LayerPlan.meaning(of: error)
        }
    }
}
