import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

/// A cache that machines share: each machine is a cache directory of its own.
@Suite(.timeLimit(.minutes(30)))
struct BuildSharedCacheTests {
    private let site: BuildSite
    private var scratch: Scratch { site.scratch }

    init() throws {
        site = try BuildSite(
            "FROM scratch AS one\nCOPY a.txt /one\nFROM scratch\nCOPY --from=one one /two\nCOPY dir /dir\n")
        try site.write("a.txt", "a\n")
        try site.write("dir/b.txt", "b\n")
        try SignedImage.generateKey("cosign", in: scratch)
        try SignedImage.generateKey("other", in: scratch)
    }

    @Test func `a second machine takes every layer from a real registry`() throws {
        let registry = try RealRegistry()
        let place = "\(registry.host)/team/cache"
        let first = try site.build("--cache-to", place, cache: "one")
        let second = try site.build("--cache-from", place, cache: "two", layout: "second")
        #expect(second.hits == 3 && second.misses == [] && second.digest == first.digest, "\(second.errors)")
        #expect(second.errors.split(separator: "\n").count { $0.contains("--cache-trust-key believes") } == 1)
        let third = try site.build(
            "--cache-to", place, "--cache-from", place, cache: "three", layout: "third")
        #expect(third.hits == 3 && third.digest == first.digest)
        try site.write("dir/b.txt", "new\n")
        let changed = try site.build("--cache-from", place, cache: "four", layout: "fourth")
        #expect(try changed.hits == 2 && changed.text("dir/b.txt") == "new\n", "\(changed.errors)")
    }

    @Test func `signed entries are believed, unsigned ones and those of another key are not`() throws {
        let registry = try RealRegistry()
        let place = "\(registry.host)/team/cache"
        let first = try site.build(
            "--cache-to", "\(place)/signed", "--cache-sign-key", "cosign.key", cache: "one")
        try site.build("--cache-to", "\(place)/unsigned", cache: "two")
        try site.build("--cache-to", "\(place)/other", "--cache-sign-key", "other.key", cache: "three")
        for (number, (name, hits)) in [("signed", 3), ("unsigned", 0), ("other", 0), ("none", 0)].enumerated()
        {
            let built = try site.build(
                "--cache-from", "\(place)/\(name)", "--cache-trust-key", "cosign.pub", cache: "m\(number)",
                layout: "l\(number)")
            #expect(built.hits == hits && built.digest == first.digest, "\(name): \(built.errors)")
            #expect(
                built.errors.contains("is not used") == (name == "unsigned" || name == "other"),
                "\(built.errors)")
        }
    }

    @Test func `provenance names the layers that came from a repository, the entry and who signed it`() throws
    {
        let registry = try RealRegistry()
        let place = "\(registry.host)/team/cache"
        try site.build("--cache-to", place, "--cache-sign-key", "cosign.key", cache: "one")
        let flags = ["--cache-from", place, "--cache-trust-key", "cosign.pub", "--provenance", "p.json"]
        try site.building(flags, cache: "two").succeed()
        let statement = try JSONValue(parsing: content(of: scratch["p.json"]))
        let layers = try #require(statement[path: "predicate.runDetails.byproducts"]?.array)
        #expect(layers.count == 2)
        for layer in layers { #expect(layer[path: "annotations.cache"]?.string == "hit") }
        let all = statement[path: "predicate.buildDefinition.resolvedDependencies"]?.array ?? []
        let cached = all.filter { $0["name"]?.string == "cached layer" }
        #expect(cached.count == 2)
        for layer in cached {
            #expect(layer["downloadLocation"]?.string?.hasPrefix("docker://\(place)@sha256:") == true)
            #expect(layer[path: "annotations.entry"]?.string?.hasPrefix("sha256:") == true)
            #expect(layer[path: "annotations.signer"]?.string?.isEmpty == false)
        }
    }

    @Test(arguments: [("cosign", "cache"), ("cosign", "cosign")])
    func `the provenance and the cache are signed under one password, each with its key`(
        name: String, cache: String
    ) throws {
        let registry = try RealRegistry()
        let place = "\(registry.host)/team/cache"
        for prefix in Set(["sealed-\(name)", "sealed-\(cache)"]) {
            try Command.varve("key", "generate", "--output-prefix", prefix).at(scratch.path)
                .with("COSIGN_PASSWORD", "secret").succeed()
        }
        let flags = [
            "--provenance", "p.json", "--sign-key", "env://COSIGN_PRIVATE_KEY", "--cache-to", place,
            "--cache-sign-key", name == cache ? "env://COSIGN_PRIVATE_KEY" : "env://CACHE_PRIVATE_KEY",
        ]
        let variables = try [
            "COSIGN_PASSWORD=secret", "COSIGN_PRIVATE_KEY=\(text(of: scratch["sealed-\(name).key"]))",
            "CACHE_PRIVATE_KEY=\(text(of: scratch["sealed-\(cache).key"]))",
        ]
        try site.building(flags, cache: "one", variables: variables).succeed()
        let again = try site.build(
            "--cache-from", place, "--cache-trust-key", "sealed-\(cache).pub", cache: "two")
        #expect(again.hits > 0, "\(again.errors)")
    }

    @Test(arguments: [404, 401, 500])
    func `a registry that refuses costs a note, and the build goes on`(status: Int) throws {
        let registry = try FaultyRegistry([.always("*", "/v2/", .answer(status))])
        let place = "\(registry.host)/cache"
        let built = try site.build("--cache-from", place, "--cache-to", place, "--tries", "1")
        #expect(built.hits == 0 && built.layers.count == 2)
        let notes = built.errors.split(separator: "\n").filter { $0.hasPrefix("note: ") }
        #expect((status == 404 ? 1...2 : 1...2).contains(notes.count), "\(built.errors)")
    }

    @Test func `a layer that was altered in the registry is built anew, and the image is right`() throws {
        let good = try FaultyRegistry()
        let first = try site.build("--cache-to", "\(good.host)/cache", cache: "one")
        let faults = first.layers.map { RegistryFault.always("GET", "/blobs/\($0)", .corrupt(30)) }
        let bad = try FaultyRegistry(faults) { $0 = good.content }
        let outcome = try site.building(
            ["--cache-from", "\(bad.host)/cache"], cache: "two", layout: "second"
        ).run()
        if outcome.status == 3, outcome.errors.contains("cannot be used") {
            try Test.cancel("a build does not carry out again what a lost layer stood for: \(outcome.errors)")
        }
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.line == first.digest)
        #expect(try Built(outcome, layout: scratch["second"]).text("dir/b.txt") == "b\n")
    }

    @Test func `who only reads sends nothing, and --cache-to contradicts that`() throws {
        let registry = try FaultyRegistry()
        let place = "\(registry.host)/cache"
        try site.build("--cache-from", place, "--cache-read-only")
        #expect(registry.exchanges.allSatisfy { ["GET", "HEAD"].contains($0.method) })
        #expect(!Machine.exists(site.cache))
        let outcome = try site.building(["--cache-to", place, "--cache-read-only"]).run()
        #expect(outcome.status == 2 && outcome.errors.contains("exclude each other"))
    }

    // MARK: Bases

    /// A base in a registry in memory, and its layer's digest.
    private func base() throws -> (registry: FaultyRegistry, layer: String) {
        let registry = try FaultyRegistry()
        let place = try site.image("base", "mkdir -p usr/bin; ln -s usr/bin bin; seq 9999 > usr/data")
        try site.varve(["push", place, "\(registry.host)/base:1", "-q"]).succeed()
        let line =
            "cat base/blobs/sha256/* | grep -ao '\"layers\":.*' | grep -ao 'sha256:[0-9a-f]*' | head -1"
        return (registry, try Command(shell: line).at(scratch.path).succeed().line)
    }

    @Test(
        "who changes metadata alone or links layers does not fetch the base's, where its destination has them",
        arguments: ["LABEL a=b\nENV c=d\nUSER 5\nEXPOSE 80", "COPY --link --chown=5:6 a.txt /bin/x"],
        ["base", "other"])
    func untouched(instructions: String, repository: String) throws {
        let (registry, layer) = try base()
        try site.write("Dockerfile", "FROM \(registry.host)/base:1\n\(instructions)\n")
        let words = [
            "build", "ctx", "--cache-dir", "cache", "--no-provenance", "-t",
            "\(registry.host)/\(repository):2", "--push",
        ]
        try site.varve(words).succeed()
        #expect(registry.count("GET", "/blobs/\(layer)") == 0)
        #expect(registry.count("PUT", "/manifests/2") == 1)
        #expect(registry.content.tags[repository]?["2"] != nil)
    }

    @Test func `COPY reads the base once, for all builds that follow`() throws {
        let (registry, layer) = try base()
        try site.write("Dockerfile", "FROM \(registry.host)/base:1\nCOPY a.txt /bin/x\n")
        let built = try site.build()
        #expect(try built.members().map(\.name).contains("usr/bin/x"), "the base's link is followed")
        #expect(registry.count("GET", "/blobs/\(layer)") == 1)
        try site.write("a.txt", "new\n")
        try site.build(layout: "second")
        #expect(registry.count("GET", "/blobs/\(layer)") == 1)
    }

    @Test func `a tag is looked up once in a build, and the digest counts from then on`() throws {
        let (registry, _) = try base()
        let name = "\(registry.host)/base:1"
        try site.write(
            "Dockerfile",
            "FROM \(name) AS one\nFROM \(name)\nCOPY --from=\(name) usr/data /x\nCOPY --from=one usr/data /y\n"
        )
        let mark = registry.mark
        let built = try site.build()
        #expect(built.layers.count == 3)
        let byTag = registry.exchanges.dropFirst(mark).filter { $0.path.hasSuffix("/manifests/1") }
        #expect(byTag.count == 1, "\(byTag)")
    }
}
