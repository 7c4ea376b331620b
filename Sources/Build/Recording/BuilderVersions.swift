import Compression
import Cryptography
import Linux
import Provenance
import SystemPackage
import Tar
import YAML

/// Varve and what it is made of, as `--version` and the provenance name it.
public enum BuilderVersions {
    /// Every component and its version: what the library itself says at run time, else its header's, marked so.
    public static var all: [(name: String, version: String)] {
        [
            ("varve", Version.current), ("swift", swift), ("libarchive", TarWriter.libraryVersion),
            ("libcrypto", SHA256.libraryVersion), ("libsodium", SecretBox.libraryVersion),
        ]
            + CompressionMethod.libraries + [("libyaml", YAMLLibrary.version)]
    }

    /// The components that shaped the bytes of a layer.
    static func of(_ method: CompressionMethod) -> [ComponentVersion] {
        let names = ["varve", "swift", "libarchive", "libcrypto"] + [method.library?.name].compactMap { $0 }
        return all.filter { names.contains($0.name) }.map {
            ComponentVersion(name: $0.name, version: $0.version)
        }
    }

    /// The compiler's version, as closely as it tells: the standard library leaves the last number out.
    private static var swift: String {
        #if compiler(>=6.3.2)
            "\(_SwiftStdlibVersion.current)"
        #elseif compiler(>=6.3.1)
            "6.3.1"
        #else
            "\(_SwiftStdlibVersion.current)"
        #endif
    }

    /// The running program and every shared object mapped into it, by the SHA-256 of their files.
    ///
    /// A library that was exchanged shows here whatever version it claims. One whose file is gone is left out.
    static func mappedFiles() -> [ResourceDescriptor] {
        Machine.mappedObjects().compactMap { path in
            // Another kind of file that took a library's place might never end.
            guard (try? File.reading(path).status().kind) == .regular,
                let digest = try? FileDigests.digest(of: File.reading(path))
            else { return nil }
            let name = path.lastComponent.map { "\($0)" } ?? ""
            return ResourceDescriptor(
                name: name == "exe" ? "varve" : name, digest: DigestSet(digest))
        }
    }
}
