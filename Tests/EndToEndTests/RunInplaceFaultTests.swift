import Linux
import SystemPackage
import TestSupport
import Testing

/// Who may not remove the files of `/`, and how builds end that did.
@Suite(.serialized, .timeLimit(.minutes(20)))
struct RunInplaceFaultTests {
    private let inplace: InplaceWorkplace
    private var site: BuildSite { inplace.site }

    init() throws { inplace = try InplaceWorkplace() }

    @Test func `where nothing tells of a container it is refused, unless with --force`() throws {
        var container = inplace.container
        container.environment = []
        let refused = try inplace.build("FROM base\nRUN true", "; echo $? $(box cat /etc/old)", in: container)
        #expect(refused.text == "2 the container's\n")
        #expect(refused.errors.hasPrefix("varve: --isolation inplace: it removes all files of /, "))
        #expect(refused.errors.contains("--force"))
        _ = try inplace.built(inplace.build("FROM base\nRUN true", "--force", in: container))
    }

    @Test func `a plain user is refused, and so is who has two minds`() throws {
        var container = inplace.container
        container.user = 1000
        let refused = try inplace.build("FROM base\nRUN true", in: container)
        #expect(refused.status == 2 && refused.errors.contains("only root can"), "\(refused.errors)")
        let outcome = try site.building(["--isolation", "chroot", "--force"]).run()
        #expect(outcome.status == 2 && outcome.errors.contains("--force is for --isolation inplace"))
    }

    @Test func `a failure says what it says elsewhere`() throws {
        for (line, words) in [
            ("RUN echo out; exit 7", ["line 2, RUN", "exit status 7", "    out"]),
            ("RUN --network=none true", ["line 2, RUN", "--network=none needs namespaces"]),
            ("USER nobody\nRUN true", ["line 3, RUN", "nobody"]),
        ] {
            let outcome = try inplace.build(
                "FROM base\n" + line, in: InplaceWorkplace.container(for: inplace.work))
            #expect(outcome.status == 1)
            for text in words { #expect(outcome.errors.contains(text), "\(outcome.errors)") }
            #expect(!Machine.exists(site.scratch["out/index.json"]))
        }
    }

    @Test(arguments: ["sleep 600", "trap '' TERM; while :; do sleep 1; done"])
    func `a signal ends the program, and what is temporary goes`(program: String) throws {
        try site.write("Dockerfile", "FROM base\nRUN --mount=type=cache,target=/c echo up; \(program)\n")
        let outcome = try inplace.shell(
            """
            \(InplaceWorkplace.varve) build $words /site/ctx -o oci:/site/out:app --cache-dir /site/cache 2>/site/errors & build=$!
            for i in $(box seq 600); do box grep -qsF -- '| up' /site/errors && break; box sleep 0.05; done
            kill -TERM $build; wait $build; echo $?; box ls -A / | box grep varve; box ls -d /c
            box ps | box grep -c '[s]leep 600\\|[t]rap'
            """)
        #expect(outcome.text == "143\n0\n", "\(outcome.errors)")
        let errors = try text(of: site.scratch["errors"])
        #expect(errors.hasSuffix("\nvarve: interrupted by Terminated\n"), "\(errors)")
    }
}
