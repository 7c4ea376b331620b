import HTTP
import Linux
import SystemPackage
import TestSupport
import Testing

/// A certification authority, a server's certificate by it, and a client's; made by openssl.
struct Certificates {
    let scratch: Scratch

    init() throws {
        try Requirement.program("openssl")
        scratch = try Scratch()
        try Command(
            shell: """
                openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test-ca \
                    -keyout ca.key -out ca.pem
                make() {
                    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=$1 -keyout $1.key -out $1.csr
                    printf "subjectAltName=$2" >$1.ext
                    openssl x509 -req -in $1.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days $3 -extfile $1.ext -out $1.pem
                }
                make server IP:127.0.0.1 2; make other DNS:other.example 2; make client DNS:client.example 2
                """
        ).at(scratch.path).succeed()
    }

    var authority: [UInt8] { get throws { try content(of: scratch["ca.pem"]) } }
}

/// `openssl s_server`, which answers each GET with a page.
final class TLSServer {
    let port: Int
    private let process: Worker<Void>

    init(_ certificates: Certificates, _ name: String = "server", _ options: String = "") throws {
        // A port that was free a moment ago.
        port = try LoopbackServer.answering("").port
        let line = """
            openssl s_server -accept 127.0.0.1:\(port) -cert \(name).pem -key \(name).key -www -quiet \(options) \
                </dev/null >\(name).log 2>&1 & echo $! >\(name).pid; wait
            """
        let path = certificates.scratch.path
        process = Worker { _ = try Command(shell: line).at(path).run() }
        let probe = Command(
            shell:
                "for i in $(seq 100); do (: </dev/tcp/127.0.0.1/\(port)) 2>/dev/null && exit; sleep .05; done"
        )
        _ = try probe.run()
        pid = certificates.scratch["\(name).pid"]
    }

    private let pid: FilePath

    deinit {
        _ = try? Command(shell: "kill $(cat \(pid.string))").run()
        try? process.join()
    }

    func ask(_ settings: ConnectionSettings) throws -> Int {
        try Connection(settings).perform(
            Request(.get, URL(parsing: "https://127.0.0.1:\(port)/")), limit: 1 << 20
        ).response.status
    }

    func failure(_ settings: ConnectionSettings) -> HTTPError.Kind? {
        do {
            _ = try ask(settings)
            return nil
        } catch {
            return (error as? HTTPError)?.kind
        }
    }
}

@Suite(.timeLimit(.minutes(30)))
struct TLSTests {
    @Test func `an authority of the user's is trusted, and only where it was given`() throws {
        let certificates = try Certificates()
        let server = try TLSServer(certificates)
        #expect(server.failure(impatient) == .untrusted)
        var settings = impatient
        settings.additionalCertificates = try certificates.authority
        #expect(try server.ask(settings) == 200)
        settings = impatient
        settings.verifiesServer = false
        #expect(try server.ask(settings) == 200)
    }

    @Test func `whom the system trusted once is trusted, and who came later is not`() throws {
        let certificates = try Certificates()
        let server = try TLSServer(certificates)
        var settings = impatient
        settings.systemCertificates = try certificates.authority
        #expect(try server.ask(settings) == 200)
        settings.systemCertificates = HTTPLibrary.systemCertificates
        #expect(server.failure(settings) == .untrusted)
    }

    @Test func `a certificate for another host is not trusted`() throws {
        let certificates = try Certificates()
        let server = try TLSServer(certificates, "other")
        var settings = impatient
        settings.additionalCertificates = try certificates.authority
        #expect(server.failure(settings) == .untrusted)
    }

    @Test func `a client's certificate is shown`() throws {
        let certificates = try Certificates()
        let server = try TLSServer(certificates, "server", "-Verify 1 -CAfile ca.pem -verify_return_error")
        var settings = impatient
        settings.additionalCertificates = try certificates.authority
        #expect(server.failure(settings) != nil)
        settings.clientCertificate = .init(
            certificate: certificates.scratch["client.pem"].bytes,
            key: certificates.scratch["client.key"].bytes)
        #expect(try server.ask(settings) == 200)
        settings.clientCertificate = .init(
            certificate: certificates.scratch["client.pem"].bytes, key: certificates.scratch["none"].bytes)
        #expect(server.failure(settings) == .configuration)
    }

    @Test func `TLS 1.1 is not spoken, and plain text is no TLS`() throws {
        let certificates = try Certificates()
        let server = try TLSServer(certificates, "server", "-tls1_1 -cipher ALL@SECLEVEL=0")
        var settings = impatient
        settings.additionalCertificates = try certificates.authority
        #expect(server.failure(settings) == .tls)
        let plain = try LoopbackServer { try $0.send(ok) }
        let request = Request(.get, try URL(parsing: "https://127.0.0.1:\(plain.port)/"))
        #expect(try failure(plain, impatient, request) == .tls)
    }

    @Test(
        "what is no certificate is refused",
        arguments: ["nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
    func nonsense(text: String) throws {
        var settings = impatient
        settings.additionalCertificates = Array(text.utf8)
        let server = try LoopbackServer.answering(ok)
        let request = Request(.get, try URL(parsing: "https://127.0.0.1:\(server.port)/"))
        #expect {
            try Connection(settings).perform(request)
        } throws: { ($0 as? HTTPError)?.kind == .configuration }
    }
}
