import OCI
import SystemPackage
import TestSupport
import Testing

/// Registries that speak TLS, and those that do not.
struct RegistryTLSTests {
    private let work: RegistryWorkplace

    init() throws { work = try RegistryWorkplace() }

    @Test(arguments: ["localhost", "127.0.0.1"])
    func `an authority made for the test is trusted where it is given`(name: String) throws {
        let registry = try RealRegistry(hasTLS: true)
        let authority = try #require(registry.certificate).string
        let app = "\(name):\(registry.port)/team/app:1"
        try work.varve("push", "oci:out:app-1.0", app, "-q", "--ca-cert", authority).succeed()
        try work.varve("pull", app, "oci:base:x", "-q", "--ca-cert", authority).succeed()
        try work.varve("verify", app, "--key", "cosign.pub", "--ca-cert", authority).succeed()
        let digest = try work.varve("copy", app, "oci:copy:x", "-q", "--ca-cert", authority).succeed().line
        #expect(digest == work.digest)
    }

    @Test func `without it nothing is said to the registry, and the message says what to do`() throws {
        let registry = try RealRegistry(wantsUser: true, hasTLS: true)
        try SignedImage.generateKey("other", in: work.scratch)
        try Command(
            shell: """
                openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
                -keyout other.pem -out other.crt 2>/dev/null
                """
        ).at(work.scratch.path).succeed()
        let outcome = try work.varve(
            [
                "push", "oci:out:app-1.0", "localhost:\(registry.port)/app:1", "--ca-cert", "other.crt",
            ],
            variables: [
                "VARVE_LOCALHOST_\(registry.port)_USER=u", "VARVE_LOCALHOST_\(registry.port)_PASSWORD=c4nary",
            ]
        ).run()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("localhost:\(registry.port)"), "\(outcome.errors)")
        #expect(outcome.errors.contains("--ca-cert"), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
        #expect(!outcome.errors.contains("c4nary"))
    }

    @Test func `a registry whose certificate nobody shall look at`() throws {
        let registry = try RealRegistry(hasTLS: true)
        let host = "localhost:\(registry.port)"
        try work.varve(
            "push", "oci:out:app-1.0", "\(host)/app:1", "-q", "--skip-tls-verify-registry", host
        ).succeed()
        let other = try work.varve(
            "pull", "\(host)/app:1", "oci:base:x", "-q", "--skip-tls-verify-registry", "example.com"
        ).run()
        #expect(other.status == 1)
    }

    @Test func `a user in TLS`() throws {
        let registry = try RealRegistry(wantsUser: true, hasTLS: true)
        let authority = try #require(registry.certificate).string
        let host = "localhost:\(registry.port)"
        let password = try work.scratch.write("password", RealRegistry.login.password)
        try work.varve(
            "login", host, "-u", RealRegistry.login.user, "--password-stdin", "--ca-cert", authority, "-q"
        ).reading(password).succeed()
        try work.varve(
            "pack", "rootfs", "--destination", "\(host)/app:1", "--ca-cert", authority, "--sign-key",
            "cosign.key", "-q"
        ).succeed()
        try work.varve("verify", "\(host)/app:1", "--key", "cosign.pub", "--ca-cert", authority).succeed()
    }

    @Test func `plain HTTP is spoken to this machine, and elsewhere where it is asked for`() throws {
        let registry = try RealRegistry()
        let here = "\(registry.host)/app:1"
        try work.varve("push", "oci:out:app-1.0", here, "-q").succeed()
        // Another name of this machine: TLS is the rule for it.
        let there = "127.0.0.1.nip.invalid:\(registry.port)"
        let outcome = try work.varve("pull", "\(there)/app:1", "oci:base:x", "--tries", "1").run()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("127.0.0.1.nip.invalid"), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    }

    @Test func `TLS where none is spoken is told with what to do`() throws {
        let registry = try RealRegistry()
        try Command(
            shell:
                "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=x -keyout k -out c 2>/dev/null"
        )
        .at(work.scratch.path).succeed()
        let outcome = try work.varve("pull", "\(registry.host)/app:1", "oci:base:x", "--ca-cert", "c").run()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("--insecure-registry"), "\(outcome.errors)")
    }

    @Test func `a client shows its certificate, and one that is missing is told`() throws {
        let registry = try RealRegistry(hasTLS: true, wantsClientCertificate: true)
        let host = "localhost:\(registry.port)"
        let authority = try #require(registry.certificate)
        let key = authority.removingLastComponent().appending("key.pem")
        let push = work.varve(
            "push", "oci:out:app-1.0", "\(host)/app:1", "-q", "--ca-cert", authority.string, "--tries", "1")
        let outcome = try push.run()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains(host), "\(outcome.errors)")
        try push.adding("--client-cert", authority.string, "--client-key", key.string).succeed()
    }

    @Test(
        arguments: ["--ca-cert", "--client-cert", "--client-key"],
        ["nonsense", "nowhere", "rootfs", "cosign.key"])
    func `a file that is no certificate and no key is told by its name`(flag: String, file: String) throws {
        try work.scratch.write("nonsense", "nonsense\n")
        try Command(
            shell:
                "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=x -keyout k -out c 2>/dev/null"
        )
        .at(work.scratch.path).succeed()
        let words =
            switch flag {
            case "--client-cert": [flag, file, "--client-key", "k"]
            case "--client-key": [flag, file, "--client-cert", "c"]
            default: [flag, file]
            }
        let outcome = try work.varve(
            ["push", "oci:out:app-1.0", "localhost:1/app:1", "--tries", "1"] + words
        )
        .run()
        #expect(outcome.status != 0)
        // A cosign key is a private key of another kind.
        if flag != "--client-key" || file != "cosign.key" {
            #expect(outcome.errors.contains(file), "\(outcome.errors)")
        }
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    }
}
