import Cryptography
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Registry

struct LoginTests {
    private let scratch: Scratch
    private let places: AuthFilePlaces
    private let file: FilePath

    init() throws {
        scratch = try Scratch()
        places = AuthFilePlaces(environment: ["HOME": scratch.path.string], user: 1)
        file = scratch[".docker/config.json"]
    }

    private func store(_ user: String, _ password: String, for key: String) throws -> Login.Place {
        try login().store(.basic(user: user, password: SecretBytes(password)), for: AuthKey(parsing: key))
    }

    private func login() throws -> Login {
        var login = try Login(places)
        login.programs.directory = scratch.path
        return login
    }

    @Test func `a login is kept, found again, and forgotten`() throws {
        #expect(try store("u", "p", for: "docker.io") == .file(file))
        #expect(
            try text(of: file) == """
                {
                    "auths": {
                        "https://index.docker.io/v1/": {
                            "auth": "dTpw"
                        }
                    }
                }

                """)
        #expect(try Directory.open(scratch[".docker"]).status(of: "config.json").permissions == 0o600)
        let found = try Credentials(places: places).find(registry: "docker.io", repository: "library/a")
        #expect(found.credential == .basic(user: "u", password: try SecretBytes("p")))
        #expect(try login().erase(AuthKey(parsing: "index.docker.io")))
        #expect(try !login().erase(AuthKey(parsing: "index.docker.io")))
        #expect(try Credentials(places: places).find(registry: "docker.io").credential == .anonymous)
    }

    @Test func `everything else in the file stays, in its order`() throws {
        try scratch.write(
            ".docker/config.json",
            #"{"z":[1.50],"auths":{"https://h.example/v2/":{"auth":"x","email":"e","identitytoken":"t"},"#
                + #""other":{"auth":"eTp6"}},"HttpHeaders":{"a":"b"}}"#)
        chmod(file.string, 0o644)
        #expect(try store("u", "p", for: "h.example") == .file(file))
        let flat = try text(of: file).filter { $0 != " " && $0 != "\n" }
        #expect(
            flat
                == #"{"z":[1.50],"auths":{"other":{"auth":"eTp6"},"h.example":{"email":"e","auth":"dTpw"}},"#
                + #""HttpHeaders":{"a":"b"}}"#)
        #expect(try Directory.open(scratch[".docker"]).status(of: "config.json").permissions == 0o600)
    }

    @Test func `a link stays a link, and no other file is left`() throws {
        try scratch.write("elsewhere/real.json", "{}")
        _ = try scratch.directory(".docker")
        symlink("../elsewhere/real.json", file.string)
        _ = try store("u", "p", for: "h.example/team")
        #expect(try text(of: scratch["elsewhere/real.json"]).contains("h.example/team"))
        #expect(try Directory.open(scratch[".docker"]).status(of: "config.json").kind == .symbolicLink)
        #expect(
            try Directory.open(scratch["elsewhere"]).names().map { Array($0.bytes) } == [
                Array("real.json".utf8)
            ])
    }

    @Test func `a file that cannot be read is not replaced`() throws {
        try scratch.write(".docker/config.json", "{broken")
        #expect(throws: CredentialError.self) { try store("u", "p", for: "h.example") }
        #expect(try text(of: file) == "{broken")
    }

    @Test func `many logins at once are all kept`() throws {
        let places = places
        let workers = (0..<16).map { number in
            Worker {
                let key = AuthKey(parsing: "h\(number).example")
                _ = try Login(places).store(.identityToken(SecretBytes("t")), for: key)
            }
        }
        for worker in workers { try worker.join() }
        for number in 0..<16 {
            #expect(
                try Credentials(places: places).find(registry: "h\(number).example").credential
                    == .identityToken(SecretBytes("t")))
        }
    }

    @Test func `with a program nothing is left in the file`() throws {
        try scratch.write(
            "docker-credential-test",
            "#!/bin/sh\ncat >>\(scratch["log"]) && echo \" $1\" >>\(scratch["log"])\n")
        chmod(scratch["docker-credential-test"].string, 0o755)
        try scratch.write(
            ".docker/config.json", #"{"auths":{"h.example":{"auth":"dTpw"}},"credsStore":"test"}"#)
        #expect(try store("u", "p", for: "h.example") == .program("docker-credential-test"))
        #expect(try login().erase(AuthKey(parsing: "docker.io")))
        #expect(
            try text(of: scratch["log"]) == """
                {"ServerURL":"h.example","Username":"u","Secret":"p"} store
                https://index.docker.io/v1/ erase

                """)
        #expect(try !text(of: file).contains("dTpw"))
    }

    @Test func `what cannot be read back is not stored`() throws {
        #expect(throws: CredentialError.self) { try store("", "p", for: "h.example") }
        #expect(throws: CredentialError.self) { try store("a:b", "p", for: "h.example") }
        #expect(throws: CredentialError.self) { try login().store(.anonymous, for: AuthKey(parsing: "h")) }
        #expect(throws: CredentialError.nowhereToStore) {
            try Login(AuthFilePlaces(environment: [:], user: 1))
        }
    }
}
