import Images
import Linux
import OCI

/// What an instruction's key was the last time, so that a miss can say what changed.
extension LayerCache {
    /// The most bytes that are kept of one place.
    private static let placeLimit = 512 << 10
    /// The most names of files in a message.
    private static let namedFiles = 5

    /// Why there is no layer for a key.
    ///
    /// - Throws: `CryptographyError`.
    func missed(_ key: CacheKey, at place: CachePlace) throws -> CacheMiss {
        guard let former = try formerFields(of: place) else { return .nothingYet }
        var changed: [String] = []
        var files: [String] = []
        var seen: [String: Int] = [:]
        for field in key.fields {
            // Several sources have fields of one name.
            let place = seen[field.name, default: 0]
            seen[field.name] = place + 1
            let other = former.filter { $0.name == field.name }.dropFirst(place).first
            guard other?.digest != field.digest else { continue }
            if !changed.contains(field.name) { changed.append(field.name) }
            if let other { files += Self.changes(from: other.files, to: field.files) }
        }
        changed += former.map(\.name).filter { name in !key.fields.contains { $0.name == name } }
        guard !changed.isEmpty else { return .removed }
        return .changed(
            changed, files: Array(files.prefix(Self.namedFiles)), more: max(0, files.count - Self.namedFiles))
    }

    private static func changes(from former: [CacheKey.File], to now: [CacheKey.File]) -> [String] {
        // Of a list that is cut off the end is nobody's change.
        let isWhole = max(former.count, now.count) < CacheKey.fileLimit
        let before = Dictionary(former.map { ($0.path, $0.digest) }, uniquingKeysWith: { first, _ in first })
        let after = Set(now.map(\.path))
        return now.filter { $0.digest != before[$0.path] && (isWhole || before[$0.path] != nil) }.map(\.path)
            + former.map(\.path).filter { isWhole && !after.contains($0) }.map { "\($0) (removed)" }
    }

    /// Keeps a key's fields for the next build.
    ///
    /// - Throws: `CryptographyError`.
    func remember(_ key: CacheKey, at place: CachePlace) throws {
        guard let store, settings.isWritten, state.update({ $0.isWritable }) else { return }
        let content = Self.serialized(key)
        let name = try Digest.of(place.identity)
        if let known = try? store.read(name, in: store.places, limit: Self.placeLimit), known == content {
            return
        }
        do {
            try store.write(content, as: name, in: store.places)
        } catch {
            writingFailed(error)
        }
    }

    private static func serialized(_ key: CacheKey) -> [UInt8] {
        var room = placeLimit / 2
        let fields = key.fields.map { field -> JSONValue in
            let files = field.files.prefix { file in
                room -= file.path.utf8.count + 80
                return room > 0
            }
            return [
                "name": .string(field.name), "digest": .string("\(field.digest)"),
                "files": .array(files.map { [.string($0.path), .string("\($0.digest)")] }),
            ]
        }
        return JSONValue.array(fields).serialized()
    }

    private func formerFields(of place: CachePlace) throws -> [CacheKey.Field]? {
        guard let store else { return nil }
        let name = try Digest.of(place.identity)
        guard let content = try? store.read(name, in: store.places, limit: Self.placeLimit),
            let fields = try? JSONValue(parsing: content).array
        else { return nil }
        return fields.compactMap { field in
            guard let name = field["name"]?.string,
                let digest = field["digest"]?.string.flatMap({ try? Digest(parsing: $0) })
            else { return nil }
            let files = (field["files"]?.array ?? []).compactMap { file -> CacheKey.File? in
                guard let pair = file.array, pair.count == 2, let path = pair[0].string,
                    let digest = pair[1].string.flatMap({ try? Digest(parsing: $0) })
                else { return nil }
                return CacheKey.File(shown: path, digest)
            }
            return CacheKey.Field(name: name, digest: digest, files: files)
        }
    }
}
