import Glibc
import Linux
public import SystemPackage

/// Debian's `docker-registry` on a port of its own, with its blobs in a directory for one test.
///
/// It is killed when its owner lets go of it, and by the kernel where the tests die first.
public final class RealRegistry: Sendable {
    /// Who is let in where a user is wanted.
    public static let login = (user: "user", password: "secret")
    /// The line for ``login`` that htpasswd(1) makes: `htpasswd -Bbn user secret`.
    private static let userLine = "user:$2y$05$.h9nF4LizGeemUan9.32sO0w3QNJyw/3KnqOsHUJ/hqmbdXowjbcO\n"

    /// Where it listens, on 127.0.0.1.
    public let port: Int
    /// The certificate that it shows, which is its own authority; `nil` without TLS.
    public let certificate: FilePath?
    private let scratch: Scratch
    private let process: pid_t

    /// Starts one, and waits until it listens.
    ///
    /// - Parameters:
    ///   - wantsUser: Whether only ``login`` is let in.
    ///   - hasTLS: Whether it speaks TLS, with a certificate for `localhost` and 127.0.0.1.
    ///   - wantsClientCertificate: Whether only who shows that certificate is spoken to; with TLS.
    ///   - allowsDeletion: Whether manifests and blobs can be deleted.
    /// - Throws: ``Command/Failure`` with its log; cancels the test where it is not installed.
    public init(
        wantsUser: Bool = false, hasTLS: Bool = false, wantsClientCertificate: Bool = false,
        allowsDeletion: Bool = false
    ) throws {
        try Requirement.program("docker-registry")
        scratch = try Scratch()
        certificate = hasTLS ? try Self.makeCertificate(scratch) : nil
        var lines = [
            "version: 0.1", "log: {level: info, formatter: text}", "storage:",
            "  filesystem: {rootdirectory: \(scratch["blobs"])}", "  delete: {enabled: \(allowsDeletion)}",
            "http:", "  addr: 127.0.0.1:0", "  secret: test",
        ]
        if let certificate {
            let clients = wantsClientCertificate ? ", clientcas: [\(certificate)]" : ""
            lines.append("  tls: {certificate: \(certificate), key: \(scratch["key.pem"])\(clients)}")
        }
        if wantsUser {
            try scratch.write("users", Self.userLine)
            lines += ["auth:", "  htpasswd: {realm: test, path: \(scratch["users"])}"]
        }
        let configuration = try scratch.write("config.yml", lines.joined(separator: "\n") + "\n")
        let log = scratch["log"]
        process = try Self.spawn(configuration, log: log)
        do {
            port = try Self.awaitPort(process, log)
        } catch {
            Self.end(process)
            throw error
        }
    }

    deinit { Self.end(process) }

    /// `127.0.0.1` and the port: a registry as references have it.
    public var host: String { "127.0.0.1:\(port)" }

    /// What it said until now: a line for each request among the rest.
    public var log: String { (try? text(of: scratch["log"])) ?? "" }

    /// Where it keeps its blobs.
    public var storage: FilePath { scratch["blobs"] }

    private static func makeCertificate(_ scratch: Scratch) throws -> FilePath {
        try Requirement.program("openssl")
        try Command([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-days",
            "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
            scratch["key.pem"].string, "-out", scratch["certificate.pem"].string,
        ]).succeed()
        return scratch["certificate.pem"]
    }

    private static func spawn(_ configuration: FilePath, log: FilePath) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log.string, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // setpriv has the kernel end it with the tests, however those end.
        let words = ["setpriv", "--pdeathsig", "KILL", "docker-registry", "serve", configuration.string]
        let arguments = words.map { strdup($0) } + [nil]
        defer { for text in arguments { free(text) } }
        var process = pid_t()
        let code = posix_spawnp(&process, "setpriv", &actions, nil, arguments, environ)
        guard code == 0 else {
            throw Command.Failure(description: "docker-registry: \(String(cString: strerror(code)))")
        }
        return process
    }

    /// The port is the kernel's choice, and the log says which.
    private static func awaitPort(_ process: pid_t, _ log: FilePath) throws -> Int {
        let mark = "listening on 127.0.0.1:"
        for _ in 0..<600 {
            let said = (try? text(of: log)) ?? ""
            if let start = said.firstRange(of: mark)?.upperBound,
                let end = said[start...].firstIndex(where: { !$0.isNumber }),
                let port = Int(said[start..<end])
            {
                return port
            }
            var status: Int32 = 0
            guard waitpid(process, &status, WNOHANG) == 0 else {
                throw Command.Failure(description: "docker-registry ended: \(said.suffix(1000))")
            }
            Machine.sleep(milliseconds: 50)
        }
        throw Command.Failure(description: "docker-registry does not listen after 30 s")
    }

    private static func end(_ process: pid_t) {
        kill(process, SIGKILL)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
    }
}
