import Cryptography
import Registry
import Testing

@testable import Build

@Suite struct GivenLoginsTests {
    private func secret(_ text: String) throws -> SecretBytes { try SecretBytes(Array(text.utf8).span) }

    @Test func `logins that a caller gives are those that registries are shown`() throws {
        var logins = GivenLogins()
        logins.add(
            .basic(user: "u", password: try secret("p")), for: AuthKey(registry: "h.example"), from: "HERE")
        logins.set(
            document: try secret(#"{"auths":{"d.example":{"registrytoken":"t"},"h.example":{}}}"#),
            named: "THERE")
        var settings = DistributionSettings.anonymous
        try settings.give(logins)
        let credentials = try settings.resolved().credentials
        let found = try credentials.find(registry: "h.example", repository: "a")
        #expect(try found.credential == .basic(user: "u", password: secret("p")))
        #expect(found.source == "HERE")
        #expect(try credentials.find(registry: "d.example").credential == .registryToken(secret("t")))
        #expect(try credentials.find(registry: "e.example").credential == .anonymous)
        #expect(!"\(logins) \(settings)".contains("\"p\""))
    }

    @Test func `of two logins for one registry the last counts, and a document must be one`() throws {
        var logins = GivenLogins()
        for user in ["a", "b"] {
            logins.add(
                .basic(user: user, password: try secret("p")), for: AuthKey(registry: "h.example"), from: "")
        }
        var settings = DistributionSettings.anonymous
        try settings.give(logins)
        let found = try settings.resolved().credentials.find(registry: "h.example")
        #expect(try found.credential == .basic(user: "b", password: secret("p")))
        logins.set(document: try secret("hush"), named: "THERE")
        let error = #expect(throws: CredentialError.self) { try settings.give(logins) }
        #expect(error?.description.contains("hush") == false)
    }
}
