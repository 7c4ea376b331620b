import Testing

@testable import Registry

struct ChallengeTests {
    @Test(
        "challenges are taken apart, however they are written",
        arguments: [
            (
                #"Bearer realm="https://a/t",service="s",scope="repository:a/b:pull,push""#,
                [#"bearer realm=https://a/t service=s scope=repository:a/b:pull,push"#]
            ),
            (#"bEaReR REALM="x""#, ["bearer realm=x"]),
            (#"Basic realm="a \"quoted\" \\ realm""#, [#"basic realm=a "quoted" \ realm"#]),
            (#"Basic realm="x", Bearer realm="y",service=z"#, ["basic realm=x", "bearer realm=y service=z"]),
            (
                #"Bearer realm="y" , service="z" ,Basic realm="x""#,
                ["bearer realm=y service=z", "basic realm=x"]
            ),
            (#"Bearer realm="y" service="z" scope="w""#, ["bearer realm=y service=z scope=w"]),
            (
                "Bearer realm=https://a.example/token?x=1,service=s",
                ["bearer realm=https://a.example/token?x=1 service=s"]
            ),
            (#"Bearer realm = "y" , , service = z,"#, ["bearer realm=y service=z"]),
            ("Negotiate", ["negotiate"]), ("Negotiate, Basic realm=x", ["negotiate", "basic realm=x"]),
            ("NTLM TlRMTVNTUAAB=, Basic realm=x", ["ntlm TlRMTVNTUAAB=", "basic realm=x"]),
            ("Negotiate abc/+==", ["negotiate abc/+=="]),
            (
                #"Digest qop="auth,auth-int", nonce="a,b", Basic realm="x""#,
                ["digest qop=auth,auth-int nonce=a,b", "basic realm=x"]
            ),
            (#",, Basic realm="x""#, ["basic realm=x"]), ("", []), ("   ", []), (",", []),
            (#"Bearer realm="never ends"#, []),
            (#"Basic realm="x", Bearer realm="never ends"#, ["basic realm=x"]),
            (#"Bearer realm="ends in \"#, []), ("Bearer realm=", ["bearer realm="]),
            (#"Bearer realm=,service="s""#, ["bearer realm="]),
            (#"Bearer realm="a"b""#, []), ("Bearer =x", []), ("Bearer realm=a=b:\0\0c", []),
            ("Bearer realm=\"a\\\u{1E}\"", []), ("\u{1}", []),
            ("Bearer\u{1}", []),
            ("Bearer realm=\"a\u{7}b\"", []), ("Bearer realm=\"ä\"", ["bearer realm=ä"]),
            (#"Bearer realm="a",realm="b""#, ["bearer realm=a realm=b"]),
            (#"Bearer realm="""#, ["bearer realm="]), ("\"Bearer\" realm=x", []),
        ])
    func takesApart(field: String, expected: [String]) {
        #expect(Challenge.all(in: [field]).map(Self.text) == expected)
    }

    @Test func `several fields follow each other, and a broken one spoils none of the rest`() {
        let fields = [#"Bearer realm="never ends"#, "Basic realm=x", #"Bearer realm="y""#]
        #expect(Challenge.all(in: fields).map(Self.text) == ["basic realm=x", "bearer realm=y"])
    }

    @Test func `what is read is bounded`() {
        let long = "Basic realm=" + String(repeating: "x", count: Challenge.fieldLimit)
        #expect(Challenge.all(in: [long]) == [])
        #expect(Challenge.all(in: [String](repeating: "Basic realm=x, Negotiate", count: 100)).count == 32)
        let parameters = "Bearer " + (0..<33).map { "p\($0)=1" }.joined(separator: ",")
        #expect(Challenge.all(in: [parameters]) == [])
    }

    @Test(
        "a token is chosen before a password, and nothing else at all",
        arguments: [
            (
                #"Basic realm="x", Bearer realm="y",service=z"#,
                Authentication.bearer(realm: "y", service: "z", scope: nil)
            ),
            (#"Bearer realm="y",scope="s", Basic realm="x""#, .bearer(realm: "y", service: nil, scope: "s")),
            ("Basic", .basic), ("Negotiate, Basic realm=x", .basic), ("Bearer service=z, Basic", .basic),
            (#"Bearer realm="""#, nil), ("Negotiate", nil), ("", nil),
        ])
    func chooses(field: String, expected: Authentication?) {
        #expect(Authentication.choose(among: Challenge.all(in: [field])) == expected)
    }

    private static func text(_ challenge: Challenge) -> String {
        ([challenge.scheme] + (challenge.token68.map { [$0] } ?? [])
            + challenge.parameters.map { "\($0.name)=\($0.value)" }).joined(separator: " ")
    }
}

struct ScopeTests {
    @Test(
        "the scopes of a challenge are read",
        arguments: [
            ("repository:a/b:pull,push", ["repository:a/b:pull,push"]),
            (
                "repository:a/b:push,pull repository:c:pull",
                ["repository:a/b:pull,push", "repository:c:pull"]
            ),
            ("repository:host:5000/a:pull", ["repository:host:5000/a:pull"]),
            ("registry:catalog:*", ["registry:catalog:*"]), ("", []), ("pull", []), ("a:b", []),
            ("repository::pull", []),
        ])
    func reads(text: String, expected: [String]) {
        #expect(Scope.all(in: text).map(\.description) == expected)
    }

    @Test func `scopes of one resource are joined, and equal wishes look equal`() {
        let scopes = [
            Scope(repository: "b", actions: ["pull"]), Scope(repository: "a", actions: ["push", "pull"]),
            Scope(repository: "b", actions: ["push"]),
        ]
        #expect(
            Scope.joined(scopes).map(\.description) == ["repository:a:pull,push", "repository:b:pull,push"])
        #expect(Scope.joined(scopes.reversed()) == Scope.joined(scopes))
        #expect(
            Scope(repository: "a", actions: ["pull", "push"]).covers(
                Scope(repository: "a", actions: ["pull"])))
        #expect(!Scope(repository: "a", actions: ["pull"]).covers(Scope(repository: "a", actions: ["push"])))
    }
}
