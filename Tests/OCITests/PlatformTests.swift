import OCI
import Testing

struct PlatformTests {
    @Test(
        "A user's platform is read in containerd's words",
        arguments: [
            ("linux/amd64", "linux/amd64"), ("linux/x86_64", "linux/amd64"), ("Linux/AMD64", "linux/amd64"),
            ("linux/x86-64/v1", "linux/amd64"), ("linux/amd64/v1", "linux/amd64"),
            ("linux/amd64/v3", "linux/amd64/v3"),
            ("linux/arm64", "linux/arm64"), ("linux/aarch64", "linux/arm64"),
            ("linux/arm64/v8", "linux/arm64"),
            ("linux/aarch64/8", "linux/arm64"), ("linux/arm64/v9", "linux/arm64/v9"),
            ("linux/arm", "linux/arm/v7"),
            ("linux/arm/v7", "linux/arm/v7"), ("linux/arm/6", "linux/arm/v6"),
            ("linux/arm/V5", "linux/arm/v5"),
            ("linux/armhf", "linux/arm/v7"), ("linux/armel", "linux/arm/v6"), ("linux/i386", "linux/386"),
            ("linux/386", "linux/386"), ("macos/arm64", "darwin/arm64"), ("windows/amd64", "windows/amd64"),
            ("linux/riscv64", "linux/riscv64"), ("linux/ppc64le/power9", "linux/ppc64le/power9"),
        ])
    func parses(text: String, written: String) throws {
        #expect(try Platform(parsing: text).description == written)
    }

    @Test(
        "A text that is no platform is refused with a reason",
        arguments: [
            ("", "two or three words"), ("linux", "two or three words"), ("amd64", "two or three words"),
            ("linux/amd64/v1/x", "two or three words"), ("linux/", "begins with"), ("/amd64", "begins with"),
            ("linux//v7", "begins with"), ("linux/-arm", "begins with"), ("linux/amd 64", "only letters"),
            ("linux/amd64\n", "only letters"), ("linux/\u{E4}", "begins with"), ("*/*", "begins with"),
            ("linux/amd64,linux/arm64", "only letters"), ("windows(10)/amd64", "only letters"),
        ])
    func refuses(text: String, reason: String) {
        let error = #expect(throws: OCIError.self) { try Platform(parsing: text) }
        guard case .malformedPlatform(text, let found) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(found.contains(reason))
    }

    @Test(
        "The machine's name gives the host's platform",
        arguments: [
            ("x86_64", "linux/amd64"), ("aarch64", "linux/arm64"), ("armv7l", "linux/arm/v7"),
            ("armv6l", "linux/arm/v6"), ("armv5tel", "linux/arm/v5"), ("armv8l", "linux/arm/v8"),
            ("i686", "linux/386"),
            ("riscv64", "linux/riscv64"), ("ppc64le", "linux/ppc64le"), ("s390x", "linux/s390x"),
            ("loongarch64", "linux/loong64"), ("new", "linux/new"),
        ])
    func host(machine: String, written: String) {
        #expect(Platform.host(machine: machine).description == written)
    }

    @Test func `platforms match whichever of their names they use`() {
        #expect(
            Platform(os: "linux", architecture: "arm64", variant: "v8").matches(.host(machine: "aarch64")))
        #expect(Platform(os: "linux", architecture: "arm").matches(.host(machine: "armv7l")))
        #expect(!Platform(os: "linux", architecture: "arm", variant: "v6").matches(.host(machine: "armv7l")))
        #expect(!Platform(os: "unknown", architecture: "unknown").matches(.host(machine: "x86_64")))
    }

    @Test func `a document's platform keeps its words`() throws {
        let json: JSONValue = ["architecture": "arm64", "os": "linux", "variant": "v8"]
        #expect(try Platform(json: json).variant == "v8")
        #expect(try Platform(json: json).json == json)
        #expect(try Platform(json: ["architecture": "a", "os": "b", "variant": ""]).variant == nil)
    }

    @Test(
        "A platform without its two words is refused",
        arguments: [
            (["os": "linux"], .missingMember(path: "architecture")),
            (["architecture": "amd64", "os": .null], .missingMember(path: "os")),
            ("linux/amd64", .wrongMember(path: "", expected: "an object", found: "\"linux/amd64\"")),
            (
                ["architecture": "arm", "os": "linux", "variant": 7],
                .wrongMember(path: "variant", expected: "a string", found: "7")
            ),
        ] as [(JSONValue, OCIError)])
    func refusesJSON(json: JSONValue, error: OCIError) {
        #expect(throws: error) { try Platform(json: json) }
    }
}
