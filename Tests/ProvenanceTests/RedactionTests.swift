import OCI
import Provenance
import Testing

struct RedactionTests {
    @Test(
        "A name with a secret word is a secret's name",
        arguments: [
            "API_KEY", "apiKey", "APIKey", "DB_PASSWORD", "dbPassword", "DBPassword", "GITHUB_TOKEN",
            "MYSQL_PWD",
            "ACCESSKEY", "PASSPHRASE", "APIKEY", "ACCESSTOKEN", "pass", "PASSWD", "password", "SECRET",
            "token",
            "KEY", "KEYS", "key1", "S3KEY2", "cred", "CREDS", "GOOGLE_APPLICATION_CREDENTIALS", "credential",
            "auth", "OAUTH_CLIENT", "private", "PRIVATE", "private-thing", "npm.auth", "_authToken",
            "Authorization", "DBPASS", "rootpass", "STRIPEKEY", "SECRETKEYBASE", "accessTOKEN", "my secret",
            "PASS_WORD", "schlüssel_key", "éKEY", "MONKEY_KEY", "x-amz-security-token",
        ])
    func secretNames(name: String) {
        #expect(Redaction.looksSecret(name: name))
    }

    @Test(
        "A word that only begins or ends like a secret is none",
        arguments: [
            "", "_", "KEYBOARD", "KEYBOARD_LAYOUT", "MONKEY", "monkeys", "Monkey", "PASSENGER", "AUTHOR",
            "AUTHORS",
            "COMPASS", "compass", "BYPASS_CACHE", "TURKEY", "hotkey", "SACRED", "TOKENIZER_MODEL",
            "SECRETARY",
            "PASSTHROUGH", "KEYCLOAK_URL", "VERSION", "HTTP_PROXY", "PRIVATEER", "ключ", "CREDIT", "PATH",
        ])
    func harmlessNames(name: String) {
        #expect(!Redaction.looksSecret(name: name))
    }

    @Test(
        "A value with a token, a private key or a URL with a password is a secret",
        arguments: [
            "-----BEGIN PRIVATE KEY-----\nMIG", "x\r\n-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----",
            "-----BEGIN OPENSSH PRIVATE KEY-----", "-----BEGIN PGP PRIVATE KEY BLOCK-----",
            "ghp_0000000000000000000000000000000000aa", "github_pat_11AAAA",
            "token=glpat-aaaaaaaaaaaaaaaaaaaa",
            "Bearer gho_aaaa", "AKIAIOSFODNN7EXAMPLE", "xoxb-1-2-a", "a,xoxp-1",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln", "Bearer eyJhbGciOiJub25lIn0.e30.",
            "pat.AbCdEfGhIjKlMnOpQrStUv.0123456789abcdef01234567.abcdefghij0123456789",
            "https://user:password@example.com/", "git+https://a:b@example.com/x", "postgres://u:p/w@db/x",
            "https://example.com/?access_token=1",
        ])
    func secretValues(value: String) {
        #expect(Redaction.looksSecret(value: value))
    }

    @Test(
        "An ordinary value is no secret",
        arguments: [
            "", "1.2.3", "https://example.com/a?b=c", "https://user@example.com/", "git@github.com:o/r.git",
            "AKIA", "AKIASHORT", "eyJ", "eyJhbGciOiJIUzI1NiJ9", "eyJ.x", "highp_value", "sk-learn",
            "pat.a.b.c",
            "-----BEGIN PUBLIC KEY-----", "-----BEGIN CERTIFICATE-----", "https://example.com:8080/",
            "a@b.example", "x:/y@z", "https://user:@example.com/",
        ])
    func ordinaryValues(value: String) {
        #expect(!Redaction.looksSecret(value: value))
    }

    @Test(
        "User information and secret parameters are cut from every URL of a text",
        arguments: [
            ("https://user:pass@example.com/x", "https://example.com/x"),
            ("https://token@example.com", "https://example.com"),
            ("git+https://u:p@h/p@ref#s", "git+https://h/p@ref#s"),
            ("ssh://git@h:22/p", "ssh://h:22/p"),
            ("https://u:p@ss@h/x@y", "https://h/x@y"),
            ("https://u:p@[::1]:80/", "https://[::1]:80/"),
            ("a https://u:p@h1/ b https://v:q@h2/ c", "a https://h1/ b https://h2/ c"),
            ("https://u:p@h1,https://v:q@h2", "https://h1,https://h2"),
            ("https://h1/?x=1,https://v:q@h2/?y=2", "https://h1/?x=1,https://h2/?y=2"),
            ("{\"a\":\"https://u:p@h\",\"b\":\"x@y\"}", "{\"a\":\"https://h\",\"b\":\"x@y\"}"),
            ("mongodb://u:p@h1:1,h2:2/db", "mongodb://h1:1,h2:2/db"),
            ("postgres://u:p/w@db/x", "postgres://db/x"),
            ("postgres://u:p#w@db/x", "postgres://db/x"),
            ("https://h/p?token=abc&x=1", "https://h/p?token=redacted&x=1"),
            ("https://h/p?x=1&api_key=abc#frag", "https://h/p?x=1&api_key=redacted#frag"),
            ("https://h/p?x=1;%74oken=abc", "https://h/p?x=1;%74oken=redacted"),
            ("https://h/p#access_token=abc", "https://h/p#access_token=redacted"),
            ("https://h/p?X-Amz-Signature=ab&sig=cd", "https://h/p?X-Amz-Signature=redacted&sig=redacted"),
            ("https://h/?token=https://u:a&b@h2/ c", "https://h/?token=redactedh2/ c"),
            ("https://h/?token=a\u{301}b", "https://h/?token=redacted"),
            ("://u:p@h", "://u:p@h"),
        ])
    func cuts(text: String, expected: String) {
        #expect(Array(Redaction.withoutUserInformation(text).utf8) == Array(expected.utf8))
    }

    @Test(
        "All else stays byte for byte",
        arguments: [
            "", ":", "//", "://", "a://", "https://", "https://h", "git@host:path/x.git", "user:pass@host",
            "https://h/p@1.2?x=a@b#c@d", "https://h:443/x@y", "https://[::1]/x@y", "pkg:docker/a@1?b=c",
            "https://h/?token=&x", "mail a@b, see https://h",
            "e\u{301}\u{E9}\u{200D}\r\n\u{0}https://h/\u{1F600}",
            "https://h/?a=b&c",
        ])
    func keeps(text: String) {
        #expect(Array(Redaction.withoutUserInformation(text).utf8) == Array(text.utf8))
    }

    @Test(
        "A parameter is recorded without user information, or redacted",
        arguments: [
            ("VERSION", "1.2", "1.2"), ("PASSWORD", "x", "redacted"), ("PASSWORD", "", "redacted"),
            ("MIRROR", "https://u:p@h/x", "https://h/x"),
            ("MIRROR", "https://h/?key=1", "https://h/?key=redacted"),
            ("X", "ghp_abc123", "redacted"), ("URL", "https://glpat-abc@h/", "https://h/"),
        ])
    func parameters(name: String, value: String, expected: String) {
        #expect(Redaction.parameter(name: name, value: value) == .string(expected))
    }

    @Test(
        "Hostile texts are judged in time proportional to their length",
        arguments: ["a://", "a://b:c/", "a://@", "a://b?", "eyJ-", "a://b:c@", "a://?key=", "sk-"])
    func hostile(piece: String) {
        let text = String(repeating: piece, count: 8_000 / piece.utf8.count)
        let clock = ContinuousClock()
        let time = clock.measure {
            _ = Redaction.looksSecret(value: text)
            _ = Redaction.withoutUserInformation(text)
        }
        #expect(time < .seconds(8))
    }

    @Test(
        "Cutting a second time changes nothing",
        arguments: [
            "https://u:p@h/?token=abc&x=1 git@h:p", "postgres://u:p/w@db/x", "https://h1,https://v:q@h2/?y",
        ])
    func idempotent(text: String) {
        let once = Redaction.withoutUserInformation(text)
        #expect(Redaction.withoutUserInformation(once) == once)
        #expect(!Redaction.looksSecret(value: once))
    }
}
