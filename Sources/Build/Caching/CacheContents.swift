import Images
import Linux
public import OCI
public import SystemPackage

/// A layer in the local cache, for people.
public struct CacheRecord: Hashable, Sendable {
    /// The key's digest.
    public let key: Digest
    /// The blob's digest.
    public let layer: Digest
    /// Bytes of the blob.
    public let size: Int64
    /// When it was used last, in seconds since 1970.
    public let lastUsed: Int64
    /// The instruction that it is of.
    public let instruction: String
    /// The machine that it is for.
    public let platform: String
    /// The repository that it came from; `nil` for one that was built here.
    public let repository: Reference?

    /// The object, for programs.
    public var json: JSONValue {
        var object: JSONObject = [
            "key": .string("\(key)"), "layer": .string("\(layer)"), "size": .number(JSONNumber(size)),
            "lastUsed": .string(Timestamp(seconds: lastUsed).map { "\($0)" } ?? "\(lastUsed)"),
            "platform": .string(platform), "instruction": .string(instruction),
        ]
        object["repository"] = repository.map { .string("\($0)") }
        return .object(object)
    }
}

/// The local cache, looked at and cleared from outside of a build.
public struct CacheContents {
    private static let lockSeconds = 600

    private let path: FilePath

    /// A cache.
    ///
    /// - Parameter directory: `nil` for ``CacheSettings/defaultDirectory``.
    /// - Throws: ``BuildError/usage(_:_:)`` where there is none.
    public init(_ directory: FilePath?) throws(BuildError) {
        guard let path = directory ?? CacheSettings.defaultDirectory else {
            throw .usage("--cache-dir", "give it: neither XDG_CACHE_HOME nor HOME says where the cache is")
        }
        self.path = path
    }

    /// Whether anything was ever cached there: looking makes nothing.
    private var exists: Bool { Machine.exists(path.appending("v1")) }

    /// The layers of earlier builds, the one that was used last first; what is damaged is left out.
    ///
    /// - Throws: `FileError`, `Interruption`; ``BuildError/usage(_:_:)`` for a directory that others may write to.
    public func records() throws -> [CacheRecord] {
        guard exists else { return [] }
        return try open(isAlone: false).records().sorted {
            ($1.lastUsed, $0.key) < ($0.lastUsed, $1.key)
        }
    }

    /// The bytes of all of it: layers, those of base images, and what else is kept.
    ///
    /// - Throws: As ``records()``.
    public func size() throws -> Int64 { exists ? try open(isAlone: false).size() : 0 }

    /// Removes what was not used for longest, once no build uses the cache any more.
    ///
    /// - Parameters:
    ///   - size: Bytes that may stay.
    ///   - age: Seconds after which what nobody used goes in any case; `nil` for never.
    /// - Returns: How many files are gone, and their bytes.
    /// - Throws: `FileError` (`EAGAIN` where builds use it for longer than ten minutes), `Interruption`;
    ///   ``BuildError/usage(_:_:)`` for a directory that others may write to.
    public func prune(keeping size: Int64, olderThan age: Int64? = nil) throws -> (files: Int, bytes: Int64) {
        guard exists else { return (0, 0) }
        let since = age.map { Machine.now.seconds - $0 }
        let freed = try open(isAlone: true).prune(keeping: size, since: since)
        return (freed.files, freed.bytes)
    }

    private func open(isAlone: Bool) throws -> CacheStore {
        do {
            return try CacheStore(
                at: path, waitingSeconds: Self.lockSeconds, isAlone: isAlone, isWritten: isAlone)
        } catch let error as UnsafeDirectory {
            throw BuildError.usage("--cache-dir", "\(path.escapedDescription): \(error)")
        }
    }
}

extension CacheStore {
    /// Its entries, in no order.
    ///
    /// - Throws: `FileError`.
    fileprivate func records() throws -> [CacheRecord] {
        try items().compactMap { item in
            guard item.folder == .entries, let key = Digest(blobName: item.name),
                let content = try? read(key, in: entries, limit: CacheEntry.limit, isUse: false),
                let entry = CacheEntry(parsing: content), entry.key == key,
                holds(entry.layer.descriptor)
            else { return nil }
            var repository: Reference?
            if case .registry(let reference, _, _) = entry.layer.origin { repository = reference }
            return CacheRecord(
                key: key, layer: entry.layer.descriptor.digest, size: entry.layer.descriptor.size,
                lastUsed: item.lastUsed.seconds, instruction: entry.instruction, platform: entry.platform,
                repository: repository)
        }
    }
}
