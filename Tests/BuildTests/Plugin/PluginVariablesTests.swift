import Cryptography
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Build

@Suite struct PluginVariablesTests {
    @Test(
        "a truth value is written as Go reads it",
        arguments: [
            ("1", true), ("t", true), ("T", true), ("true", true), ("TRUE", true), ("True", true),
            ("0", false),
            ("f", false), ("F", false), ("false", false), ("FALSE", false), ("False", false), ("", nil),
        ])
    func truth(text: String, expected: Bool?) throws {
        #expect(try PluginVariables(["A": text]).bool("A") == expected)
        #expect(try PluginVariables([:]).bool("A") == nil)
    }

    @Test(arguments: ["yes", "tRUE", "2", " true", "on"])
    func `another word is neither true nor false`(text: String) {
        let error = #expect(throws: PluginError.self) { try PluginVariables(["A": text]).bool("A") }
        #expect(error?.description == "A: \"\(text)\" is neither true nor false")
    }

    @Test func `a number is one from 0 on`() throws {
        #expect(try PluginVariables(["A": "12"]).number("A") == 12)
        #expect(try PluginVariables(["A": ""]).number("A") == nil)
        for text in ["-1", "1.5", "x", "99999999999999999999", "1 "] {
            #expect(throws: PluginError.self) { try PluginVariables(["A": text]).number("A") }
        }
    }

    @Test(
        "a list has commas",
        arguments: [
            ("a,b", ["a", "b"]), (" a , b ", ["a", "b"]), ("a,,b,", ["a", "b"]), ("a;b", ["a;b"]), ("", []),
            (" , ", []), ("a b", ["a b"]), ("a,\u{301}b", ["a", "\u{301}b"]), ("a\n", ["a"]),
        ] as [(String, [String])])
    func lists(text: String, expected: [String]) {
        #expect(PluginVariables(["A": text]).list("A") == expected)
    }

    @Test(
        "a list of names and values may be a JSON object",
        arguments: [
            ("A=1,B=2", ["A=1", "B=2"]), ("A=1;B=2,3", ["A=1;B=2", "3"]),
            (#"{"B": "x,y", "A": 1.50, "C": true, "D": null}"#, ["A=1.50", "B=x,y", "C=true", "D="]),
            ("{A=1", ["{A=1"]), ("{}", []), ("A", ["A"]),
        ] as [(String, [String])])
    func pairs(text: String, expected: [String]) throws {
        #expect(try PluginVariables(["A": text]).pairs("A") == expected)
    }

    @Test func `values may hold commas where a semicolon separates`() throws {
        #expect(try PluginVariables(["A": "B=1,2; C=3"]).pairs("A", between: [";"]) == ["B=1,2", "C=3"])
        #expect(throws: PluginError.self) { try PluginVariables(["A": #"{"B":[1]}"#]).pairs("A") }
    }

    @Test func `the first of several names counts that has a value`() {
        let variables = PluginVariables(["A": "", "B": "b", "C": "c"])
        #expect(variables.text("A", "B", "C") == "b")
        #expect(variables.text("C", "B") == "c")
        #expect(variables.text("D") == nil)
    }

    @Test func `secrets leave the environment, whether they are there or in the file`() async {
        await #expect(processExitsWith: .success) {
            let scratch = try Scratch()
            let file = try scratch.write(
                "env", "PLUGIN_PASSWORD=hush\nPLUGIN_REPO=of/file\nPLUGIN_TAGS=1\nexport FOR_BUILD=\"a b\"\n")
            setenv("PLUGIN_ENV_FILE", file.string, 1)
            setenv("PLUGIN_REPO", "of/environment", 1)
            for name in PluginVariables.secretNames where name != "PLUGIN_PASSWORD" { setenv(name, "s", 1) }
            let variables = try PluginVariables.take()
            #expect(variables.text("PLUGIN_REPO") == "of/environment")
            #expect(variables.text("PLUGIN_TAGS") == "1")
            #expect(ProcessArguments.environment["FOR_BUILD"] == "a b")
            let hush = Array("hush".utf8)
            #expect(try variables.secret("PLUGIN_PASSWORD") == SecretBytes(hush.span))
            for name in PluginVariables.secretNames {
                #expect(!SecretVariable.exists(name))
                #expect(variables.text(name) == nil)
                #expect(variables.secret(name) != nil)
            }
            #expect(!"\(variables)".contains("hush"))
        }
    }

    @Test func `a file of variables that is not there is an error`() async {
        await #expect(processExitsWith: .success) {
            setenv("PLUGIN_ENV_FILE", "/none/env", 1)
            #expect(throws: FileError.self) { try PluginVariables.take() }
        }
    }
}
