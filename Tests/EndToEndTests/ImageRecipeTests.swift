import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

/// The images of varve itself: varve builds them, and they do in containers what they are for.
@Suite(.timeLimit(.minutes(20)))
struct ImageRecipeTests {
    private static let package = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent()

    /// All of them in the layout `images/images`, built once.
    private static let made = Result {
        try Requirement.root()
        guard let tar = ProcessArguments.environment["VARVE_DEBIAN"], Machine.exists(FilePath(tar)) else {
            try Test.cancel("VARVE_DEBIAN names no tar of a Debian root")
        }
        let objects = try Command(["ldd", Command.varvePath.string]).succeed().text
        if objects.contains("libswiftCore") {
            try Test.cancel("the program is no release: it wants Swift's libraries")
        }
        let site = try BuildSite()
        let script = package.appending("Dockerfiles").appending("images.sh")
        let outcome = try Command([
            "env", "VARVE_CACHE_DIR=\(site.scratch["cache"])", "bash", script.string,
            Command.varvePath.string, tar,
            site.scratch["images"].string,
        ]).at(package).run()
        let unreachable = ["Temporary failure resolving", "Could not resolve", "Could not connect"]
        if outcome.status != 0, unreachable.contains(where: { outcome.errors.contains($0) }) {
            try Test.cancel("there is no way to Debian's mirror")
        }
        try #require(outcome.status == 0, "\(outcome.errors.suffix(3000))")
        return site
    }

    private func layout(_ name: String) throws -> String {
        try "oci:\(Self.made.get().scratch["images/images"]):\(name)"
    }

    /// A container of an image, with a context in `/workspace`.
    private func container(_ image: String) throws -> Container {
        let container = try Container.holding { root in
            try Command.varve("unpack", layout(image), root.string, "-q").succeed()
            let script =
                "cp /bin/busybox $0/workspace/sh; mkdir $0/out; chmod 777 $0/out; chmod -R a+rX $0/workspace"
            try Command(["sh", "-c", script, root.string]).succeed()
        }
        return container
    }

    private func write(_ dockerfile: String, in container: Container) throws {
        try container.scratch.write("rootfs/workspace/Dockerfile", dockerfile + "\n")
    }

    @Test func `they are small, and say what starts in them`() throws {
        let starts = [
            ("varve", ["/usr/bin/varve"], "65532:65532"), ("executor", ["/kaniko/executor"], "0:0"),
            ("executor-debug", ["/kaniko/executor"], "0:0"), ("plugin", ["/kaniko/kaniko-docker"], "0:0"),
            ("slsa", ["/usr/bin/varve", "plugin", "slsa"], "0:0"),
        ]
        for (name, entry, user) in starts {
            let site = try Self.made.get()
            let copied = try site.varve(["copy", layout(name), "oci:one-\(name):x", "-q"]).succeed()
            let image = try Built(copied, layout: site.scratch["one-\(name)"])
            #expect(image.configuration["config"]?["Entrypoint"]?.array?.compactMap(\.string) == entry)
            #expect(image.configuration["config"]?["User"]?.string == user)
            let size = image.manifest["layers"]?.array?.compactMap { $0["size"]?.int64 }.reduce(0, +) ?? 0
            #expect((1_000_000..<60_000_000).contains(size), "\(name): \(size)")
        }
    }

    @Test func `under Docker's defaults the executor builds what has RUN`() throws {
        let container = try container("executor")
        try write(
            """
            FROM scratch AS tools
            COPY sh /bin/sh
            RUN echo made > /made && test -e /proc/self && test ! -e /kaniko/none
            FROM scratch
            COPY --from=tools /made /made
            """, in: container)
        let outcome = try container.run(
            "/kaniko/executor", "--context=dir:///workspace", "--no-push", "--oci-layout-path=/out/layout",
            "--digest-file=/out/digest")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let digest = try text(of: container.scratch["rootfs/out/digest"])
        #expect(outcome.text == digest + "\n")
        let tree = container.scratch["tree"]
        try Command.varve("unpack", "oci:\(container.scratch["rootfs/out/layout"])", tree.string, "-q")
            .succeed()
        #expect(try text(of: tree.appending("made")) == "made\n")
    }

    @Test func `with no capability a plain user packs, and builds what has no RUN`() throws {
        var container = try container("varve")
        (container.user, container.capabilities, container.refusesNewPrivileges) = (65532, [], true)
        try write("FROM scratch\nCOPY sh /bin/sh", in: container)
        let packed = try container.run(
            "/usr/bin/varve", "pack", "/workspace", "-o", "oci:/out/packed:x", "-q")
        #expect(packed.status == 0 && packed.text.hasPrefix("sha256:"), "\(packed.errors)")
        let built = try container.run("/usr/bin/varve", "build", "/workspace", "-o", "oci:/out/built:x", "-q")
        #expect(built.status == 0 && built.text.hasPrefix("sha256:"), "\(built.errors)")
        try write("FROM scratch\nCOPY sh /bin/sh\nRUN true", in: container)
        let refused = try container.run("/usr/bin/varve", "build", "/workspace", "-o", "oci:/out/run:x", "-q")
        #expect(refused.status == 1)
        #expect(
            refused.errors.contains("line 3") && refused.errors.contains("varve doctor"), "\(refused.errors)")
    }

    @Test func `the plugin begins where Kaniko's does`() throws {
        var container = try container("plugin")
        container.directory = "/workspace"
        container.environment = [
            "PLUGIN_NO_PUSH=true", "PLUGIN_TAR_PATH=/out/image.tar", "PLUGIN_REPO=example.com/app",
            "PLUGIN_TAGS=1.0",
            "PLUGIN_ARTIFACT_FILE=/out/artifact.json",
        ]
        try write("FROM scratch\nCOPY sh /bin/sh", in: container)
        let outcome = try container.run("/kaniko/kaniko-docker")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let line = outcome.text.split(separator: "\n").first
        #expect(line?.hasPrefix("+ /kaniko/executor --dockerfile=Dockerfile --context=dir://.") ?? false)
        #expect(Machine.exists(container.scratch["rootfs/out/image.tar"]))
        #expect(try text(of: container.scratch["rootfs/kaniko/digest-file"]).hasPrefix("sha256:"))
    }
}
