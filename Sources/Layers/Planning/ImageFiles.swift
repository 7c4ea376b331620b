import Linux
import Tar

/// The files of an image that are copied from: another stage, or an image that was pulled.
///
/// Nothing is unpacked. The layers are read once to list them, unless a listing
/// of them is there already, and those that hold what was selected once more.
public final class ImageFiles: Sendable {
    /// What is where.
    public let listing: FileListing
    private let layers: [LayerListing]

    /// Lists the files of an image.
    ///
    /// - Parameters:
    ///   - layers: The image's layers, the lowest first.
    ///   - listing: A listing that was made of these layers. One that was stored, or is a plan's, does not say where in
    ///     the layers its files are: then they are listed again.
    ///   - progress: Told how many bytes of the tars came, time and again.
    /// - Throws: As ``FileListing/init(of:progress:)``.
    public init(
        _ layers: [LayerListing], listed listing: FileListing? = nil,
        progress: @escaping (_ bytes: Int) -> Void = { _ in }
    ) throws {
        self.layers = layers
        if let listing, listing.ends?.count == layers.count {
            self.listing = listing
        } else {
            self.listing = try FileListing(of: layers, progress: progress)
        }
    }

    /// Takes files out of the layers, so that ``LayerPlan/copy(_:from:to:_:)`` can copy them.
    ///
    /// Each layer that holds any of them is read and verified once.
    ///
    /// - Parameters:
    ///   - paths: The files and directories, without wildcards; links in them are followed, and lead nowhere out.
    ///   - spool: Gets the contents.
    ///   - filter: Which extended attributes are kept.
    ///   - verdict: What comes along, as ``CopyRules/verdict`` says.
    ///   - progress: Told how many bytes of the tars came, time and again.
    /// - Throws: ``LayerError``, also where a path leads nowhere, `TarError`, `CompressionError`, `FileError`,
    ///   `ThreadError`, `Interruption`.
    /// - Returns: What was selected.
    public func select(
        _ paths: [[UInt8]], into spool: Spool, _ filter: AttributeFilter,
        verdict: (_ path: [UInt8], _ below: [UInt8], _ isDirectory: Bool) -> CopyRules.Verdict = { _, _, _ in
            .kept
        }, progress: @escaping (_ bytes: Int) -> Void = { _ in }
    ) throws -> ImageSelection {
        var selection = ImageSelection(listing.tree, spool)
        for path in paths { try selection.add(path, try find(path), verdict) }
        try forEachMember(of: selection.wanted, progress: progress) { number, entry, reader, holes, limit in
            selection.members[number] = try Self.member(
                entry, &reader, &holes, limit, selection.spool, filter)
        }
        return selection
    }

    private func find(_ path: [UInt8]) throws(LayerError) -> FileTree.Number {
        func refused(_ reason: String) -> LayerError { .source(FileListing.filePath(path), reason) }
        var walk = PathWalk(path, followsLast: true)
        switch walk.advance(in: listing.tree) {
        case .arrived: return walk.place
        case .missing: throw refused("there is no such file")
        case .notDirectory: throw refused("it leads through what is no directory")
        case .tooManyLinks: throw refused("it leads over more than 40 links")
        }
    }

    private static func member(
        _ entry: TarEntry, _ reader: inout TarReader, _ holes: inout Int64, _ limit: Int64, _ spool: Spool,
        _ filter: AttributeFilter
    ) throws -> ImageSelection.Member {
        var member = ImageSelection.Member(modified: entry.modified)
        member.attributes = entry.attributes.filter { filter.keeps($0.name) }
            .map { ExtendedAttribute(name: $0.name, value: $0.value) }
        switch entry.kind {
        case .regular(let size):
            member.place = try spool.append(size: size) { write in
                member.hash = try ContentHash(
                    of: &reader, size: size, holes: &holes, limit: limit, copying: write)
            }
        case .characterDevice(let major, let minor), .blockDevice(let major, let minor):
            member.device = (major, minor)
        default: break
        }
        return member
    }

    /// Reads the layers that hold any of these members, each once.
    ///
    /// - Parameters:
    ///   - wanted: Members, counted over all layers.
    ///   - progress: Told how many bytes of the tars came, time and again.
    ///   - body: Takes each of them, and a count of bytes of holes with its limit, as ``ContentHash`` wants them.
    /// - Throws: ``LayerError``, `TarError`, `CompressionError`, `FileError`, `ThreadError`, `Interruption`, and what `body`
    ///   throws.
    func forEachMember(
        of wanted: Set<UInt32>, progress: @escaping (_ bytes: Int) -> Void,
        _ body: (
            _ number: UInt32, TarEntry, _ reader: inout TarReader, _ holes: inout Int64, _ limit: Int64
        ) throws -> Void
    ) throws {
        let ends = listing.ends ?? []
        var isNeeded = [Bool](repeating: false, count: layers.count)
        for member in wanted {
            if let number = ends.firstIndex(where: { $0 >= member }) { isNeeded[number] = true }
        }
        for index in layers.indices where isNeeded[index] {
            var number = index == 0 ? 0 : ends[index - 1]
            var holes: Int64 = 0
            _ = try layers[index].walk(progress: progress) { entry, reader, _ in
                number += 1
                guard wanted.contains(number) else { return }
                try body(number, entry, &reader, &holes, layers[index].limits.bytes)
            }
        }
    }
}
