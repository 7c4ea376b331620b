import Glibc
import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

/// A directory with a key that varve made; the password is `hush`.
private struct MadeKey {
    let scratch: Scratch
    var key: FilePath { scratch["cosign.key"] }
    var publicKey: FilePath { scratch["cosign.pub"] }

    init() throws {
        scratch = try Scratch()
        try varve("generate").succeed()
    }

    func varve(_ arguments: String..., password: String? = "hush") -> Command {
        Command([Command.varvePath.string, "key"] + arguments).at(scratch.path)
            .with("COSIGN_PASSWORD", password)
    }

    func permissions(_ name: String) throws -> UInt32 { try File.reading(scratch[name]).status().permissions }

    /// The files and what is in them.
    func snapshot() throws -> [String] { try Workplace.snapshot(of: scratch.path) }
}

struct KeyTests {
    @Test func `a new key has two files, one of them for its owner alone`() throws {
        let made = try MadeKey()
        #expect(try made.permissions("cosign.key") == 0o600)
        #expect(try made.permissions("cosign.pub") == 0o644)
        #expect(try made.snapshot().count == 2)
        #expect(try text(of: made.key).hasPrefix("-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n"))
        let shown = try made.varve("generate", "--output-prefix", "deep/other").succeed()
        #expect(shown.text == "deep/other.key\ndeep/other.pub\n")
        #expect(try made.permissions("deep/other.key") == 0o600)
    }

    @Test(arguments: ["000", "027", "077"])
    func `the umask changes neither mode`(mask: String) throws {
        let made = try MadeKey()
        try Command(shell: "umask \(mask) && '\(Command.varvePath)' key generate --output-prefix other")
            .at(made.scratch.path).with("COSIGN_PASSWORD", "").succeed()
        #expect(try made.permissions("other.key") == 0o600)
        #expect(try made.permissions("other.pub") == 0o644)
    }

    @Test(arguments: ["cosign.key", "cosign.pub"])
    func `a file that exists is not replaced without --force`(name: String) throws {
        let made = try MadeKey()
        let other = name == "cosign.key" ? "cosign.pub" : "cosign.key"
        try Command(["rm", made.scratch[other].string]).succeed()
        let before = try made.snapshot()
        // Nobody is asked for a password in vain: there is none.
        let outcome = try made.varve("generate", password: nil).run()
        #expect(outcome.status == 1)
        #expect(outcome.errors == "varve: \(name) exists; --force replaces it\n")
        #expect(try made.snapshot() == before)
        try made.varve("generate", "--force").succeed()
        #expect(try made.snapshot().count == 2)
        #expect(try made.permissions("cosign.key") == 0o600)
    }

    @Test func `--force replaces files, and neither directories nor links`() throws {
        let made = try MadeKey()
        try Command(shell: "mkdir a.key && ln -s cosign.key b.key").at(made.scratch.path).succeed()
        let before = try made.snapshot()
        for prefix in ["a", "b"] {
            let outcome = try made.varve("generate", "--force", "--output-prefix", prefix).run()
            #expect(outcome.status == 1)
            #expect(outcome.errors == "varve: \(prefix).key is no regular file, and is not replaced\n")
        }
        #expect(try made.snapshot() == before)
    }

    @Test func `both files give the same public key`() throws {
        let made = try MadeKey()
        let expected = try text(of: made.publicKey)
        #expect(try made.varve("public", "cosign.key").succeed().text == expected)
        #expect(try made.varve("public", "cosign.pub", password: nil).succeed().text == expected)
    }

    @Test func `a key and its password may come from the environment`() throws {
        let made = try MadeKey()
        let command = made.varve("public", "env://SIGNING_KEY").with("SIGNING_KEY", try text(of: made.key))
        #expect(try command.succeed().text == text(of: made.publicKey))
        let outcome = try made.varve("public", "env://SIGNING_KEY").run()
        #expect(outcome.errors == "varve: cannot read the key env://SIGNING_KEY: there is no such variable\n")
    }

    @Test(arguments: [("hush", true), ("hush\n", true), ("hush\n\n", false), (" hush", false), ("\n", false)])
    func `a password may come from standard input, but for one newline`(input: String, isRight: Bool) throws {
        let made = try MadeKey()
        let path = try made.scratch.write("password", input)
        let outcome = try made.varve("public", "cosign.key", password: nil).reading(path).run()
        #expect(outcome.status == (isRight ? 0 : 1))
        #expect(outcome.errors.contains("the password does not open the key") == !isRight)
    }

    @Test(arguments: ["public", "generate"])
    func `no password is not an empty one`(verb: String) throws {
        let made = try MadeKey()
        let rest = verb == "public" ? "cosign.key" : "--output-prefix=other"
        let outcome = try made.varve(verb, rest, password: nil).run()
        #expect(outcome.status == 1)
        #expect(outcome.errors.hasPrefix("varve: no password: standard input is empty; set COSIGN_PASSWORD"))
        try made.varve("generate", "--output-prefix=empty", password: "").succeed()
        try made.varve("public", "empty.key", password: "").succeed()
    }

    @Test func `a password of more than 64 KiB is refused`() throws {
        let made = try MadeKey()
        for (count, isRight) in [(65_536, true), (65_537, false)] {
            let path = try made.scratch.write("password", String(repeating: "a", count: count))
            let outcome = try made.varve("generate", "--output-prefix=long", "--force", password: nil)
                .reading(path).run()
            #expect((outcome.status == 0) == isRight)
            #expect(outcome.errors.contains("longer than 64 KiB") == !isRight)
        }
    }

    @Test(arguments: [
        ("cosign.key", "wrong", "cosign.key: the password does not open the key"),
        ("link", "hush", "cannot read the key link: it is a symbolic link"),
        ("fifo", "hush", "cannot read the key fifo: it is no regular file"),
        ("missing", "hush", "cannot stat missing: No such file or directory"),
        ("cut", "hush", "cut: the key is no PEM file: it has no -----END line"),
        ("two", "hush", "two: the key is no PEM file: something follows the PUBLIC KEY"),
    ])
    func `a key that cannot be used is named`(key: String, password: String, reason: String) throws {
        let made = try MadeKey()
        try Command(
            shell: """
                ln -s cosign.key link && mkfifo fifo && head -c 300 cosign.key >cut && chmod 600 cut \
                && cat cosign.pub cosign.pub >two
                """
        ).at(made.scratch.path).succeed()
        let outcome = try made.varve("public", key, password: password).run()
        #expect(outcome.status == 1)
        #expect(outcome.errors.hasPrefix("varve: \(reason)"), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1)
        #expect(outcome.output == [])
    }

    @Test func `a key elsewhere is a wrong argument`() throws {
        let outcome = try Command.varve("key", "public", "awskms://alias/key").run()
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("neither a file nor env://NAME"))
    }

    @Test func `inspect says of an encrypted key what it can, and asks for nothing`() throws {
        let made = try MadeKey()
        let outcome = try made.varve("inspect", "cosign.key", "--json", password: nil).succeed()
        #expect(
            try JSONValue(parsing: outcome.output) == [
                "key": "private", "pem": "ENCRYPTED SIGSTORE PRIVATE KEY", "encrypted": true,
                "kdf": ["name": "scrypt", "N": 65536, "r": 8, "p": 1], "cipher": "nacl/secretbox",
            ])
        let lines = try made.varve("inspect", "cosign.key", password: nil).succeed().text
        #expect(lines.contains("encrypted    yes, scrypt N=65536 r=8 p=1 and nacl/secretbox\n"))
    }

    @Test func `inspect names a public key as openssl and ssh-keygen do`() throws {
        try Requirement.program("openssl")
        let made = try MadeKey()
        let json = try JSONValue(parsing: made.varve("inspect", "cosign.pub", "--json").succeed().output)
        let hash = try Command(
            shell: "openssl pkey -pubin -in cosign.pub -outform DER | sha256sum | cut -d' ' -f1"
        ).at(made.scratch.path).succeed().line
        #expect(json["fingerprint"]?.string == hash)
        #expect(json["kind"] == "P-256")
        #expect(json.object?.keys == ["key", "pem", "kind", "fingerprint", "keyID", "hint"])
        try Requirement.program("ssh-keygen")
        let ssh = try Command(
            shell: "ssh-keygen -i -m PKCS8 -f cosign.pub >ssh.pub && ssh-keygen -lf ssh.pub"
        )
        .at(made.scratch.path).succeed().line
        #expect(ssh.split(separator: " ").dropFirst().first.map(String.init) == json["keyID"]?.string)
    }

    @Test func `a private key that others may read gets a note`() throws {
        let made = try MadeKey()
        chmod(made.key.string, 0o640)
        let outcome = try made.varve("public", "cosign.key").succeed()
        #expect(outcome.errors.hasPrefix("note: others than its owner may use the private key cosign.key"))
        #expect(try made.varve("public", "cosign.key", "--quiet").succeed().errors == "")
    }
}
