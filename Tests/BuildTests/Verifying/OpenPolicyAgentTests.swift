import OCI
import SystemPackage
import TestSupport
import Testing

@testable import Build

struct OpenPolicyAgentTests {
    @Test(arguments: [
        ("[]", []), ("{}", []), ("false", []), (#"["b","a"]"#, ["b", "a"]), (#"[{"msg":"m","x":1}]"#, ["m"]),
        (#"[{"x":1}]"#, [#"{"x":1}"#]), ("true", ["true"]), (#"{"a":1}"#, [#"{"a":1}"#]), ("[[]]", ["[]"]),
        (#"[""]"#, [""]), ("null", ["null"]), (#""no""#, ["no"]),
    ])
    func `whatever is not empty and not false denies`(value: String, denials: [String]) throws {
        #expect(OpenPolicyAgent.denials(in: try JSONValue(parsing: Array(value.utf8))) == denials)
    }

    @Test func `messages are bounded`() {
        let many = OpenPolicyAgent.denials(in: .array((0..<60).map { .string("\($0)") }))
        #expect(many.count == 51)
        #expect(many.last == "10 more")
        let long = OpenPolicyAgent.denials(in: [.string(String(repeating: "x", count: 1000))])
        #expect(long.first?.count == 500)
    }

    @Test func `policies must be there, and opa must read their names as such`() throws {
        let scratch = try Scratch()
        #expect(throws: BuildError.policies("there is no \(scratch["none"])")) {
            try OpenPolicyAgent([scratch["none"]])
        }
        let path = try scratch.write("a:b.rego")
        #expect(throws: BuildError.self) { try OpenPolicyAgent([path]) }
    }
}
