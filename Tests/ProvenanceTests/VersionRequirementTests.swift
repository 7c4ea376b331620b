import Provenance
import Testing

struct VersionRequirementTests {
    @Test(
        "A version meets a requirement or does not",
        arguments: [
            ("a", ["1", "v1.2", "latest", "sha256:00", "0"], [""]),
            (
                "a=1.2", ["1.2", "v1.2", "V1.2", "1.2.0", "1.2.0.0", "01.02", "1.2+4", "1.2 (built with)"],
                ["1.2.1", "1.20", "1", "1.2-rc.1", "1.2-1", "", "latest", "1.2 (patched)"]
            ),
            ("a==1.2", ["1.2"], ["1.3"]),
            (
                "a!=1.7.5", ["1.7.4", "1.7.6", "1.7.5-rc.1", "1.7.5-1"],
                ["1.7.5", "v1.7.5.0", "latest", "sha256:00", ""]
            ),
            (
                "a>=1.7.5",
                ["1.7.5", "1.7.6", "1.8", "1.10.0", "2", "v1.7.5", "1.7.5-000", "1.7.5+x", "1.7.5a"],
                [
                    "1.7.4", "1.7", "1.7.5-rc.1", "1.7.5-0.20191109021931-daa7c04131f5", "0.9", "", "latest",
                    "sha256:ff",
                ]
            ),
            ("a<2", ["1.99", "2.0.0-beta", "1.9-9"], ["2", "2.0.1", "2-1", "latest", "v2"]),
            ("a<=2", ["2", "2.0-rc", "1"], ["2.0.0.1", "2-0"]),
            ("a>1.0", ["1.0.1", "1.0-000", "1.0a"], ["1.0", "1", "1.0+9", "1.0-a"]),
            ("plugins/kaniko>=1.7.5,<2", ["1.7.5", "1.99.0", "2-rc.1"], ["1.7.4", "2", "2.1"]),
            ("a>=1,!=1.3,<2", ["1", "1.2", "1.3.1"], ["1.3", "1.3.0", "2"]),
            (
                "ci-manager>=1.0.5801", ["1.0.5801", "1.0.5801-000", "1.0.6402-000"],
                ["1.0.5800-999", "1.0.5801-a"]
            ),
            (
                "ci-manager>=1.0.5801-001", ["1.0.5801-001", "1.0.5801-1", "1.0.5801-010", "1.0.5802"],
                ["1.0.5801-000", "1.0.5801"]
            ),
            ("a=latest", ["latest"], ["Latest", "latest.0", "1", "latest (built with)"]),
            ("a!=latest", ["1", "Latest"], ["latest", ""]),
            ("a=sha256:0f", ["sha256:0f"], ["sha256:0F", "sha256:0"]),
            (
                "a>=99999999999999999999", ["99999999999999999999", "100000000000000000000"],
                ["99999999999999999998", "9"]
            ),
            ("a>=1.1.1", ["1.1.1w", "1.1.2"], ["1.1.0l"]),
        ])
    func meets(text: String, met: [String], unmet: [String]) throws {
        let requirement = try VersionRequirement(parsing: text)
        #expect(met.filter { !requirement.isMet(by: $0) } == [])
        #expect(unmet.filter { requirement.isMet(by: $0) } == [])
    }

    @Test(
        "Versions stand in one order",
        arguments: [
            [
                "0", "0.0.1", "0.1", "0.9", "0.10", "1", "1.0.1", "1.1.1", "1.1.1a", "1.1.1w", "1.1.2",
                "1.1.10",
            ],
            // SemVer's own example, section 11.
            [
                "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
                "1.0.0-beta.11",
                "1.0.0-rc.1", "1.0.0",
            ],
            [
                "1.7.5-rc.2", "1.7.5-rc.10", "1.7.5", "1.7.5-000", "1.7.5-1", "1.7.5-20", "1.7.6-rc.1",
                "1.7.6",
            ],
            ["1.0-0.3.7", "1.0-4ubuntu1", "1.0-A", "1.0-a", "1.0-a-b", "1.0", "1.1", "1.x", "2"],
            ["1.2.99999999999999999999", "1.2.100000000000000000000", "1.3"],
        ])
    func order(versions: [String]) throws {
        for (place, version) in versions.enumerated() {
            let below = try VersionRequirement(parsing: "a<\(version)")
            let equal = try VersionRequirement(parsing: "a=\(version)")
            let above = try VersionRequirement(parsing: "a>\(version)")
            #expect(versions.filter { below.isMet(by: $0) } == Array(versions[..<place]))
            #expect(versions.filter { equal.isMet(by: $0) } == [version])
            #expect(versions.filter { above.isMet(by: $0) } == Array(versions[(place + 1)...]))
        }
    }

    @Test(
        "A requirement is read and written",
        arguments: [
            ("plugins/kaniko", "plugins/kaniko", "plugins/kaniko"),
            ("plugins/kaniko>=1.7.5,<2", "plugins/kaniko", "plugins/kaniko>=1.7.5,<2"),
            (" a-b.c:5000/d_e@f  >= 1 , < v2 ", "a-b.c:5000/d_e@f", "a-b.c:5000/d_e@f>=1,<v2"),
            ("a==1~deb12u1", "a", "a=1~deb12u1"), ("a\t!=\t1", "a", "a!=1"),
        ])
    func reads(text: String, name: String, written: String) throws {
        let requirement = try VersionRequirement(parsing: text)
        #expect(requirement.name == name)
        #expect(requirement.description == written)
        #expect(try VersionRequirement(parsing: written) == requirement)
    }

    @Test(
        "A text that is no requirement is refused, with the reason",
        arguments: [
            ("", "no name in front; write plugins/kaniko>=1.7.5"),
            ("  ", "no name in front; write plugins/kaniko>=1.7.5"),
            (">=1", "no name in front; write plugins/kaniko>=1.7.5"),
            ("a~>1", "a component's name has letters, digits and / - . : _ @ only"),
            ("k\u{F6}>=1", "a component's name has letters, digits and / - . : _ @ only"),
            ("a 1", "\"1\" where =, !=, >=, <=, > or < and a version must stand"),
            ("a>=1,", "nothing where =, !=, >=, <=, > or < and a version must stand"),
            ("a,>=1", "nothing where =, !=, >=, <=, > or < and a version must stand"),
            ("a=>1", "\"=>1\" where =, !=, >=, <=, > or < and a version must stand"),
            ("a===1", "\"===1\" where =, !=, >=, <=, > or < and a version must stand"),
            ("a>=1,2", "\"2\" where =, !=, >=, <=, > or < and a version must stand"),
            ("a>=", "no version behind >="), ("a = ,<2", "no version behind ="),
            ("a=1.*", "\"1.*\" is no version: letters, digits and . - + : _ ~ only"),
            ("a=1 2", "\"1 2\" is no version: letters, digits and . - + : _ ~ only"),
            ("a>=latest", "\"latest\" begins with no number, and >= cannot tell what is later"),
            ("a<vx", "\"vx\" begins with no number, and < cannot tell what is later"),
            ("a=" + String(repeating: "1", count: 1_023), "longer than 1024 bytes"),
        ])
    func refuses(text: String, reason: String) throws {
        let error = try #require(throws: RequirementError.self) { try VersionRequirement(parsing: text) }
        #expect(error.text == text)
        #expect(error.reason == reason)
        #expect(error.description.hasPrefix("version requirement \""))
    }
}
