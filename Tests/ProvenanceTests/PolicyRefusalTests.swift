import OCI
import Provenance
import Testing

struct PolicyRefusalTests {
    @Test(
        "A mistake of form is refused, with its place and what to write",
        arguments: [
            ("", 1, 1, "nothing where a policy must stand, such as version: 1"),
            ("[a]", 1, 1, "a list where a policy must stand, such as version: 1"),
            ("branch: main\n", 1, 1, "version is missing; write version: 1"),
            ("version: 2\n", 1, 10, "version is \"2\"; only 1 is known, write version: 1"),
            ("version: '1'\n", 1, 10, "version is \"1\"; only 1 is known, write version: 1"),
            ("version: 1.0\n", 1, 10, "version is \"1.0\"; only 1 is known, write version: 1"),
            ("version: 1\nbuilder: []\n", 2, 1, "a policy has no key \"builder\": did you mean builders?"),
            (
                "version: 1\nBuildTypes: []\n", 2, 1,
                "a policy has no key \"BuildTypes\": did you mean buildTypes?"
            ),
            ("version: 1\nbrnach: a\n", 2, 1, "a policy has no key \"brnach\": did you mean branch?"),
            (
                "version: 1\ncolour: a\n", 2, 1,
                "a policy has no key \"colour\": it may have version, builders, verifiers, predicateType, "
                    + "buildTypes, source, branch, tag, commit, builderVersions, maxAge, parameters"
            ),
            ("version: 1\nversion: 1\n", 2, 1, "the key \"version\" stands on line 1 already"),
            (
                "version: 1\nbranch: &a main\ntag: *a\n", 2, 9,
                "anchors are not read: remove the & and its name"
            ),
            ("version: 1\nbranch:\n", 2, 8, "branch is nothing, where a text must stand"),
            ("version: 1\nbranch: ''\n", 2, 9, "branch is \"\"; leave the key out to ask for nothing"),
            ("version: 1\nbranch: [main]\n", 2, 9, "branch is a list, where a text must stand"),
            ("version: 1\nsource: |\n  a\n", 2, 9, "source is \"a\\n\"; it must be one line"),
            ("version: 1\ntag: \"a\\u007f\"\n", 2, 6, "tag is \"a\\u{7F}\"; it must be one line"),
            (
                "version: 1\npredicateType: slsa\n", 2, 16,
                "predicateType is \"slsa\"; write a URI, such as https://example.com/builder"
            ),
            (
                "version: 1\nbuildTypes: https://a\n", 2, 13,
                "buildTypes is a text, where a list must stand: write [ and ] around it"
            ),
            (
                "version: 1\nbuildTypes: []\n", 2, 13,
                "buildTypes is an empty list; leave the key out to ask for nothing"
            ),
            ("version: 1\nbuildTypes: [{a: b}]\n", 2, 14, "buildTypes is a mapping, where a text must stand"),
            (
                "version: 1\ncommit: 0f3a\n", 2, 9,
                "commit is \"0f3a\"; write all of its 40 or 64 hexadecimal digits, in small letters"
            ),
            (
                "version: 1\nmaxAge: 30\n", 2, 9,
                "maxAge: time \"30\": the unit is missing: s, m (minutes), h, d or w"
            ),
            (
                "version: 1\nbuilderVersions:\n- a>=1\n- a>=x\n", 4, 3,
                "version requirement \"a>=x\": \"x\" begins with no number, and >= cannot tell what is later"
            ),
            (
                "version: 1\nbuilderVersions: [a>=1,<2]\n", 2, 24,
                "version requirement \"<2\": no name in front; write plugins/kaniko>=1.7.5"
            ),
        ])
    func form(text: String, line: Int, column: Int, reason: String) throws {
        try expect(text, line, column, reason)
    }

    @Test(
        "A mistake about a signer is refused, with its place and what to write",
        arguments: [
            ("builders: []", 2, 11, "builders is an empty list; leave the key out to ask for nothing"),
            (
                "builders:\n- a.pub", 3, 3,
                "a text where a builder must stand, such as key: cosign.pub and its ids"
            ),
            ("builders:\n- ids: ['a:b']", 3, 3, "key is missing; write key: cosign.pub"),
            ("builders:\n- key: a", 3, 3, "ids is missing; write ids: [https://example.com/builder]"),
            (
                "builders:\n- key: a\n  ids: []", 4, 8,
                "ids is an empty list; leave the key out to ask for nothing"
            ),
            (
                "builders:\n- key: a\n  ids: [b]", 4, 9,
                "ids is \"b\"; write a URI, such as https://example.com/builder"
            ),
            (
                "builders:\n- key: a\n  ids: ['a:b']\n  levels: [1]", 5, 3,
                "a builder has no key \"levels\": did you mean level?"
            ),
            ("builders:\n- key: a\n  ids: ['a:b']\n  level: 4", 5, 10, "level is \"4\"; write 0, 1, 2 or 3"),
            (
                "builders:\n- key: a\n  ids: ['a:b']\n  level: '2'", 5, 10,
                "level is \"2\"; write 0, 1, 2 or 3"
            ),
            (
                "builders:\n- key:\n  ids: ['a:b']", 3, 7,
                "key is nothing, where a file's name or a key in PEM must stand"
            ),
            (
                "builders:\n- key: [a]\n  ids: ['a:b']", 3, 8,
                "key is a list, where a file's name or a key in PEM must stand"
            ),
            (
                "builders:\n- key: |\n    -----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n    x\n  ids: ['a:b']",
                3, 8, "key is a private one; write the public key that belongs to it"
            ),
            (
                "builders:\n- key: >-\n    -----BEGIN PUBLIC KEY-----\n    x\n  ids: ['a:b']",
                3, 8, "key has lost its lines; write key: | and the key indented below"
            ),
            (
                "builders:\n- key: |\n    cosign.pub\n  ids: ['a:b']", 3, 8,
                "key has several lines and does not begin with -----BEGIN"
            ),
            (
                "builders:\n- key: a\n  ids: ['a:b', 'a:b']", 4, 16,
                "\"a:b\" stands twice for the same key; remove one of them"
            ),
            (
                "builders:\n- key: a\n  ids: ['a:b']\n  level: 2\n- key: a\n  ids: ['a:b']", 7, 9,
                "\"a:b\" stands twice for the same key; remove one of them"
            ),
            (
                "verifiers:\n- key: a\n  ids: ['a:b']\nbuilders:\n- key: a\n  ids: ['a:c']", 3, 8,
                "this key is a builder's too; who builds must not vouch for the result, "
                    + "give the verifier a key of its own"
            ),
            (
                "verifiers:\n- key: a\n  ids: ['a:b']\n  level: 2", 5, 3,
                "a verifier has no key \"level\": did you mean levels?"
            ),
            (
                "verifiers:\n- key: a\n  ids: ['a:b']\n  policyDigest: 0f", 5, 17,
                "policyDigest is \"0f\"; write sha256: and 64 hexadecimal digits, in small letters"
            ),
            (
                "verifiers:\n- key: a\n  ids: ['a:b']\n  maxAge: 0d", 5, 11,
                "maxAge: time \"0d\": no time at all"
            ),
        ])
    func signers(text: String, line: Int, column: Int, reason: String) throws {
        try expect("version: 1\n" + text, line, column, reason)
    }

    @Test(
        "A mistake about a parameter is refused, with its place and what to write",
        arguments: [
            ("[a]", 3, 3, "parameters is a list, where names and values must stand"),
            ("{}", 3, 3, "no parameter is named here; leave the key out"),
            ("a: {}", 3, 6, "no parameter is named here; leave the key out"),
            ("a:", 3, 5, "no value; write one, or \"*\" for any"),
            ("a: null", 3, 6, "no value; write one, or \"*\" for any"),
            ("a: []", 3, 6, "an empty list, which no value is in; write \"*\" for any value"),
            ("a: [x, '*']", 3, 10, "\"*\" for any value stands alone; write it without the list"),
            ("a: [{b: c}]", 3, 7, "a mapping in a list; write a rule for each of its members"),
            (
                "a: *", 3, 7,
                "while scanning an alias, did not find expected alphabetic or numeric character"
                    + "; a * for any value needs quotation marks"
            ),
            (
                "a: *b", 3, 6,
                "aliases are not read: write the value out in place of *; a * for any value needs quotation marks"
            ),
            ("a..b: c", 3, 3, "\"a..b\" has an empty name; write \\. for a dot that is part of a name"),
            (".a: c", 3, 3, "\".a\" has an empty name; write \\. for a dot that is part of a name"),
            ("a\\b: c", 3, 3, "\\ without a . or another \\ behind it; write \\\\ for a backslash"),
            ("a.b: c\n  a:\n    b: d", 5, 5, "line 3 has a rule for \"a.b\", or a part of it, already"),
            ("a: c\n  a.b: d", 4, 3, "line 3 has a rule for \"a.b\", or a part of it, already"),
            ("a.b.c: d\n  a.b: '*'", 4, 3, "line 3 has a rule for \"a.b\", or a part of it, already"),
            (
                "a:\n    " + String(repeating: "b", count: 1_023) + ": c\n    "
                    + String(repeating: "d", count: 1_024)
                    + ": e", 5, 5, "names of more than 1024 bytes inside one another"
            ),
            (String(repeating: "a.", count: 32) + "a: b", 3, 3, "more than 32 names inside one another"),
        ])
    func parameters(text: String, line: Int, column: Int, reason: String) throws {
        try expect("version: 1\nparameters:\n  \(text)\n", line, column, reason)
    }

    @Test(
        "A text that readers of YAML disagree on needs quotation marks",
        arguments: [
            "yes", "No", "ON", "off", "y", "N", "True", "FALSE", "1.10", "+1", "-1.5", ".5", "1e3", "010",
            "0x1F",
            "0o17", "0b11", "1_000", "12:30", "2026-01-31", "5801-000", ".inf", "-.INF", ".NaN",
        ])
    func ambiguous(text: String) throws {
        try expect(
            "version: 1\nparameters:\n  a: [b, \(text)]\n", 3, 10,
            "\"\(text)\" is a text to some readers of YAML and something else to others; "
                + "write it in quotation marks, or true, false or a whole number")
        let quoted = Array("version: 1\nparameters:\n  a: '\(text)'\n".utf8)
        #expect(try Policy(parsing: quoted).expectations.parameters?.first?.rule == .equals(.string(text)))
    }

    @Test func `an error is one line`() throws {
        let error = try #require(throws: PolicyError.self) { try Policy(parsing: Array("version: 3".utf8)) }
        #expect(
            error.description
                == "policy, line 1, column 10: version is \"3\"; only 1 is known, write version: 1")
    }

    private func expect(_ text: String, _ line: Int, _ column: Int, _ reason: String) throws {
        let error = try #require(throws: PolicyError.self) { try Policy(parsing: Array(text.utf8)) }
        #expect(error.reason == reason)
        #expect("\(error.line):\(error.column)" == "\(line):\(column)")
    }
}
