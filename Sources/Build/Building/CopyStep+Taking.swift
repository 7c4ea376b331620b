import DockerfileSyntax
import Layers
import Linux
import OCI

extension CopyStep {
    /// Finds what an instruction takes; what is elsewhere is fetched.
    ///
    /// - Parameters:
    ///   - instruction: COPY or ADD, its words expanded.
    ///   - origin: Where its files are.
    ///   - state: The stage as far as it has come.
    ///   - session: The build.
    /// - Throws: ``BuildError``, `LayerError`, and what fetching throws.
    init(
        _ instruction: Instruction, from origin: FileOrigin, _ state: StageState, _ session: BuildSession
    ) throws {
        var add: Add?
        switch instruction.content {
        case .copy(let copy): (transfer, keepsParents) = (copy.transfer, copy.keepsParents)
        case .add(let found): (transfer, keepsParents, add) = (found.transfer, false, found)
        default: preconditionFailure("neither COPY nor ADD")
        }
        destination = PathText.absolute(transfer.destination.text, in: state.workingDirectory)
        owner = transfer.owner.map { Ownership($0.text) }
        mode = try transfer.mode.map { try FileMode($0) }
        guard transfer.sources.count == 1 || LayerPlan.isNamedAsDirectory(destination) else {
            throw BuildError.instruction(
                "several files go into a directory: end the destination \(transfer.destination.text) with /")
        }
        var taking = try Taking(
            origin, excluded: transfer.excluded, keepsParents: keepsParents, add: add, session)
        for source in transfer.sources {
            switch source {
            case .path(let word): try taking.take(word.text)
            case .heredoc(let heredoc): taking.taken.append(.heredoc(heredoc))
            }
        }
        (taken, unmatched) = (taking.taken, taking.unmatched)
    }

    /// Whether it takes files out of an image, which may have changed elsewhere only.
    var isFromImage: Bool {
        taken.contains { if case .file(.image, _, _, _) = $0 { true } else { false } }
    }

    /// Adds to a key what the layer depends on, but for what is below it.
    func describe(
        _ key: inout CacheKey, owner: (user: UInt32, group: UInt32)?, at place: String,
        byContent: Bool = false, _ session: BuildSession
    ) throws {
        try key.add("the destination", destination)
        try key.add("--chown", owner.map { "\($0.user):\($0.group)" } ?? "")
        try key.add("--link", "\(transfer.isLinked)")
        try key.add("--exclude", transfer.excluded.map(\.text).joined(separator: "\0"))
        for (number, item) in taken.enumerated() {
            switch item {
            case .file(let origin, let path, let filter, let permissions):
                try key.add("the name of a source", PathText.name(path))
                try key.add("the mode of a source", permissions.map(String.init) ?? "")
                try origin.describe(
                    path, filter, at: "\(place), \(number)", byContent: byContent, &key, session)
            case .archive(let origin, let path, let filter):
                try key.add("the name of an archive", PathText.name(path))
                try origin.describe(
                    path, filter, at: "\(place), \(number)", byContent: byContent, &key, session)
            case .heredoc(let heredoc):
                try key.add("the name of a here-document", heredoc.name)
                try key.add("the here-document \(heredoc.name)", heredoc.text)
            }
        }
    }
}

/// What an instruction takes, as far as it was found.
private struct Taking {
    private let origin: FileOrigin
    private let keepsParents: Bool
    private let add: Add?
    private let session: BuildSession
    var filter = CopyFilter()
    var taken: [CopyStep.Taken] = []
    private(set) var unmatched: [String] = []

    init(
        _ origin: FileOrigin, excluded: [Word], keepsParents: Bool, add: Add?, _ session: BuildSession
    ) throws {
        (self.origin, self.keepsParents, self.add, self.session) = (origin, keepsParents, add, session)
        if let context = origin.context { (filter.ignored, filter.own) = (context.ignored, context.own) }
        do {
            filter.excluded = try IgnoreFile(patterns: excluded.map { Array($0.text.utf8) })
        } catch {
            throw BuildError.instruction("--exclude: \(error)")
        }
    }

    mutating func take(_ text: String) throws {
        if let add, let remote = try RemoteSource(text) {
            return try takeRemote(remote, add)
        }
        guard !text.hasPrefix("http://"), !text.hasPrefix("https://") else {
            throw BuildError.instruction("COPY takes files; ADD fetches URLs")
        }
        guard !keepsParents else { return try takeWithParents(text) }
        let path = PathText.normalized(Array(text.utf8))
        let glob = try glob(path)
        guard glob.hasWildcards else { return try takeFile(path) }
        let found = try origin.paths(matching: glob, filter)
        if found.isEmpty { unmatched.append(text) }
        for path in found { try takeFile(path) }
    }

    private mutating func takeFile(_ path: [UInt8]) throws {
        if let add, add.unpacks ?? true, try origin.holdsArchive(path, session.limits) {
            taken.append(.archive(origin, path: path, filter))
        } else {
            taken.append(.file(origin, path: path, filter, permissions: nil))
        }
    }

    /// Source: Dockerfile reference, "COPY --parents": of `x/./y` only `y` is kept.
    private mutating func takeWithParents(_ text: String) throws {
        let bytes = Array(text.utf8)
        let pivot = bytes.firstRange(of: "/./".utf8)
        let start = PathText.normalized(pivot.map { Array(bytes[..<$0.lowerBound]) } ?? [])
        let path = PathText.normalized(pivot.map { Array(bytes[$0.upperBound...]) } ?? bytes)
        guard !path.isEmpty else { return try takeFile(start) }
        let whole = try glob((start.isEmpty ? [] : start + [UInt8(ascii: "/")]) + path)
        if whole.hasWildcards {
            guard try !origin.paths(matching: whole, filter).isEmpty else { return unmatched.append(text) }
        } else if try !origin.holds(whole.pattern) {
            throw BuildError.instruction("there is no file \(text)")
        }
        var filter = filter
        filter.wanted = try glob(path)
        taken.append(.file(origin, path: start, filter, permissions: nil))
    }

    private func glob(_ path: [UInt8]) throws -> Glob {
        do {
            return try Glob(path)
        } catch {
            throw BuildError.instruction("\(error)")
        }
    }

    /// Source: Dockerfile reference, "ADD": a file from a URL is its owner's alone to read and write.
    private mutating func takeRemote(_ remote: RemoteSource, _ add: Add) throws {
        let fetched = try session.contexts.fetch(remote, RemoteSource.Wanted(add)) { [session] in
            session.events.show($0)
        }
        let origin = FileOrigin.directory(fetched.source, of: nil)
        var own = CopyFilter()
        own.excluded = filter.excluded
        guard let name = fetched.fileName else {
            return taken.append(.file(origin, path: [], own, permissions: nil))
        }
        if add.unpacks ?? false, try origin.holdsArchive(name, session.limits) {
            taken.append(.archive(origin, path: name, own))
        } else {
            taken.append(.file(origin, path: name, own, permissions: 0o600))
        }
    }
}
