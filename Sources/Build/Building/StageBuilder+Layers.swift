import DockerfileSyntax
import Images
import Layers
import Linux
import OCI
import Provenance

/// What an instruction adds to an image: by what it is known again, and what the history says.
struct LayerWork {
    /// What the layer depends on.
    let key: CacheKey
    let createdBy: String
    /// Whether nobody waits for it, and it may turn out to be nothing.
    var isQuick = false
    /// Whether it is worth knowing that it changed nothing.
    var keepsNothing = false
    /// Whether the cache is asked for it.
    var isCached = true
    /// Whether it does not depend on what is below it.
    var isLinked = false
    /// The same by the content of what is copied, which takes longer to find out; asked for after a miss.
    var otherKey: ((StageBuilder) throws -> CacheKey)?
    /// The key once more, to see whether files changed while they were copied.
    var keyAgain: ((StageBuilder) throws -> CacheKey)?

    init(_ key: CacheKey, _ createdBy: String) { (self.key, self.createdBy) = (key, createdBy) }
}

/// A layer that is still to be written.
struct LayerContent {
    /// The files of the image with it; `nil` where nobody knows them yet.
    let listing: FileListing?
    /// Writes it.
    let pack: (borrowing TemporaryFile) throws -> Layer
    /// Told the stage's layers once it is one of them.
    var kept: ([StageLayer]) throws -> Void = { _ in }

    /// What a plan holds; `nil` for one that holds nothing.
    init?(_ plan: LayerPlan, _ session: BuildSession) {
        guard plan.count > 0 else { return nil }
        listing = plan.listing
        pack = { blob in
            try packLayer(
                of: plan, into: blob, session.method, jobs: session.jobs, latestTime: session.latestTime,
                progress: session.events.show)
        }
    }

    init(
        listing: FileListing?, pack: @escaping (borrowing TemporaryFile) throws -> Layer,
        kept: @escaping ([StageLayer]) throws -> Void
    ) { (self.listing, self.pack, self.kept) = (listing, pack, kept) }
}

extension StageBuilder {
    /// How old what has no time of its own is: nobody's clock is asked, so that the next build gives the same image.
    var time: Int64 {
        session.latestTime ?? state.baseTime
    }

    /// What the layers so far are known by.
    var chain: Digest { get throws { try Digest.chain(of: state.diffIDs) } }

    func key(_ instruction: String, _ step: PlannedStage.Step) throws -> CacheKey {
        var key = try CacheKey(
            instruction: instruction, shown: step.text,
            platform: stage.platform)
        try key.add("--compression", "\(session.method)")
        try key.add("SOURCE_DATE_EPOCH", session.latestTime.map(String.init) ?? "")
        try key.add("the time of what has none", "\(time)")
        try key.add("--xattr", session.request.attributes.joined(separator: "\0"))
        return key
    }

    /// The files of the image as it is.
    mutating func files() throws -> FileListing {
        if let listing { return listing }
        let found = try session.listing(of: state.layers)
        listing = found
        return found
    }

    /// Adds a layer that was made before, or makes it.
    mutating func layer(
        _ step: PlannedStage.Step, _ work: LayerWork, make: (inout StageBuilder) throws -> LayerContent?
    ) throws {
        let by = StageLayer.By(
            stage: stage.name, line: step.line, text: step.text)
        let place = place(step)
        // Who only says what would be done opens no layer, but for its list of files.
        let isOpened = outline == nil
        var key = work.key
        var answer = CacheAnswer.miss(.turnedOff)
        if work.isCached { answer = try session.cache.find(key, at: place, isOpened: isOpened) }
        if case .miss = answer, let otherKey = work.otherKey {
            key = try otherKey(self)
            let second = try session.cache.find(key, at: place.byContent, isOpened: isOpened)
            if case .hit(let kept) = second {
                answer = second
                if outline == nil { session.cache.keep(kept, alsoFor: work.key) }
            }
        }
        switch answer {
        case .hit(let kept):
            if outline == nil { show(step, .kept) } else { foretell(step, .kept) }
            listing = nil
            add(kept, .kept(by, kept), key, place, work.createdBy)
        case .nothing:
            if outline == nil { show(step, .kept) } else { foretell(step, .kept) }
            state.note(work.createdBy)
        case .miss(let reason):
            let quick = work.isQuick ? try make(&self) : nil
            if work.isQuick, quick == nil { return state.note(work.createdBy) }
            guard outline == nil else {
                foretell(step, .made("\(reason)"))
                unknown = unknown ?? "a layer before it is made first"
                return
            }
            show(step, .begun(reason))
            guard let content = try quick ?? make(&self) else {
                if work.keepsNothing { session.cache.keepNothing(for: key) }
                return state.note(work.createdBy)
            }
            let made = try session.cache.keep(for: key) { blob in
                let layer = try content.pack(blob)
                if let first = layer.contents.firstSocket {
                    session.events.show(.note(.sockets(layer.contents.sockets, first: first)))
                }
                // Else the layer would be kept for files that it does not hold.
                guard try work.keyAgain?(self).digest ?? key.digest == key.digest else {
                    throw BuildError.contextChanged
                }
                return layer
            }
            if key != work.key { session.cache.keep(made, alsoFor: work.key) }
            listing = work.isLinked ? nil : content.listing
            add(made, .made(by), key, place, work.createdBy)
            try content.kept(state.layers)
            show(step, .made(bytes: made.uncompressedSize))
        }
    }

    private mutating func add(
        _ layer: CachedLayer, _ origin: StageLayer.Origin, _ key: CacheKey, _ place: CachePlace,
        _ createdBy: String
    ) {
        let cache = session.cache
        var added = StageLayer(layer, origin) { try cache.open(layer.descriptor) }
        if case .kept = origin { added.reject = { cache.reject(layer, of: key, at: place, because: $0) } }
        state.add(added, createdBy)
    }

    func place(_ step: PlannedStage.Step) -> CachePlace {
        let identity = "\(session.identity)\n\(stage.platform)\n\(stage.number)\n\(number)"
        return CachePlace(
            identity: Array(identity.utf8),
            name: "\(stage.name), line \(step.line)")
    }

    func show(_ step: PlannedStage.Step, _ outcome: InstructionProgress.Outcome) {
        session.events.show(
            .instruction(
                InstructionProgress(
                    stage: stage.name, number: number, count: stage.steps.count, text: step.text,
                    outcome: outcome)))
    }
}
