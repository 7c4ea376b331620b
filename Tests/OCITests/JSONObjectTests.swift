import OCI
import Testing

struct JSONObjectTests {
    @Test func `a new value takes the old one's place, a new key the last place`() {
        var object: JSONObject = ["a": 1, "b": 2]
        object["a"] = 3
        object["c"] = 4
        #expect(object == ["a": 3, "b": 2, "c": 4])
        object["b"] = nil
        object["absent"] = nil
        #expect(object.keys == ["a", "c"])
        #expect(object.isEmpty == false)
    }

    @Test func `a literal that names a key twice keeps the last value`() {
        let object: JSONObject = ["a": 1, "b": 2, "a": 3]
        #expect(object == ["a": 3, "b": 2])
    }

    @Test func `order counts in comparing objects`() {
        #expect(["a": 1, "b": 2] as JSONObject != ["b": 2, "a": 1])
    }

    @Test func `keys and strings are compared and hashed by their bytes`() {
        let composed: JSONValue = ["\u{E9}": "\u{E9}"]
        let decomposed: JSONValue = ["e\u{301}": "e\u{301}"]
        #expect(composed != decomposed)
        #expect(JSONValue.string("\u{E9}") != .string("e\u{301}"))
        #expect(Set([composed, decomposed, composed]).count == 2)
        var object: JSONObject = ["\u{E9}": 1]
        object["e\u{301}"] = 2
        #expect(object.members.count == 2)
    }

    @Test func `accessors give nothing for a value of another kind`() {
        let value: JSONValue = ["s": "x", "n": 5, "b": true, "a": [1], "z": .null]
        #expect(value["s"]?.string == "x" && value["s"]?.int64 == nil)
        #expect(value["n"]?.int64 == 5 && value["n"]?.string == nil)
        #expect(value["b"]?.bool == true && value["b"]?.object == nil)
        #expect(value["a"]?.array == [1] && value["a"]?.bool == nil)
        #expect(value["z"]?.isNull == true && value["s"]?.isNull == false)
        #expect(value["absent"] == nil && value["a"]?["s"] == nil)
    }

    @Test func `numbers of every width are written in digits`() {
        #expect(JSONNumber(UInt64.max).text == "18446744073709551615")
        #expect(JSONNumber(Int64.min).text == "-9223372036854775808")
        #expect(JSONNumber(UInt8(7)).int64 == 7)
    }
}
