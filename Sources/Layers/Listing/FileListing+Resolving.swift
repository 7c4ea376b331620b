import Linux
import SystemPackage

extension FileListing {
    /// Where a path leads.
    public struct Resolution: Equatable, Sendable {
        /// The path as far as it is there: no component of it is a link, but perhaps the last one.
        public let path: [UInt8]
        /// What lies there.
        public let entry: Entry
        /// The components behind it that are not there; none of them is `..`.
        public let missing: [[UInt8]]

        /// The whole path.
        public var fullPath: [UInt8] {
            Array(((path.isEmpty ? [] : [path]) + missing).joined(separator: [47]))
        }
    }

    /// Follows a path as a process in the image would: links lead nowhere else, and `..` stays at the root.
    ///
    /// - Parameters:
    ///   - path: Bytes in no encoding; with or without `/` in front.
    ///   - followingLast: Whether a link in the last component leads on, or is itself what is looked for.
    /// - Throws: ``LayerError/place(_:_:)`` where the path leads through a file, or over more than 40 links.
    /// - Returns: Where it leads, and what of it is not there.
    public func resolve(_ path: [UInt8], followingLast: Bool = true) throws(LayerError) -> Resolution {
        var walk = PathWalk(path, followsLast: followingLast)
        while true {
            switch walk.advance(in: tree) {
            case .arrived:
                return Resolution(path: tree.path(of: walk.place), entry: entry(walk.place), missing: [])
            case .missing(let name):
                let missing = Self.missing(name, &walk)
                guard !missing.isEmpty else { continue }
                return Resolution(path: tree.path(of: walk.place), entry: entry(walk.place), missing: missing)
            case .notDirectory(let node):
                let file = Self.filePath(tree.path(of: node)).escapedDescription
                throw .place(Self.filePath(path), "\(file) is no directory")
            case .tooManyLinks:
                throw .place(Self.filePath(path), "it leads over more than 40 links")
            }
        }
    }

    /// Takes what is missing off a walk: `..` takes a component away again, as it will once all of it is made.
    private static func missing(_ name: ArraySlice<UInt8>, _ walk: inout PathWalk) -> [[UInt8]] {
        var missing = [Array(name)]
        while !missing.isEmpty, let name = walk.takeComponent() {
            if name.elementsEqual([46, 46]) {
                missing.removeLast()
            } else {
                missing.append(Array(name))
            }
        }
        return missing
    }

    /// The file of a path, or `nil` where there is none.
    ///
    /// - Throws: As ``resolve(_:followingLast:)``.
    public func entry(at path: [UInt8], followingLast: Bool = true) throws(LayerError) -> Entry? {
        let found = try resolve(path, followingLast: followingLast)
        return found.missing.isEmpty ? found.entry : nil
    }

    /// The node that a path leads to over all links.
    func node(at path: some Collection<UInt8>) -> FileTree.Number? {
        var walk = PathWalk(path, followsLast: true)
        guard case .arrived = walk.advance(in: tree) else { return nil }
        return walk.place
    }
}
