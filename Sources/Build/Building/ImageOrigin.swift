import DockerfileSyntax
import Images
import Layers
import Linux
import OCI

/// A stage or an image that COPY takes files from; nothing of it is read before it must be.
final class ImageOrigin {
    let layers: [StageLayer]
    private let session: BuildSession
    private var listing: FileListing?
    private var files: ImageFiles?
    private var selections: [Selected] = []

    private struct Selected {
        let path: [UInt8]
        let wanted: [UInt8]?
        let selection: ImageSelection
    }

    init(_ stage: StageState, _ session: BuildSession) { (layers, self.session) = (stage.layers, session) }

    /// What all its layers are known by.
    var chain: Digest { get throws { try Digest.chain(of: layers.map(\.diffID)) } }

    /// The paths that a pattern means, in the order of their bytes; what is in a directory that matches is not named
    /// again.
    func paths(matching glob: Glob) throws -> [[UInt8]] {
        let start = glob.directory
        let listing = try listed()
        let place = try listing.resolve(start)
        guard place.missing.isEmpty else { return [] }
        let real = place.path.isEmpty ? [] : place.path + [UInt8(ascii: "/")]
        let given = start.isEmpty ? [] : start + [UInt8(ascii: "/")]
        /// As the pattern has it; `nil` for what is not below the place where matches begin.
        func shown(_ path: [UInt8]) -> [UInt8]? {
            guard path.starts(with: real), path.count > real.count else { return nil }
            return given + path.dropFirst(real.count)
        }
        return listing.paths { path in
            guard let path = shown(path) else { return real.starts(with: path + [UInt8(ascii: "/")]) }
            return !glob.matches(path) && glob.mayMatch(below: path)
        } where: { path, _ in
            shown(path).map { glob.matches($0) } ?? false
        }.compactMap(shown)
    }

    private func listed() throws -> FileListing {
        if let listing { return listing }
        let made = try session.listing(of: layers)
        listing = made
        return made
    }

    /// Whether a path leads to a file of any kind.
    func holds(_ path: [UInt8]) throws -> Bool { try entry(at: path) != nil }

    /// What a path leads to.
    func entry(at path: [UInt8]) throws -> FileListing.Entry? { try listed().entry(at: path) }

    /// Takes files out of the layers; the same are taken out once.
    func select(_ path: [UInt8], _ filter: CopyFilter) throws -> ImageSelection {
        let wanted = filter.wanted?.pattern
        if let known = selections.first(where: { $0.path == path && $0.wanted == wanted }) {
            return known.selection
        }
        let spool = try Spool(in: Directory.open(Machine.temporaryDirectory))
        let selection: ImageSelection
        do {
            selection = try source().select([path], into: spool, session.filter, verdict: filter.decision())
        } catch {
            throw session.blame(error, layers)
        }
        selections.append(Selected(path: path, wanted: wanted, selection: selection))
        return selection
    }

    /// Lets go of what was taken out: the layer that needed it is made.
    func forget() { selections = [] }

    private func source() throws -> ImageFiles {
        if let files { return files }
        let made = try ImageFiles(layers.map { try session.contents(of: $0) }, listed: listing)
        (files, listing) = (made, made.listing)
        return made
    }
}
