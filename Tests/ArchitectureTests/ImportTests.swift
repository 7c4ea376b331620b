import Testing

/// What each room may import; ARCHITECTURE.md says why.
private let rooms: [String: Set<String>] = [
    "Linux": ["CLinux", "Glibc", "SystemPackage"],
    "Cryptography": ["CCrypto", "CSodium"],
    "Compression": ["CDeflate", "CISAL", "CZlib", "CZstd"],
    "Tar": ["CArchive"],
    "YAML": ["CYAML"],
    "HTTP": ["CCurl", "Glibc"],
    "DockerfileSyntax": [],
    "OCI": [],
    "Layers": ["Compression", "Cryptography", "Linux", "OCI", "SystemPackage", "Tar"],
    "Images": ["Cryptography", "Linux", "OCI", "SystemPackage", "Tar"],
    "Provenance": ["Cryptography", "OCI", "YAML"],
    "Registry": ["Cryptography", "HTTP", "Linux", "OCI", "SystemPackage"],
    "Build": [
        "Compression", "Cryptography", "DockerfileSyntax", "HTTP", "Images", "Layers", "Linux", "OCI",
        "Provenance", "Registry",
        "SystemPackage", "Tar", "YAML",
    ],
    "CLI": ["ArgumentParser", "Build", "Glibc", "Linux", "OCI", "SystemPackage"],
]

struct ImportTests {
    private static let sources = SourceFile.all(below: "Sources")

    @Test func `every room is in the table, and the table has no other`() {
        #expect(Set(Self.sources.map(\.room)) == Set(rooms.keys))
    }

    @Test("a room imports what the table gives it", arguments: sources)
    func imports(file: SourceFile) throws {
        let allowed = try #require(rooms[file.room])
        #expect(Set(file.imports).subtracting(allowed) == [])
    }

    @Test(
        "a C library is opened by one room",
        arguments: [
            "CArchive", "CCrypto", "CCurl", "CDeflate", "CISAL", "CLinux", "CSodium", "CYAML", "CZlib",
            "CZstd",
        ])
    func door(module: String) {
        #expect(Set(Self.sources.filter { $0.imports.contains(module) }.map(\.room)).count == 1)
    }

    @Test("Foundation stays out, in any form", arguments: ["Sources", "Tests"])
    func foundation(folder: String) {
        let found = SourceFile.all(below: folder).filter { file in
            file.imports.contains { $0.hasPrefix("Foundation") || $0 == "Dispatch" }
        }
        #expect(found.map(\.path) == [])
    }
}
