import Registry
import Testing

struct ErrorBodyTests {
    @Test(
        "what a registry says is shown in one line",
        arguments: [
            (
                #"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown","detail":{"Tag":"x"}}]}"#,
                "MANIFEST_UNKNOWN: manifest unknown"
            ),
            (#"{"errors":[{"code":"denied","message":""},{"code":"UNAUTHORIZED"}]}"#, "DENIED; UNAUTHORIZED"),
            (#"{"errors":[{"message":"no code"}]}"#, "no code"),
            (#"{"errors":[]}"#, ""), (#"{"errors":[1,null,{}]}"#, ""),
            (#"{"errors":null,"message":"m"}"#, "m"),
            (#"{"error":"invalid_grant","error_description":"wrong password"}"#, "wrong password"),
            (#"{"code":404,"message":"no"}"#, "404: no"),
            (#"{"details":"incorrect username"}"#, "incorrect username"),
            (#"{"error":{"code":"X","message":"y"}}"#, "X: y"),
            (
                "<!DOCTYPE html><html><head><title>\n502 Bad\nGateway</title>",
                "a page of HTML: 502 bad gateway"
            ),
            ("<html><body>Sign in</body></html>", "a page of HTML"),
            ("</title><html><title>", "a page of HTML"),
            ("upstream connect error\nor disconnect", "upstream connect error or disconnect"), ("", ""),
            ("a\u{1B}[31mred", #"a\u{1b}[31mred"#), ("a\0b", ""),
            (#"{"errors":[{"code":"A B","message":"x\u0007y"}]}"#, #"x\u{7}y"#),
        ])
    func shows(body: String, line: String) {
        #expect(ErrorBody(parsing: Array(body.utf8)).description == line)
    }

    @Test func `codes are found, whatever their case`() {
        let body = ErrorBody(parsing: Array(#"{"errors":[{"code":"x"},{"code":"blob_unknown"}]}"#.utf8))
        #expect(body.has("BLOB_UNKNOWN") && !body.has("BLOB"))
    }

    @Test func `what is shown of a large body is small`() {
        let long = String(repeating: "x ", count: 1 << 20)
        #expect(ErrorBody(parsing: Array(long.utf8)).description.count <= 301)
        let many =
            #"{"errors":["# + String(repeating: #"{"code":"A","message":"b"},"#, count: 500)
            + #"{"code":"A"}]}"#
        #expect(ErrorBody(parsing: Array(many.utf8)).entries.count == 10)
    }
}
