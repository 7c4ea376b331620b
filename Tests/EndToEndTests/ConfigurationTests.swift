import OCI
import SystemPackage
import TestSupport
import Testing

/// Every flag about the image lands where the image-spec wants it.
struct ConfigurationTests {
    @Test(
        arguments: [
            (["--entrypoint", #"["/bin/app","-x"]"#], "Entrypoint", ["/bin/app", "-x"]),
            (["--entrypoint", "app -x"], "Entrypoint", ["/bin/sh", "-c", "app -x"]),
            (["--cmd", #"["serve"]"#], "Cmd", ["serve"]),
            (["--cmd", "echo a b"], "Cmd", ["/bin/sh", "-c", "echo a b"]),
            (["--env", "A=b", "-e", "C=d=e"], "Env", ["A=b", "C=d=e"]),
            (["--env", "A=1", "--env", "B=2", "--env", "A=3"], "Env", ["A=3", "B=2"]),
            (["--env", "EMPTY="], "Env", ["EMPTY="]), (["--env", "OUTER"], "Env", ["OUTER=from outside"]),
            (["--label", "a=b", "-l", "c=d=e"], "Labels", ["a": "b", "c": "d=e"]),
            (["--label", "alone", "--label", "a=1", "--label", "a=2"], "Labels", ["alone": "", "a": "2"]),
            (["--label", "k=line\none ü \"q\""], "Labels", ["k": "line\none ü \"q\""]),
            (["--user", "1000:1000"], "User", "1000:1000"), (["-u", "nobody"], "User", "nobody"),
            (["--workingdir", "/srv/a b"], "WorkingDir", "/srv/a b"),
            (["--workdir", "/"], "WorkingDir", "/"),
            (["--port", "8080"], "ExposedPorts", ["8080/tcp": [:]]),
            (["--expose", "53/UDP", "-p", "80/tcp"], "ExposedPorts", ["53/udp": [:], "80/tcp": [:]]),
            (
                ["--port", "8000-8002/sctp"], "ExposedPorts",
                ["8000/sctp": [:], "8001/sctp": [:], "8002/sctp": [:]]
            ),
            (["--volume", "/data", "-v", "/b"], "Volumes", ["/data": [:], "/b": [:]]),
            (["--stop-signal", "SIGINT"], "StopSignal", "SIGINT"),
        ] as [([String], String, JSONValue)])
    func `a flag sets its field of the execution parameters`(
        flags: [String], field: String, value: JSONValue
    ) throws {
        let packed = try pack(flags)
        #expect(packed.execution?[field].map(Self.sorted) == Self.sorted(value))
    }

    @Test(
        arguments: [
            (["--author", "A <a@b>"], "author", "A <a@b>"),
            (["--platform", "linux/arm64"], "architecture", "arm64"),
            (["--platform", "linux/arm64/v8"], "os", "linux"),
            (["--platform", "linux/arm/v7"], "variant", "v7"),
            (["--platform", "linux/x86_64"], "architecture", "amd64"),
            (["--platform", "windows/amd64"], "os", "windows"),
        ] as [([String], String, JSONValue)])
    func `a flag sets its field of the configuration`(flags: [String], field: String, value: JSONValue) throws
    {
        #expect(try pack(flags).configuration[field] == value)
    }

    @Test func `annotations go to the manifest and not to the configuration`() throws {
        let packed = try pack(["--annotation", "org.opencontainers.image.title=t", "--annotation", "b=c"])
        #expect(packed.manifest["annotations"] == ["b": "c", "org.opencontainers.image.title": "t"])
        #expect(packed.execution?["Labels"] == nil)
    }

    @Test func `the order of labels and annotations does not change the digest`() throws {
        let first = try pack(["--annotation", "a=1", "--annotation", "b=2"])
        let second = try pack(["--annotation", "b=2", "--annotation", "a=1"])
        #expect(first.digest == second.digest)
    }

    @Test func `nothing that was not asked for is in the configuration`() throws {
        let packed = try pack(["--platform", "linux/amd64"])
        let keys = packed.configuration.object?.keys.sorted()
        #expect(keys == ["architecture", "created", "history", "os", "rootfs"])
    }

    @Test func `history says who made the layer`() throws {
        let entries = try pack([]).configuration["history"]?.array
        #expect(entries?.map { $0["created_by"]?.string } == ["varve pack"])
        #expect(entries?.map { $0["empty_layer"]?.bool ?? false } == [false])
    }

    @Test func `the platform is this machine's by default`() throws {
        let hardware = try Command(["uname", "-m"]).succeed().line
        let names = ["x86_64": "amd64", "aarch64": "arm64"]
        #expect(try pack([]).configuration["architecture"]?.string == names[hardware] ?? hardware)
    }

    private func pack(_ flags: [String]) throws -> PackedTree {
        let scratch = try Scratch()
        try scratch.write("tree/file", "content")
        return try PackedTree(
            scratch["tree"], in: scratch, ["--no-provenance", "--source-date-epoch", "0"] + flags
        ) {
            $0.with("OUTER", "from outside")
        }
    }

    /// The same value with the members of an object ordered: what an object means has no order.
    private static func sorted(_ value: JSONValue) -> JSONValue {
        guard let members = value.object?.members else { return value }
        var sorted: JSONObject = [:]
        for member in members.sorted(by: { $0.key < $1.key }) { sorted[member.key] = member.value }
        return .object(sorted)
    }
}
