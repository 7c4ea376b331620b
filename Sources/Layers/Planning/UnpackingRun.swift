import Linux
import Tar

/// What is known while an archive's members are planned.
struct UnpackingRun {
    let rules: CopyRules
    let limits: UnpackLimits
    /// The number of this copy, for names of one file.
    let copy: Int
    private let base: MemberPath
    private let filter: AttributeFilter
    private var entries = 0
    private var bytes: Int64 = 0
    private var families: UInt32 = 0
    /// Bytes that stay in memory, of attributes and of what waits.
    private var held = 0
    /// Hard links whose target had not come yet.
    private(set) var lateLinks: [(path: MemberPath, target: MemberPath)] = []
    /// Directories that come along as soon as something in them does.
    private var waiting: [MemberPath: PlannedEntry] = [:]
    /// The directory that was last asked whether it is left out, and the answer: mostly the next member's, too.
    private var lastHome: (path: MemberPath, isLeftOut: Bool)?

    init(
        base: MemberPath, copy: Int, _ rules: CopyRules, _ limits: UnpackLimits, _ filter: AttributeFilter
    ) {
        (self.base, self.copy) = (base, copy)
        (self.rules, self.limits, self.filter) = (rules, limits, filter)
    }

    /// Counts a member, and says where it belongs below the destination.
    ///
    /// - Throws: ``LayerError/hostile(_:_:)``, ``LayerError/limit(_:_:)``.
    /// - Returns: Where, and whether it comes along by itself; `nil` for what does not at all, and for the destination
    ///   itself.
    mutating func admit(_ entry: TarEntry) throws(LayerError) -> (path: MemberPath, isKept: Bool)? {
        entries += 1
        guard entries <= limits.entries else {
            throw .limit("more than \(limits.entries) entries", flag: "--max-entries")
        }
        let path = try MemberPath(entry.path, limit: limits.pathLength)
        guard !path.bytes.isEmpty else {
            guard entry.kind == .directory else { throw .hostile(path.filePath, "the root is no directory") }
            return nil
        }
        let isDirectory = entry.kind == .directory
        guard !isLeftOut(below: path.parent) else { return nil }
        let verdict = rules.verdict(path.bytes, path.bytes, isDirectory)
        guard verdict == .kept || (isDirectory && verdict == .keptForContent) else { return nil }
        if case .regular(let size) = entry.kind {
            guard size <= limits.bytes, bytes <= limits.bytes - size else {
                throw .limit("more than \(limits.bytes) bytes of files", flag: "--max-bytes")
            }
            bytes += size
        }
        return (path, verdict == .kept)
    }

    /// Whether a directory or one above it stays out, and so all that is in it.
    private mutating func isLeftOut(below home: MemberPath) -> Bool {
        if let lastHome, lastHome.path == home { return lastHome.isLeftOut }
        let path = home.bytes
        let isLeftOut = path.indices.contains { place in
            guard path[place] == 47 else { return false }
            let above = Array(path[..<place])
            return rules.verdict(above, above, true) == .leftOut
        }
        let answer = isLeftOut || (!path.isEmpty && rules.verdict(path, path, true) == .leftOut)
        lastHome = (home, answer)
        return answer
    }

    /// Where a member lies in the image; links are still to be followed.
    func place(of path: MemberPath) -> [UInt8] {
        base.bytes.isEmpty || path.bytes.isEmpty
            ? base.bytes + path.bytes : base.bytes + [47] + path.bytes
    }

    /// What a member becomes.
    mutating func planned(
        _ entry: TarEntry, _ content: PlannedEntry.Content
    ) throws(LayerError) -> PlannedEntry {
        let permissions = entry.permissions & 0o7777
        var source = SourceEntry(
            original: FileListing.Entry(
                kind: content.kind, target: content.target,
                permissions: content.kind == .symbolicLink ? 0o777 : permissions, user: entry.user,
                group: entry.group),
            modified: entry.modified, content: content, file: nil)
        source.extended = entry.attributes.filter { filter.keeps($0.name) }
            .map { ExtendedAttribute(name: $0.name, value: $0.value) }
        try hold(source.extended.reduce(0) { $0 + $1.name.count + $1.value.count }, of: entry.path)
        return source.planned(rules, copy: copy)
    }

    /// A number for the names of one file.
    mutating func nextFamily() -> UInt32 {
        families += 1
        return families
    }

    // MARK: What waits

    mutating func wait(_ path: MemberPath, for target: MemberPath) throws(LayerError) {
        try hold(path.bytes.count + target.bytes.count + 64, of: path.bytes)
        lateLinks.append((path, target))
    }

    mutating func wait(_ path: MemberPath, _ directory: PlannedEntry) throws(LayerError) {
        try hold(path.bytes.count + 128, of: path.bytes)
        waiting[path] = directory
    }

    /// The directories above a member that wait, the uppermost first; they do so no more.
    mutating func takeWaiting(above path: MemberPath) -> [(path: MemberPath, entry: PlannedEntry)] {
        guard !waiting.isEmpty else { return [] }
        var found: [(path: MemberPath, entry: PlannedEntry)] = []
        var above = path.parent
        while !above.bytes.isEmpty {
            if let entry = waiting.removeValue(forKey: above) { found.append((above, entry)) }
            above = above.parent
        }
        return found.reversed()
    }

    private mutating func hold(_ count: Int, of path: [UInt8]) throws(LayerError) {
        held += count
        guard held <= TreeExtractor.heldLimit else {
            throw .hostile(
                FileListing.filePath(path),
                "the archive has more than \(TreeExtractor.heldLimit >> 20) MiB of attributes and links to wait for"
            )
        }
    }
}
