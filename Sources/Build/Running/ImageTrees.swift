import Images
import Layers
import Linux
import OCI
import SystemPackage

/// The trees of a build's images: files on the disk, as far as programs need them.
///
/// Where overlayfs can be had, a tree is a stack of directories, of which stages share what they have in common. Else
/// every stage has a tree of its own.
final class ImageTrees: Sendable {
    /// How many directories a stack may have; the kernel takes 500.
    private static let heightLimit = 300

    let options: UnpackOptions
    /// Why there are no stacks; `nil` where there are.
    let noOverlays: String?
    private let scratch: Scratch
    private let state = Monitor(State())
    /// Of chains: whoever comes second finds the stack made.
    private let busy = KeyedLock<Digest>()

    /// What stands over what, by the layers' chain.
    private struct State {
        var stacks: [Digest: [FilePath]] = [:]
        var count = 0
    }

    private final class Scratch: Sendable {
        let directory: ScratchDirectory
        init() throws(FileError) { directory = try ScratchDirectory() }
    }

    /// - Parameters:
    ///   - options: How layers become trees.
    ///   - canMount: Whether this process has mounts of its own.
    /// - Throws: `FileError`.
    init(_ options: UnpackOptions, canMount: Bool) throws {
        self.options = options
        scratch = try Scratch()
        noOverlays =
            canMount ? try OverlayMount.obstacle(in: scratch.directory.path) : "nothing can be mounted"
    }

    /// Where all of it lies.
    var scratchPath: FilePath { scratch.directory.path }

    /// An empty directory that ends with the build.
    ///
    /// - Throws: `FileError`.
    func newDirectory(_ kind: String) throws(FileError) -> FilePath {
        let number = state.update { state in
            state.count += 1
            return state.count
        }
        let name = "\(kind)\(number)"
        try scratch.directory.directory.createDirectory(FileName(name.utf8), permissions: 0o755)
        let path = scratch.directory.path.appending(name)
        // Whatever umask this process has.
        try Directory.open(path).setPermissions(0o755)
        return path
    }

    /// Takes a directory of ``newDirectory(_:)`` away.
    func remove(_ path: FilePath) {
        guard let name = path.lastComponent else { return }
        _ = try? scratch.directory.directory.removeTree(FileName(name.string.utf8))
    }

    /// Unpacks layers onto a directory.
    ///
    /// - Parameters:
    ///   - layers: Some of an image's.
    ///   - path: A directory that is empty, or the tree of the layers below.
    ///   - isEmpty: Whether it is empty.
    ///   - kept: What no layer touches.
    ///   - session: The build.
    /// - Throws: `LayerError`, `FileError`, and what opening a layer throws.
    func apply(
        _ layers: [StageLayer], at path: FilePath, isEmpty: Bool, keeping kept: KeptPaths? = nil,
        _ session: BuildSession
    ) throws {
        var options = options
        options.kept = kept
        do {
            var unpacker = LayerUnpacker(into: try Directory.open(path), options, wasEmpty: isEmpty)
            for (number, layer) in layers.enumerated() {
                try options.limits.check(stored: layer.descriptor.size)
                var bytes: Int64 = 0
                try unpacker.apply(layer.open(), layer.descriptor, diffID: layer.diffID) {
                    [events = session.events] in
                    bytes += Int64($0)
                    events.show(.unpacking(layer: number + 1, of: layers.count, bytes: bytes))
                }
            }
            _ = try unpacker.finish()
        } catch {
            throw session.blame(error, layers)
        }
    }

    // MARK: Stacks

    /// The directories that are an image's files, the uppermost first; made where nobody needed them yet.
    ///
    /// - Parameters:
    ///   - layers: The image's.
    ///   - session: The build.
    /// - Throws: As ``apply(_:at:isEmpty:_:)``; `CryptographyError`.
    /// - Returns: Their paths, all of them of ``newDirectory(_:)``.
    func stack(of layers: [StageLayer], _ session: BuildSession) throws -> [FilePath] {
        // Stages that begin with the same base share it.
        let base = layers.prefix { if case .base = $0.origin { true } else { false } }
        if !base.isEmpty, base.count < layers.count { _ = try stack(of: Array(base), session) }
        let chain = try Digest.chain(of: layers.map(\.diffID))
        return try busy.exclusively(chain) {
            if let known = state.update({ $0.stacks[chain] }) { return known }
            let made = try makeStack(of: layers, session)
            state.update { $0.stacks[chain] = made }
            return made
        }
    }

    /// Puts a directory over the highest stack that is there.
    private func makeStack(of layers: [StageLayer], _ session: BuildSession) throws -> [FilePath] {
        var height = layers.count - 1
        var below: [FilePath]?
        while height > 0, below == nil {
            let chain = try Digest.chain(of: layers[..<height].map(\.diffID))
            below = state.update { $0.stacks[chain] }
            if below == nil { height -= 1 }
        }
        let made = try newDirectory("layer")
        guard let below, below.count < Self.heightLimit else {
            try apply(layers, at: made, isEmpty: true, session)
            return [made]
        }
        try withOverlay(of: below, changing: made) {
            try apply(Array(layers[height...]), at: $0, isEmpty: false, session)
        }
        return [made] + below
    }

    /// Remembers what a program changed as the tree of the layer that was made of it.
    func keep(_ changed: FilePath, over below: [FilePath], as layers: [StageLayer]) throws {
        let chain = try Digest.chain(of: layers.map(\.diffID))
        state.update { if $0.stacks[chain] == nil { $0.stacks[chain] = [changed] + below } }
    }

    /// Mounts a stack for the time of a call, with a directory that gets what is changed.
    ///
    /// - Throws: What `body` throws, `FileError`.
    func withOverlay<Value>(
        of below: [FilePath], changing upper: FilePath, _ body: (FilePath) throws -> Value
    ) throws -> Value {
        let mounted = try MountedStack(below, upper: upper, in: self)
        defer { extendLifetime(mounted) }
        return try body(mounted.path)
    }

    /// Mounts an image's files for as long as the result lives; what is written to them nobody keeps.
    ///
    /// - Throws: As ``stack(of:_:)``.
    func show(_ layers: [StageLayer], _ session: BuildSession) throws -> MountedStack {
        try MountedStack(stack(of: layers, session), upper: nil, in: self)
    }
}
