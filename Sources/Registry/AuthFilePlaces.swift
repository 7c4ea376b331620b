import Cryptography
import Linux
public import SystemPackage

/// Where files with credentials are, in the order in which they are asked.
///
/// 1. `$REGISTRY_AUTH_FILE`
/// 2. `$DOCKER_CONFIG/config.json`, else `$HOME/.docker/config.json`
/// 3. `$XDG_RUNTIME_DIR/containers/auth.json`, else `/run/containers/UID/auth.json`
/// 4. `$XDG_CONFIG_HOME/containers/auth.json`, else `$HOME/.config/containers/auth.json`
///
/// Source: docker(1), "Environment variables"; containers-auth.json(5).
public struct AuthFilePlaces: Sendable {
    /// One of them.
    struct Place: Sendable {
        let path: FilePath
        /// Whether somebody named it: then it must be readable where it is there.
        let isNamed: Bool
    }

    let all: [Place]
    /// Their paths.
    public var paths: [FilePath] { all.map(\.path) }
    /// Where a login goes: the first of 1 and 2; `nil` without a home.
    public let login: FilePath?

    /// - Parameters:
    ///   - environment: Such as ``ProcessArguments/environment``; empty variables count as missing.
    ///   - user: The user's number.
    public init(environment: [String: String], user: UInt32) {
        func path(_ variable: String) -> FilePath? {
            environment[variable].flatMap { $0.isEmpty ? nil : FilePath($0) }
        }
        let home = path("HOME")
        var named: [Place] = []
        if let file = path("REGISTRY_AUTH_FILE") { named.append(Place(path: file, isNamed: true)) }
        if let folder = path("DOCKER_CONFIG") {
            named.append(Place(path: folder.appending("config.json"), isNamed: true))
        } else if let home {
            named.append(Place(path: home.pushing(".docker/config.json"), isNamed: false))
        }
        login = named.first?.path
        let runtime = path("XDG_RUNTIME_DIR") ?? FilePath("/run/containers/\(user)")
        let ofRuntime = path("XDG_RUNTIME_DIR") == nil ? "auth.json" : "containers/auth.json"
        var further = [runtime.pushing(FilePath(ofRuntime))]
        if let folder = path("XDG_CONFIG_HOME") ?? home?.appending(".config") {
            further.append(folder.pushing("containers/auth.json"))
        }
        all = named + further.map { Place(path: $0, isNamed: false) }
    }

    /// Reads one.
    ///
    /// - Returns: `nil` where it is not there, or nobody named it and it is not for this user to read.
    /// - Throws: ``CredentialError/malformed(_:reason:)``, `FileError`.
    static func read(_ place: Place) throws -> AuthFile? {
        do {
            let file = try File.reading(place.path)
            guard try file.status().kind == .regular else {
                throw CredentialError.malformed(
                    place.path.escapedDescription, reason: "it is no regular file")
            }
            var bytes = try file.readAll(limit: AuthFile.limit)
            defer { bytes.wipe() }
            return try AuthFile(parsing: bytes, named: place.path.escapedDescription)
        } catch let error as FileError {
            switch error.errno {
            case .noSuchFileOrDirectory, .notDirectory: return nil
            case .permissionDenied where !place.isNamed: return nil
            default: throw error
            }
        }
    }
}
