// swift-tools-version: 6.3
import PackageDescription

/// Every Swift target: Swift 6 mode, no warnings, imports spelled out and private unless said otherwise.
let common: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// Targets that never touch a pointer; the compiler proves it.
let safe = common + [.strictMemorySafety()]

let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

let package = Package(
    name: "varve",
    products: [
        .executable(name: "varve", targets: ["CLI"]),
        .library(
            name: "VarveBuild", targets: ["Build", "Images", "Layers", "OCI", "Provenance", "Registry"]),
    ],
    traits: [
        .trait(name: "ISAL", description: "The gzip level `fastest`, made by isa-l's igzip."),
        .default(enabledTraits: ["ISAL"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
    ],
    targets: [
        // Doors: one C library each, and each opened by one hand.
        .systemLibrary(name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
        .systemLibrary(name: "CISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(name: "CLinux"),

        // Hands: the only Swift that holds C pointers.
        .target(
            name: "Compression",
            dependencies: [
                "CDeflate", "CZlib", "CZstd", .target(name: "CISAL", condition: .when(traits: ["ISAL"])),
            ],
            swiftSettings: common),
        .target(name: "Cryptography", dependencies: ["CCrypto", "CSodium"], swiftSettings: common),
        .target(name: "HTTP", dependencies: ["CCurl"], swiftSettings: common),
        .target(name: "Linux", dependencies: ["CLinux", system], swiftSettings: common),
        .target(name: "Tar", dependencies: ["CArchive"], swiftSettings: common),
        .target(name: "YAML", dependencies: ["CYAML"], swiftSettings: common),

        // Nouns: values and text, no input or output.
        .target(name: "DockerfileSyntax", swiftSettings: safe),
        .target(name: "OCI", swiftSettings: safe),

        // Trades: siblings that never import one another.
        .target(
            name: "Images", dependencies: ["Cryptography", "Linux", "OCI", "Tar", system], swiftSettings: safe
        ),
        .target(
            name: "Layers",
            dependencies: ["Compression", "Cryptography", "Linux", "OCI", "Tar", system],
            swiftSettings: safe),
        .target(
            name: "Provenance", dependencies: ["Cryptography", "OCI", "YAML"], swiftSettings: safe),
        .target(
            name: "Registry", dependencies: ["Cryptography", "HTTP", "Linux", "OCI", system],
            swiftSettings: safe),

        // The builder, and the way to the street.
        .target(
            name: "Build",
            dependencies: [
                "Compression", "Cryptography", "DockerfileSyntax", "HTTP", "Images", "Layers", "Linux", "OCI",
                "Provenance", "Registry", "Tar", "YAML", system,
            ],
            swiftSettings: safe),
        .executableTarget(
            name: "CLI",
            dependencies: [
                "Build", "Linux", "OCI", .product(name: "ArgumentParser", package: "swift-argument-parser"),
                system,
            ],
            swiftSettings: safe),

        // Tests: one target a room, and the built program against its peers.
        .target(
            name: "TestSupport", dependencies: ["Cryptography", "Linux", "OCI", system],
            path: "Tests/TestSupport",
            swiftSettings: common),
        test("Architecture", ["Linux"]),
        test(
            "Build",
            [
                "Build", "Cryptography", "DockerfileSyntax", "HTTP", "Images", "Layers", "Linux", "OCI",
                "Provenance", "Registry",
            ]),
        test("Compression", ["Compression", "Linux"]),
        test("Cryptography", ["Cryptography"]),
        test("DockerfileSyntax", ["DockerfileSyntax"]),
        test("EndToEnd", ["CLI", "Cryptography", "Linux", "OCI"]),
        test(
            "Examples",
            ["CLI", "Linux", "YAML", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
        test("HTTP", ["HTTP", "Linux"]),
        test("Images", ["Cryptography", "Images", "Linux", "OCI"]),
        test("Layers", ["Compression", "Cryptography", "Layers", "Linux", "OCI", "Tar"]),
        .executableTarget(
            name: "SandboxTrial", dependencies: ["Linux", system], path: "Tests/SandboxTrial",
            swiftSettings: common),
        test("Linux", ["Linux", "SandboxTrial"]),
        test("OCI", ["OCI"]),
        test("Provenance", ["Cryptography", "Linux", "OCI", "Provenance"]),
        test("Registry", ["Cryptography", "HTTP", "Linux", "OCI", "Registry"]),
        test("Tar", ["Linux", "Tar"]),
        test("YAML", ["YAML"]),
    ] + fuzzTargets
)

/// The tests of a room, in `Tests/<Room>Tests`.
func test(_ room: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: "\(room)Tests", dependencies: dependencies + ["TestSupport", system], swiftSettings: common)
}

/// Targets of libFuzzer, which `make fuzz` builds: they have no `main`, and no other build could link them.
var fuzzTargets: [Target] {
    guard Context.environment["VARVE_FUZZ"] != nil else { return [] }
    return [
        fuzz("Archive", ["Compression", "FuzzTarHeaders", "Layers", "Linux", "OCI", "Tar", system]),
        fuzz("AuthFile", ["OCI", "Registry"]),
        fuzz("Challenge", ["OCI", "Registry"]),
        fuzz("ContextPlace", ["Build", "Linux"]),
        fuzz("DockerfileInstructions", ["DockerfileSyntax"]),
        fuzz("DockerfileLines", ["DockerfileSyntax"]),
        fuzz("DockerfileWords", ["DockerfileSyntax"]),
        fuzz("Documents", ["OCI"]),
        fuzz("Envelope", ["OCI", "Provenance"]),
        fuzz("Gzip", ["Compression"]),
        fuzz("IgnoreFile", ["DockerfileSyntax"]),
        fuzz("Image", ["FuzzTarHeaders", "Images", "Linux", "OCI", system]),
        fuzz("ImageLocation", ["Images", system]),
        fuzz("JSON", ["OCI"]),
        fuzz("KeyFile", ["Cryptography", "OCI", "Provenance"]),
        fuzz("Layer", ["Compression", "Cryptography", "Layers", "Linux", "OCI", "Tar", system]),
        fuzz("Listing", ["Layers"]),
        fuzz("Plugin", ["Build"]),
        fuzz("Policy", ["Provenance"]),
        fuzz("Reference", ["OCI"]),
        fuzz("Tar", ["FuzzTarHeaders", "Tar"]),
        // What three of them share; it is none itself.
        .target(name: "FuzzTarHeaders", path: "Tests/Fuzz/TarHeaders", swiftSettings: common),
        fuzz("TreeSpecification", ["Tar"]),
        fuzz("YAML", ["YAML"]),
        fuzz("Zstd", ["Compression"]),
    ]
}

/// What is fuzzed, in `Tests/Fuzz/<Name>`.
func fuzz(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: "Fuzz\(name)", dependencies: dependencies, path: "Tests/Fuzz/\(name)", swiftSettings: common)
}
