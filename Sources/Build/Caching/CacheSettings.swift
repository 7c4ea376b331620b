import Linux
import OCI
import Provenance
public import SystemPackage

/// Where layers are cached, and whose are believed; texts as the user wrote them, nothing read yet.
public struct CacheSettings: Sendable {
    /// The largest cache when nothing else is said: 10 GiB, some dozens of images.
    public static let defaultSize: Int64 = 10 << 30

    /// The local cache; `nil` for ``defaultDirectory``.
    public var directory: FilePath?
    /// Bytes that the local cache has after a build at most.
    public var size = CacheSettings.defaultSize
    /// Whether entries are looked for.
    public var isRead = true
    /// Seconds after which a layer counts no more; `nil` for ever.
    public var maximumAge: Int64?
    /// Whether what programs made is taken from a cache.
    public var keepsPrograms = true
    /// Whether anything is written, here or into registries.
    public var isWritten = true
    /// Repositories that are asked, in this order, after the local cache.
    public var sources: [String] = []
    /// Repositories that get what was built.
    public var destinations: [String] = []
    /// Who signs what goes there; `nil` for nobody.
    public var signKey: KeySettings?
    /// References to public keys; without any a repository's word is enough.
    public var trustKeys: [[UInt8]] = []

    /// The defaults.
    public init() {}

    /// `$VARVE_CACHE_DIR`, else `varve` in `$XDG_CACHE_HOME`, else in `.cache` of `$HOME`; `nil` where nothing is set.
    ///
    /// Source: XDG Base Directory Specification: a relative path there counts as none.
    public static var defaultDirectory: FilePath? {
        let variables = ProcessArguments.environment
        if let own = variables["VARVE_CACHE_DIR"], !own.isEmpty { return FilePath(own) }
        if let base = variables["XDG_CACHE_HOME"].map({ FilePath($0) }), base.isAbsolute {
            return base.appending("varve")
        }
        if let home = variables["HOME"].map({ FilePath($0) }), home.isAbsolute {
            return home.appending(".cache").appending("varve")
        }
        return nil
    }

    /// Reads a time that may pass, such as `7d`.
    ///
    /// - Returns: Seconds.
    /// - Throws: ``BuildError/usage(_:_:)``.
    public static func age(_ text: String, of flag: String) throws(BuildError) -> Int64 {
        do {
            return try TimeSpan(parsing: text).seconds
        } catch {
            throw .usage(flag, "\(error)")
        }
    }

    /// Reads a repository.
    ///
    /// - Throws: ``BuildError/usage(_:_:)``.
    static func repository(_ text: String, _ flag: String) throws(BuildError) -> Reference {
        let scheme = "docker://"
        let name = text.hasPrefix(scheme) ? String(text.dropFirst(scheme.count)) : text
        // An entry's tag is its key, and short names are Docker Hub's.
        guard ImagePlace.namesRegistry(Array(name.utf8)), let reference = try? Reference(parsing: name),
            reference.tag == nil, reference.digest == nil
        else {
            throw .usage(
                flag,
                "\(escaped(text.utf8)) names no repository; write registry.example.com/team/cache, without a tag"
            )
        }
        return reference
    }
}
