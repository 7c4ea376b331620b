import HTTP
import TestSupport
import Testing

struct URLTests {
    @Test(
        "a URL is taken apart",
        arguments: [
            ("https://Registry.Example/v2/", "https://registry.example/v2/", 443),
            ("HTTP://h:80", "http://h/", 80), ("http://h:5000/a?b=c", "http://h:5000/a?b=c", 5000),
            ("https://[::1]:5000/a#part", "https://[::1]:5000/a", 5000),
            ("https://h/?", "https://h/?", 443), ("https://h/a/../b", "https://h/b", 443),
            ("https://127.0.0.1/", "https://127.0.0.1/", 443),
        ])
    func reads(text: String, expected: String, port: Int) throws {
        let url = try URL(parsing: text)
        #expect(url.text == expected)
        #expect(url.origin.port == port)
    }

    @Test(
        "what programs read in different ways is refused",
        arguments: [
            "", "/v2/", "ftp://h/", "file:///etc/passwd", "https:/h/", "https://", "https:///a",
            "https://user@h/", "https://user:password@h/", "https://h:0/", "https://h:65536/",
            "https://h:1x/",
            "https://h/a b", "https://h/a\\b", "https://h\\@evil/", "https://h/\n", "https://h/%zz",
            "https://h/%2",
            "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/",
            "https://h..x/",
            "https://[::1/", "https://[fe80::1%25eth0]/", "https://é/", "https://a_b,c/",
            "https://h/" + String(repeating: "a", count: 20_000),
        ])
    func refuses(text: String) { #expect(throws: URLError.self) { try URL(parsing: text) } }

    @Test(
        "a reference is resolved",
        arguments: [
            ("/x?y=1", "https://h:1/x?y=1"), ("x", "https://h:1/v2/a/x"), ("../x", "https://h:1/v2/x"),
            ("./x/", "https://h:1/v2/a/x/"), ("../../../../x", "https://h:1/x"),
            ("?q", "https://h:1/v2/a/b?q"),
            ("", "https://h:1/v2/a/b?old"), ("#f", "https://h:1/v2/a/b?old"),
            ("//other/x", "https://other/x"),
            ("http://other:5/x", "http://other:5/x"), ("..", "https://h:1/v2/"), (".", "https://h:1/v2/a/"),
            ("/a/./b/../c", "https://h:1/a/c"), ("x:y", "refused"), ("//u@h/", "refused"),
            ("/a b", "refused"),
        ])
    func resolves(reference: String, expected: String) throws {
        let base = try URL(parsing: "https://h:1/v2/a/b?old")
        #expect((try? base.resolving(reference).text) ?? "refused" == expected)
    }

    @Test func `a parameter joins the query and is encoded`() throws {
        let digest = "sha256:ab/&"
        #expect(
            try URL(parsing: "https://h/u").adding("digest", digest).text
                == "https://h/u?digest=sha256%3Aab%2F%26")
        #expect(try URL(parsing: "https://h/u?s=1").adding("digest", "a").text == "https://h/u?s=1&digest=a")
        #expect(try URL(parsing: "https://h/u?").adding("digest", "a").text == "https://h/u?digest=a")
    }

    @Test func `printing leaves the query out`() throws {
        let url = try URL(parsing: "https://h/blob?signature=secret")
        #expect("\(url)" == "https://h/blob")
    }

    @Test(
        "an address says how far it is",
        arguments: [
            ("localhost", AddressScope.loopback), ("127.8.9.1", .loopback), ("0.0.0.0", .loopback),
            ("[::1]", .loopback),
            ("[::]", .loopback), ("[::ffff:127.0.0.1]", .loopback), ("[::ffff:a9fe:a9fe]", .linkLocal),
            ("169.254.169.254", .linkLocal), ("[fe80::1]", .linkLocal), ("10.0.0.1", .privateNetwork),
            ("172.16.0.1", .privateNetwork), ("172.32.0.1", .global), ("192.168.1.1", .privateNetwork),
            ("[fd00:ec2::254]", .privateNetwork), ("8.8.8.8", .global), ("[2606:4700::1]", .global),
            ("10.example", .global), ("[64:ff9b::10.0.0.1]", .privateNetwork), ("registry.example", .global),
        ])
    func scope(host: String, expected: AddressScope) { #expect(AddressScope(host: host) == expected) }
}
