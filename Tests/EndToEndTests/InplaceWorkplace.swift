import Linux
import SystemPackage
import TestSupport
import Testing

/// A workplace whose builds remove files: only ever in containers that stand alone.
struct InplaceWorkplace {
    /// Where varve is in there.
    static let varve = "/usr/local/bin/varve"

    let work: RunWorkplace
    var site: BuildSite { work.site }
    var container: Container

    init() throws {
        work = try RunWorkplace()
        container = try Self.container(for: work)
    }

    /// A container for one build: its libraries are gone then, and varve does not start again.
    static func container(for work: RunWorkplace) throws -> Container {
        var container = try Container.standingAlone()
        container.environment = ["container=oci"]
        try container.bind(work.site.scratch.path, at: "/site", isReadOnly: false)
        try container.bind(RunWorkplace.base.get().scratch["base"], at: "/base")
        return container
    }

    /// Runs lines of a shell there: `varve_build` builds, and `box` has busybox's programs.
    func shell(_ lines: String, in container: Container? = nil) throws -> Command.Outcome {
        let functions = """
            words="--isolation inplace --no-provenance --build-context base=oci:/base:app"
            varve_build() { \(Self.varve) build $words "$@"; }
            box() { /kaniko/busybox "$@"; }
            """
        return try (container ?? self.container).run(
            "/kaniko/busybox", "sh", "-c", "\(functions)\n\(lines)")
    }

    func build(
        _ dockerfile: String, _ flags: String = "", in container: Container? = nil
    ) throws -> Command.Outcome {
        try site.write("Dockerfile", dockerfile + "\n")
        return try shell(
            "varve_build /site/ctx -o oci:/site/out:app --cache-dir /site/cache \(flags)", in: container)
    }

    func built(_ outcome: Command.Outcome) throws -> Built {
        try #require(outcome.status == 0, "\(outcome.errors)")
        return try Built(outcome, layout: site.scratch["out"])
    }
}
