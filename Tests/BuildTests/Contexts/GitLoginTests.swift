import Cryptography
import Glibc
import Linux
import Registry
import TestSupport
import Testing

@testable import Build

/// Each in a process of its own, whose environment it may change.
struct GitLoginTests {
    private static func login(_ variables: [String: String]) throws -> (user: String, password: String)? {
        for (name, value) in variables { setenv(name, value, 1) }
        guard case .basic(let user, let password) = try GitLogin.take() else { return nil }
        let bytes = password.withSpan { span in span.indices.map { span[$0] } }
        return (user, String(decoding: bytes, as: UTF8.self))
    }

    @Test func `a token has a user whom nobody looks at, or the one that is named`() async {
        await #expect(processExitsWith: .success) {
            let alone = try #require(try Self.login(["GIT_TOKEN": "t", "GIT_PASSWORD": "unused"]))
            #expect(alone == ("x-access-token", "t"))
            let named = try #require(try Self.login(["GIT_TOKEN": "t", "GIT_USERNAME": "u"]))
            #expect(named == ("u", "t"))
        }
    }

    @Test func `a user and a password are a login, and empty variables none`() async {
        await #expect(processExitsWith: .success) {
            let both = try #require(try Self.login(["GIT_USERNAME": "u", "GIT_PASSWORD": "p"]))
            #expect(both == ("u", "p"))
            #expect(try Self.login(["GIT_TOKEN": "", "GIT_USERNAME": "", "GIT_PASSWORD": ""]) == nil)
            #expect(try Self.login([:]) == nil)
        }
    }

    @Test func `what was taken is gone for programs that are started later`() async {
        await #expect(processExitsWith: .success) {
            _ = try Self.login(["GIT_TOKEN": "t", "GIT_USERNAME": "u", "GIT_PASSWORD": "p"])
            for name in GitLogin.variables { #expect(!SecretVariable.exists(name)) }
        }
    }
}
