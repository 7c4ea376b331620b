public import Linux
import SystemPackage

/// A lower directory of an overlay.
public final class OverlayLayer: Sendable {
    let root: Directory

    /// Takes over the directory.
    public init(_ root: consuming Directory) { self.root = root }
}

/// What the lower directories of an overlay show in one place.
struct OverlayView {
    /// What a name stands for.
    struct Found {
        let status: FileStatus
        /// The lower directories that have it, the topmost first; of a file one.
        let layers: [Int]
    }

    final class Place {
        let layer: Int
        let directory: Directory

        init(_ directory: consuming Directory, _ layer: Int) {
            self.directory = directory
            self.layer = layer
        }
    }

    private let places: [Place]
    private let own: OverlayAttributes

    /// - Parameters:
    ///   - path: The place, below the roots.
    ///   - lower: All lower directories.
    ///   - layers: Those that show something there.
    ///   - own: The kernel's own attributes.
    /// - Throws: `FileError`.
    init(
        _ path: [UInt8], of lower: [OverlayLayer], _ layers: [Int], _ own: OverlayAttributes
    ) throws(FileError) {
        var places: [Place] = []
        for layer in layers { places.append(Place(try lower[layer].root.openBelow(path), layer)) }
        self.places = places
        self.own = own
    }

    /// The place in one of the layers.
    func place(_ layer: Int) -> Place {
        guard let place = places.first(where: { $0.layer == layer }) else {
            preconditionFailure("a layer that the view has not")
        }
        return place
    }

    /// What the layers show under a name: a directory merged, up to what hides those below it.
    func find(_ name: FileName) throws(FileError) -> Found? {
        var found: Found?
        for place in places {
            let status: FileStatus
            do throws(FileError) {
                status = try place.directory.status(of: name)
            } catch {
                guard error.errno == .noSuchFileOrDirectory else { throw error }
                continue
            }
            guard !status.isWhiteout, status.kind == .directory || found == nil else { break }
            found = Found(status: found?.status ?? status, layers: (found?.layers ?? []) + [place.layer])
            guard status.kind == .directory else { break }
            let attributes = try place.directory.openDirectory(name)
                .extendedAttributes(where: own.contain)
            if own.areOpaque(attributes) { break }
        }
        // A socket is in no layer.
        return found?.status.kind == .socket ? nil : found
    }

    /// All names that the layers show.
    func names() throws -> Set<[UInt8]> {
        var names: Set<[UInt8]> = []
        for place in places {
            for name in try place.directory.names() where try find(name) != nil {
                names.insert(Array(name.bytes))
            }
        }
        return names
    }
}

extension FileStatus {
    /// Whether overlayfs takes it for a name that is gone.
    fileprivate var isWhiteout: Bool {
        kind == .characterDevice && deviceNumber.major == 0 && deviceNumber.minor == 0
    }
}
