import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

/// Keys of other programs, and varve's in theirs.
struct KeyPeerTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func varve(_ arguments: String..., password: String? = "hush") -> Command {
        Command([Command.varvePath.string, "key"] + arguments).at(scratch.path)
            .with("COSIGN_PASSWORD", password)
    }

    private func check(_ verb: String, _ names: [String], _ rest: String...) throws {
        let outcome = try Check.run("keys.py", [verb] + names.map { scratch[$0].string } + rest)
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    @Test(arguments: ["hush", "", "pass wörd"])
    func `PyNaCl opens varve's key`(password: String) throws {
        try varve("generate", password: password).succeed()
        try check("open", ["cosign.key", "cosign.pub"], password)
    }

    @Test(arguments: ["32768", "65536", "131072"])
    func `varve opens PyNaCl's key, and imports it`(cost: String) throws {
        try check("write", ["py.key", "py.pub"], "hush", cost)
        let expected = try text(of: scratch["py.pub"])
        #expect(try varve("public", "py.key").succeed().text == expected)
        try varve("import", "py.key").succeed()
        #expect(try text(of: scratch["cosign.pub"]) == expected)
        try check("open", ["cosign.key", "cosign.pub"], "hush")
    }

    @Test func `keys of other forms are imported, and other kinds are refused by name`() throws {
        try check("forms", ["."])
        for form in ["pkcs8", "own"] {
            let shown = try varve("import", "p256.\(form)", "--output-prefix", form).succeed()
            #expect(shown.text == "\(form).key\n\(form).pub\n")
            #expect(try text(of: scratch["\(form).pub"]) == text(of: scratch["p256.pub"]))
            try check("open", ["\(form).key", "\(form).pub"], "hush")
            #expect(
                try varve("public", "p256.\(form)", password: nil).succeed().output
                    == content(of: scratch["p256.pub"]))
        }
        for (name, reason) in [
            ("ed25519.pkcs8", "an Ed25519 key"), ("p384.pkcs8", "an elliptic curve key on secp384r1"),
            ("p384.own", "an elliptic curve key on secp384r1"), ("rsa.pkcs8", "an RSA key of 2048 bits"),
            ("rsa.own", "an RSA key"),
        ] {
            let outcome = try varve("import", name, "--output-prefix", "no").run()
            #expect(outcome.status == 1)
            #expect(outcome.errors == "varve: \(name): \(reason): varve signs with P-256 alone\n")
        }
        for (name, kind) in [
            ("p256", "P-256"), ("p384", "P-384"), ("ed25519", "Ed25519"), ("rsa", "RSA 2048"),
        ] {
            let json = try JSONValue(parsing: varve("inspect", "\(name).pub", "--json").succeed().output)
            #expect(json["kind"]?.string == kind)
        }
        let json = try JSONValue(
            parsing: varve("inspect", "p256.own", "--json", password: nil).succeed().output)
        #expect(json["encrypted"] == false)
        #expect(json["kind"] == "P-256")
    }

    @Test(arguments: [
        (["hush", "hush"], 0, ""), (["hush", "hash"], 1, "the passwords are not the same"),
        (["", ""], 0, ""),
    ])
    func `a person types a new password twice, and sees none of it`(
        typed: [String], status: Int32, reason: String
    ) throws {
        let prefix = scratch["typed"].string
        let outcome = try Check.run(
            "keys.py",
            ["type"] + typed + ["--", Command.varvePath.string, "key", "generate", "--output-prefix", prefix])
        #expect(outcome.status == status)
        #expect(outcome.text.contains("new password of \(prefix).key: "))
        #expect(outcome.text.contains("the same again: "))
        #expect(outcome.text.contains(reason))
        #expect(!outcome.text.contains("hush"))
        if status == 0 { try check("open", ["typed.key", "typed.pub"], typed[0]) }
    }

    @Test func `a person types the password of a key once`() throws {
        try varve("generate").succeed()
        let key = scratch["cosign.key"].string
        let outcome = try Check.run(
            "keys.py", ["type", "hush", "--", Command.varvePath.string, "key", "public", key])
        #expect(outcome.status == 0)
        #expect(outcome.text.contains("password of \(key): \r\n-----BEGIN PUBLIC KEY-----"))
    }

    @Test func `Control-C at the prompt brings the echo back`() throws {
        let outcome = try Check.run(
            "keys.py",
            [
                "type", "^C", "--", "sh", "-c",
                "trap '' QUIT; trap : INT; \"$0\" key generate; echo code $?; stty -a",
                Command.varvePath.string,
            ])
        #expect(outcome.text.contains("code 130"), "\(outcome.text)")
        #expect(outcome.text.contains(" echo "))
        #expect(!outcome.text.contains("-echo "))
    }
}
