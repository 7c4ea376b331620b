import OCI
import Testing

@testable import Build

struct DocumentComparisonTests {
    @Test(arguments: [
        (#"{"a":1}"#, #"{"a":1}"#, []),
        (#"{"a":1,"b":2}"#, #"{"b":2,"a":1}"#, []),
        (#"{"a":1}"#, #"{"a":1.0}"#, ["a: 1 → 1.0"]),
        (#"{"a":{"b":[1,2]}}"#, #"{"a":{"b":[1,3]}}"#, ["a.b[1]: 2 → 3"]),
        (#"{"a":1}"#, #"{"b":null}"#, ["a: 1 → ", "b:  → null"]),
        (#"{"e":["A=1","B=2","C=3"]}"#, #"{"e":["A=1","X=9","B=2","C=3"]}"#, [#"e[1]:  → "X=9""#]),
        (#"{"e":["A=1","B=2","C=3"]}"#, #"{"e":["A=1","C=3"]}"#, [#"e[1]: "B=2" → "#]),
        (#"{"e":[1]}"#, #"{"e":{}}"#, ["e: [1] → {}"]),
        (
            #"{"l":{"a.b":"x","":1}}"#, #"{"l":{"a.b":"y","":2}}"#,
            [#"l["a.b"]: "x" → "y""#, #"l[""]: 1 → 2"#]
        ),
        (#"{"e":[1,1]}"#, #"{"e":[1,1,1]}"#, ["e[2]:  → 1"]),
        ("{\"\u{E9}\":1}", "{\"e\u{301}\":1}", ["[\"\u{E9}\"]: 1 → ", "[\"e\u{301}\"]:  → 1"]),
    ])
    func `differences are told by their place`(first: String, second: String, expected: [String]) throws {
        let found = DocumentComparison(
            try JSONValue(parsing: Array(first.utf8)), try JSONValue(parsing: Array(second.utf8)))
        func text(_ value: JSONValue?) -> String {
            value.map { String(decoding: $0.serialized(), as: UTF8.self) } ?? ""
        }
        let lines = found.differences.map { "\($0.path): \(text($0.first)) → \(text($0.second))" }
        #expect(lines.map { Array($0.utf8) } == expected.map { Array($0.utf8) })
    }
}
