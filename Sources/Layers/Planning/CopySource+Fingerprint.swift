import Cryptography
import Linux
public import OCI

extension CopySource {
    /// A digest of all that ``LayerPlan/copy(_:from:to:_:)`` would take: what is what it was has the same digest.
    ///
    /// It is of the names below each path, kinds, permissions, content, targets of links, numbers of devices, extended
    /// attributes, and which names are names of one file; not of owners and times. Sockets are left out. Files that are
    /// not known are hashed on several threads; their number changes nothing but the time.
    ///
    /// - Parameters:
    ///   - paths: What is copied, below the source's root, in order; links are followed. Without wildcards.
    ///   - verdict: What comes along, as ``CopyRules/verdict`` has it.
    ///   - digests: What is known of files, and gets to be known; it decides which extended attributes count.
    ///   - jobs: The most threads that hash.
    ///   - noteLimit: The most entries that `note` is called for.
    ///   - note: Called for each entry with its path without links below the source's root, and with the 32 bytes of
    ///     its own digest, so that the caller can tell later which files are other ones.
    /// - Returns: The digest; part of it is which version of this walk made it.
    /// - Throws: ``LayerError``, `FileError`, `ThreadError`, `CryptographyError`, `Interruption`.
    public func fingerprint(
        of paths: [[UInt8]],
        where verdict: (_ path: [UInt8], _ below: [UInt8], _ isDirectory: Bool) -> CopyRules.Verdict = {
            _, _, _ in .kept
        },
        _ digests: ContentDigests, jobs: Int, noteLimit: Int = .max,
        note: ((_ path: [UInt8], _ digest: [UInt8]) -> Void)? = nil
    ) throws -> Digest {
        let hashing = ContentHashing(self, digests, jobs: jobs)
        defer { hashing.end() }
        do {
            var entries = try FingerprintEntries(digests, hashing, noteLimit: noteLimit, note)
            for path in paths {
                let place = try find(path)
                try add(path, place, verdict, &entries)
            }
            return try entries.finish()
        } catch let error as FileError {
            throw LayerPlan.meaning(of: error)
        }
    }

    private func add(
        _ path: [UInt8], _ place: borrowing Place,
        _ verdict: (_ path: [UInt8], _ below: [UInt8], _ isDirectory: Bool) -> CopyRules.Verdict,
        _ entries: inout FingerprintEntries
    ) throws {
        let isDirectory = place.status.kind == .directory
        guard verdict(place.path, [], isDirectory) != .leftOut else {
            throw LayerError.source(FileListing.filePath(path), "an ignore file or --exclude names it")
        }
        if isDirectory {
            entries.begin(directory: place.path)
            try walk(place.directory, place.path, verdict, &entries)
        } else {
            // The name that it gets: a link's, not that of what it leads to.
            let named = Array(PathWalk.components(path[...]).last ?? [])
            let real = try MemberPath(place.path, limit: .max)
            entries.begin(fileIn: real.parent.bytes)
            try entries.add(
                FingerprintEntries.Met(
                    path: named, name: FileName(real.name), status: place.status, nameStart: 0),
                in: place.directory)
        }
    }

    private func walk(
        _ directory: borrowing Directory, _ path: [UInt8],
        _ verdict: (_ path: [UInt8], _ below: [UInt8], _ isDirectory: Bool) -> CopyRules.Verdict,
        _ entries: inout FingerprintEntries
    ) throws {
        let prefix = path.isEmpty ? [] : path + [47]
        let filter = entries.filter
        var walk = try TreeWalk(of: directory)
        while let entry = try walk.next() {
            try Interruption.check()
            entries.leave(toDepth: walk.depth)
            let status = try entry.status ?? walk.directory.status(of: entry.name)
            // What is none now the walk does not go into.
            guard entry.status != nil || status.kind == .regular else {
                throw LayerError.changed(
                    walk.directory.childPath(entry.name), "another file took its place")
            }
            let isDirectory = status.kind == .directory
            let found = verdict(prefix.isEmpty ? entry.path : prefix + entry.path, entry.path, isDirectory)
            guard found == .kept || (isDirectory && found == .keptForContent) else {
                walk.skipChildren()
                continue
            }
            let met = FingerprintEntries.Met(
                path: entry.path, name: entry.name, status: status,
                nameStart: entry.path.count - entry.name.bytes.count)
            if isDirectory {
                let attributes = try walk.attributesOfDirectory(where: filter.keeps)
                try entries.enter(met, attributes, waits: found == .keptForContent)
            } else {
                try entries.add(met, in: walk.directory)
            }
        }
        entries.leave(toDepth: 0)
    }
}
