import OCI
import Testing

private let hex = String(repeating: "0a", count: 32)

struct ReferenceTests {
    @Test(
        "A reference is completed as Docker does it",
        arguments: [
            ("debian", "docker.io/library/debian"), ("debian:12", "docker.io/library/debian:12"),
            ("a", "docker.io/library/a"), ("0", "docker.io/library/0"), ("team/app", "docker.io/team/app"),
            ("team/app/part", "docker.io/team/app/part"), ("docker.io/debian", "docker.io/library/debian"),
            ("docker.io/library/debian", "docker.io/library/debian"),
            ("index.docker.io/debian", "docker.io/library/debian"),
            ("index.docker.io/team/app:1", "docker.io/team/app:1"),
            ("Docker.IO/debian", "docker.io/library/debian"),
            ("my_team/app", "docker.io/my_team/app"), ("localhost/app", "localhost/app"),
            ("localhost:5000/app", "localhost:5000/app"),
            ("localhost:5000", "docker.io/library/localhost:5000"),
            ("localhost", "docker.io/library/localhost"), ("example.com", "docker.io/library/example.com"),
            ("example.com:tag", "docker.io/library/example.com:tag"), ("example.com/app", "example.com/app"),
            ("host:8080/app:Tag", "host:8080/app:Tag"), ("Example.COM:8080/app", "example.com:8080/app"),
            ("under_score.com:8080", "docker.io/library/under_score.com:8080"),
            ("foo/under_score.com:80", "docker.io/foo/under_score.com:80"),
            ("sub-domain.example.com/a/b/c:long-tag", "sub-domain.example.com/a/b/c:long-tag"),
            ("xn--n3h.com/image:xn--n3h.com", "xn--n3h.com/image:xn--n3h.com"),
            ("127.0.0.1:5000/a/b", "127.0.0.1:5000/a/b"),
            ("[::1]:5000/app:1", "[::1]:5000/app:1"), ("[2001:DB8::1]/app", "[2001:db8::1]/app"),
            ("host:1/a.b_c__d---e", "host:1/a.b_c__d---e"), ("app:_x.Y-z", "docker.io/library/app:_x.Y-z"),
            ("app@sha256:\(hex)", "docker.io/library/app@sha256:\(hex)"),
            ("example.com/app:1@sha256:\(hex)", "example.com/app:1@sha256:\(hex)"),
            (
                "app:" + String(repeating: "t", count: 128),
                "docker.io/library/app:" + String(repeating: "t", count: 128)
            ),
            ("docker.io/\(hex)", "docker.io/library/\(hex)"), ("\(hex):1", "docker.io/library/\(hex):1"),
            ("\(hex.dropLast())", "docker.io/library/\(hex.dropLast())"),
        ])
    func completes(text: String, full: String) throws {
        let reference = try Reference(parsing: text)
        #expect(reference.description == full)
        #expect(try Reference(parsing: full) == reference)
    }

    @Test(
        "A text that is no reference is refused with a reason",
        arguments: [
            ("", "name is missing"), (":tag", "name is missing"), ("@sha256:\(hex)", "name is missing"),
            ("white space", "space"), ("app\n", "space"), ("äpp", "character that no name has"),
            ("app:tág", "character"),
            ("Debian", "upper-case"), ("Team/app", "upper-case"), ("host:5000/Team/app:x", "upper-case"),
            ("docker.io/team/App", "upper-case"), ("app:", "a tag has"), ("app:.x", "a tag has"),
            ("app:-x", "a tag has"),
            ("app:a+b", "a tag has"), ("app:" + String(repeating: "t", count: 129), "a tag has"),
            ("a:b:c", "lower-case letters"), ("app:@sha256:\(hex)", "a tag has"),
            ("app@", "after @"), ("app@sha256:", "after @"), ("app@\(hex)", "after @"),
            ("app@sha512:\(hex)\(hex)", "after @"),
            ("app@sha256:\(hex.uppercased())", "after @"), ("app@sha256:\(hex)0", "after @"),
            ("app@sha256:../../x", "after @"), ("app@sha256:\(hex)@sha256:\(hex)", "after @"),
            ("/app", "empty"), ("team//app", "empty"), ("team/", "empty"), ("example.com/", "empty"),
            ("example.com//app", "empty"), ("-team/app", "lower-case letters"),
            ("team-/app", "lower-case letters"),
            ("_team/app", "lower-case letters"), ("te..am/app", "not a host"),
            ("te_.am/app", "not a host"),
            ("team/te_.am", "lower-case letters"), ("team/a___b", "lower-case letters"),
            ("team/a.-b", "lower-case letters"),
            ("team/..", "lower-case letters"), ("../app", "not a host"), ("./app", "not a host"),
            ("aa/as$$^/aa", "lower-case letters"), ("https://example.com/app", "without http"),
            ("http://example.com/app", "without http"), ("docker://app", "not a host"),
            ("-host.com/app", "not a host"),
            ("host-.com/app", "not a host"), ("host..com/app", "not a host"), ("host.com./app", "not a host"),
            ("under_score.com/app", "not a host"), ("host:/app", "not a host"), ("host:x/app", "not a host"),
            ("host:65536/app", "not a host"), ("host:0/app", "not a host"), ("host:1:2/app", "not a host"),
            (":5000/app", "not a host"), ("::1/app", "not a host"), ("[::1/app", "not a host"),
            ("[]/app", "lower-case letters"),
            ("[::g]/app", "not a host"), ("[::1]:/app", "not a host"), ("[::1]x/app", "not a host"),
            ("user@host.com/app", "after @"), (hex, "image's ID"), ("sha256:\(hex)", "a digest alone"),
            ("gcr?com/app", "lower-case letters"),
            ("host.com/" + String(repeating: "a", count: 247), "longer than 255"),
            (String(repeating: "a/", count: 127) + "a", "longer than 255"),
        ])
    func refuses(text: String, reason: String) {
        let error = #expect(throws: OCIError.self) { try Reference(parsing: text) }
        guard case .malformedReference(text, let found) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(found.contains(reason), "the reason is: \(found)")
    }

    @Test func `registry and repository may be 255 characters long together`() throws {
        let name = "host.com/" + String(repeating: "a", count: 246)
        #expect(try Reference(parsing: name + ":tag").name == name)
    }

    @Test func `the parts of a reference are given apart`() throws {
        let reference = try Reference(parsing: "example.com:5000/team/app:1.0@sha256:\(hex)")
        #expect(reference.registry == "example.com:5000")
        #expect(reference.repository == "team/app")
        #expect(reference.name == "example.com:5000/team/app")
        #expect(reference.tag == "1.0")
        #expect(try reference.digest == Digest(parsing: "sha256:\(hex)"))
        let short = try Reference(parsing: "app")
        #expect(short.tag == nil && short.digest == nil)
    }

    @Test(
        "The familiar name leaves out what goes without saying",
        arguments: [
            ("debian:12", "debian:12"), ("docker.io/team/app", "team/app"), ("library/a/b", "library/a/b"),
            ("example.com/library/app:1", "example.com/library/app:1"),
            ("docker.io/localhost/app", "docker.io/localhost/app"),
            ("docker.io/team.name/app:1", "docker.io/team.name/app:1"),
            ("docker.io/library/\(hex)", "docker.io/library/\(hex)"),
        ])
    func familiar(text: String, familiar: String) throws {
        let reference = try Reference(parsing: text)
        #expect(reference.familiar == familiar)
        #expect(try Reference(parsing: familiar) == reference)
    }

    @Test func `another tag drops the digest, a digest keeps the tag`() throws {
        let digest = try Digest(parsing: "sha256:\(hex)")
        let reference = try Reference(parsing: "app:1").pinned(to: digest)
        #expect(reference.description == "docker.io/library/app:1@sha256:\(hex)")
        #expect(try reference.tagged("2").description == "docker.io/library/app:2")
        #expect(try reference.tagged(nil).description == "docker.io/library/app")
        #expect(
            throws: OCIError.malformedReference("docker.io/library/app:a b", reason: "\"a b\" is not a tag")
        ) {
            try reference.tagged("a b")
        }
    }
}
