import Cryptography
import OCI
import Registry
import Testing

struct TokenResponseTests {
    @Test(
        "a token holds as long as the server says, within reason",
        arguments: [
            (#"{"token":"abc"}"#, 60), (#"{"token":"abc","expires_in":300}"#, 300),
            (#"{"access_token":"abc","expires_in":1}"#, 1), (#"{"token":"abc","expires_in":0}"#, 60),
            (#"{"token":"abc","expires_in":-5}"#, 60), (#"{"token":"abc","expires_in":9e99}"#, 60),
            (#"{"token":"abc","expires_in":99999999999}"#, 86_400),
            (#"{"token":"abc","expires_in":"300"}"#, 300),
            (#"{"token":"abc","expires_in":null}"#, 60), (#"{"token":"","access_token":"abc"}"#, 60),
            (#"{"token":null,"access_token":"abc","expires_in":3600.5}"#, 60),
            (#"{"token":"abc","issued_at":"yesterday","expires_in":300}"#, 300),
        ])
    func holds(body: String, seconds: Int) throws {
        let response = try TokenResponse(parsing: Array(body.utf8))
        #expect(response.seconds == seconds)
        #expect(response.token == (try SecretBytes(Array("abc".utf8).span)))
        #expect((1...seconds).contains(response.usableSeconds))
    }

    @Test func `the rest of an answer is read, and nothing of it printed`() throws {
        let body = #"{"token":"abc","issued_at":"2026-01-31T12:00:00Z","refresh_token":"def"}"#
        let response = try TokenResponse(parsing: Array(body.utf8))
        #expect(try response.issuedAt == Timestamp(parsing: "2026-01-31T12:00:00Z"))
        #expect(response.refreshToken == (try SecretBytes(Array("def".utf8).span)))
        #expect(!"\(response)".contains("abc") && !"\(response)".contains("def"))
    }

    @Test(
        "an answer without a token that can be sent is refused",
        arguments: [
            ("", TokenError.notJSON(bytes: 0)), ("<html>", .notJSON(bytes: 6)), ("[]", .notJSON(bytes: 2)),
            ("{}", .noToken), (#"{"token":""}"#, .noToken), (#"{"token":1}"#, .noToken),
            (#"{"token":"a\r\nX: y"}"#, .malformedToken), (#"{"token":"a b"}"#, .malformedToken),
            (#"{"token":"ä"}"#, .malformedToken),
        ])
    func refuses(body: String, error: TokenError) {
        #expect(throws: error) { try TokenResponse(parsing: Array(body.utf8)) }
    }

    @Test func `an answer of more than a megabyte is refused`() {
        let body =
            Array(#"{"token":""#.utf8) + [UInt8](repeating: 97, count: TokenResponse.limit)
            + Array(#""}"#.utf8)
        #expect(throws: TokenError.notJSON(bytes: body.count)) { try TokenResponse(parsing: body) }
    }
}
