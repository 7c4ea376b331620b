import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

/// `varve cache warm`, with a real registry.
struct CacheWarmTests {
    private let site: BuildSite
    private let registry: RealRegistry
    private var base: String { "\(registry.host)/base:1" }

    init() throws {
        site = try BuildSite()
        registry = try RealRegistry()
        try site.image("base", "mkdir etc; echo base > etc/motd")
    }

    /// Brings the base to the registry.
    ///
    /// - Returns: Its digest and its layers' digests.
    private func push() throws -> (digest: String, layers: [String]) {
        let digest = try site.varve(["copy", "oci:base:app", base, "-q"]).succeed().line
        let manifest = try JSONValue(
            parsing: content(of: site.scratch["base/blobs/sha256/\(digest.dropFirst(7))"]))
        let layers = manifest["layers"]?.array?.compactMap { $0["digest"]?.string } ?? []
        return (digest, layers)
    }

    private func expectLayers(_ layers: [String], of digest: String, after words: [String]) throws {
        let outcome = try site.varve(["cache", "warm", "--cache-dir", "warm"] + words).succeed()
        #expect(outcome.text == "\(base)@\(digest)\n")
        let blobs = try Directory.open(site.scratch["warm/v1/blobs/sha256"]).names().map {
            "sha256:" + String(decoding: $0.bytes, as: UTF8.self)
        }
        #expect(layers.count == 1 && blobs.sorted() == layers.sorted())
    }

    @Test func `an image's layers lie in the cache, and are not fetched twice`() throws {
        let (digest, layers) = try push()
        try expectLayers(layers, of: digest, after: ["--image", base])
        let blob = site.scratch["warm/v1/blobs/sha256/\(layers[0].dropFirst(7))"]
        let before = try Command(["stat", "-c", "%i %Z", blob.string]).succeed().line
        try expectLayers(layers, of: digest, after: ["-i", base, "--force"])
        #expect(try Command(["stat", "-c", "%i %Z", blob.string]).succeed().line == before)
    }

    @Test func `a Dockerfile's bases are fetched, each once, and neither its stages nor what is nothing`()
        throws
    {
        let (digest, layers) = try push()
        try site.write(
            "Dockerfile",
            "ARG TAG=none\nFROM \(registry.host)/base:$TAG AS one\nFROM one\nFROM scratch\nFROM \(base)\n")
        try expectLayers(layers, of: digest, after: ["--dockerfile=ctx/Dockerfile", "--build-arg", "TAG=1"])
    }

    @Test func `an image that is not there is an error, and what has no image is usage`() throws {
        let missing = try site.varve(["cache", "warm", "--cache-dir", "warm", "-i", base]).run()
        #expect(missing.status == 1 && missing.output == [] && missing.errors.contains(base))
        #expect(try site.varve(["cache", "warm"]).run().status == 2)
    }
}
