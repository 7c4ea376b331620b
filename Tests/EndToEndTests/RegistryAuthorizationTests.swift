import OCI
import SystemPackage
import TestSupport
import Testing

/// Who sees what authorizes, met by the program: rows E15 to E20 of the table of faults.
struct RegistryAuthorizationTests {
    private let work: RegistryWorkplace

    init() throws { work = try RegistryWorkplace() }

    @Test("E17: a registry that always wants to see more is asked a few times", arguments: [true, false])
    func unauthorizedForEver(hasToken: Bool) throws {
        let useless = FaultyRegistry.Access.token(user: "u", password: "c4nary", uses: 0)
        let refusing = try FaultyRegistry(access: hasToken ? useless : .basic(user: "u", password: "x"))
        let variable = "VARVE_127_0_0_1_\(refusing.port)"
        for words in [
            ["pull", "\(refusing.host)/app:1", "oci:base:x"],
            ["push", "oci:out:app-1.0", "\(refusing.host)/app:1"],
        ] {
            let mark = refusing.mark
            let outcome = try work.varve(
                words, variables: ["\(variable)_USER=u", "\(variable)_PASSWORD=c4nary"]
            ).run()
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("not authorized"), "\(outcome.errors)")
            #expect(!outcome.errors.contains("c4nary"))
            // Two blobs at once, each asked for and then sent, and each of that with and without a token.
            #expect(refusing.mark - mark <= 16, "\(refusing.log.dropFirst(mark))")
        }
    }

    @Test("E15, 21: behind a redirect to another host nothing authorizes")
    func redirected() throws {
        let store = try work.filled([])
        let layer =
            try work.inspect("oci:out:app-1.0")["manifest"]?["layers"]?.array?.first?["digest"]?.string ?? ""
        let leading = try FaultyRegistry(
            [
                .always(
                    "GET", "/blobs/\(layer)",
                    .redirect("http://localhost:\(store.port)/v2/app/blobs/\(layer)"))
            ], access: .basic(user: "u", password: "c4nary")
        ) { $0 = store.content }
        let variable = "VARVE_127_0_0_1_\(leading.port)"
        let outcome = try work.varve(
            ["pull", "\(leading.host)/app:1", "oci:base:x", "-q"],
            variables: ["\(variable)_USER=u", "\(variable)_PASSWORD=c4nary"]
        ).run()
        #expect(leading.exchanges.contains { $0.header("Authorization") != nil })
        #expect(store.exchanges.allSatisfy { $0.header("Authorization") == nil })
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(store.count("GET", layer) == 1)
    }

    @Test("E18: a token that runs out is fetched anew", arguments: [8, 12])
    func shortTokens(uses: Int) throws {
        let registry = try FaultyRegistry(access: .token(user: "u", password: "p", uses: uses))
        let variable = "VARVE_127_0_0_1_\(registry.port)"
        let variables = ["\(variable)_USER=u", "\(variable)_PASSWORD=p"]
        try work.varve(["push", "oci:out:app-1.0", "\(registry.host)/app:1", "-q"], variables: variables)
            .succeed()
        let pulled = try work.varve(
            ["pull", "\(registry.host)/app:1", "oci:base:x", "-q"], variables: variables
        )
        .succeed()
        #expect(pulled.line == work.digest)
    }

    @Test("17: one token is enough for a push")
    func oneToken() throws {
        let registry = try FaultyRegistry(access: .token(user: "u", password: "p"))
        let variable = "VARVE_127_0_0_1_\(registry.port)"
        try work.varve(
            ["push", "oci:out:app-1.0", "\(registry.host)/app:1", "-q"],
            variables: ["\(variable)_USER=u", "\(variable)_PASSWORD=p"]
        ).succeed()
        #expect(registry.count("GET", "/token") + registry.count("POST", "/token") <= 2)
        #expect(
            registry.exchanges.allSatisfy {
                !$0.target.contains("/v2/") || $0.header("Authorization")?.contains("Basic") != true
            })
    }

    @Test("E20, 22: a token server elsewhere gets no password")
    func foreignRealm() throws {
        let thief = try FaultyRegistry(access: .token())
        let registry = try FaultyRegistry(access: .token(user: "u", password: "c4nary"))
        registry.setRealm("http://localhost:\(thief.port)/token")
        let variable = "VARVE_127_0_0_1_\(registry.port)"
        let outcome = try work.varve(
            ["push", "oci:out:app-1.0", "\(registry.host)/app:1"],
            variables: ["\(variable)_USER=u", "\(variable)_PASSWORD=c4nary"]
        ).run()
        #expect(outcome.status == 1)
        #expect(thief.exchanges.allSatisfy { $0.header("Authorization") == nil })
        #expect(outcome.errors.contains("localhost:\(thief.port)"), "\(outcome.errors)")
    }
}
