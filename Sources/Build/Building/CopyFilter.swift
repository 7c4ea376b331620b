import DockerfileSyntax
import Layers

/// Which files of a source COPY takes: those that no ignore file and no `--exclude` names, and with `--parents` those
/// that its pattern matches.
struct CopyFilter {
    /// The context's ignore file, for paths below its root.
    var ignored = IgnoreFile()
    /// What the build itself writes, for paths below the context's root.
    var own = OwnFiles()
    /// `--exclude`, for paths below a source.
    var excluded = IgnoreFile()
    /// Of `--parents`: what is taken, for paths below a source; all of it where there is none.
    var wanted: Glob?

    /// Everything that the context gives.
    init(of context: ContextFiles? = nil) {
        if let context { (ignored, own) = (context.ignored, context.own) }
    }

    /// Decides for one walk, as `CopyRules.verdict` asks.
    func decision() -> (_ path: [UInt8], _ below: [UInt8], _ isDirectory: Bool) -> CopyRules.Verdict {
        var (outer, inner) = (ignored.walk(), excluded.walk())
        return { path, below, isDirectory in
            verdict(path, below, isDirectory: isDirectory, &outer, &inner)
        }
    }

    private func verdict(
        _ path: [UInt8], _ below: [UInt8], isDirectory: Bool, _ outer: inout IgnoreWalk,
        _ inner: inout IgnoreWalk
    ) -> CopyRules.Verdict {
        guard !own.holds(path) else { return .leftOut }
        var verdict = CopyRules.Verdict.kept
        if !ignored.isEmpty, outer.isExcluded(path) {
            guard isDirectory, path.isEmpty || !ignored.isWhollyExcluded(path) else { return .leftOut }
            verdict = .keptForContent
        }
        // What is copied itself is excluded only if it is a file.
        let name = below.isEmpty && !isDirectory ? PathText.name(path) : below
        if !excluded.isEmpty, !name.isEmpty, inner.isExcluded(name) {
            guard isDirectory, !excluded.isWhollyExcluded(name) else { return .leftOut }
            verdict = .keptForContent
        }
        guard let wanted, !wanted.matchesOrParentMatches(below) else { return verdict }
        return isDirectory && (below.isEmpty || wanted.mayMatch(below: below)) ? .keptForContent : .leftOut
    }
}
