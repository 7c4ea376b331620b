import Linux
import SystemPackage
import TestSupport
import Testing

/// Layouts that are damaged or hostile, as far as this program reads them.
struct FaultsInLayoutTests {
    static let indexes: [(name: String, content: String, message: String)] = [
        ("empty", "", "is damaged: JSON, line 1, byte 1"),
        ("truncated", "{\"schemaVersion\":2,\"mani", "is damaged: JSON"),
        ("null", "null", "is damaged: expected an object, found null"),
        ("array", "[]", "is damaged: expected an object, found an array"),
        ("no manifests", "{\"schemaVersion\":2}", "manifests"),
        ("BOM", "\u{FEFF}{\"schemaVersion\":2,\"manifests\":[]}", "is damaged: JSON, line 1, byte 1"),
        ("UTF-16", "{\0\"\0", "it looks like UTF-16"),
        ("trailing bytes", "{\"schemaVersion\":2,\"manifests\":[]} x", "is damaged: JSON, line 1, byte 36"),
        ("duplicate keys", "{\"schemaVersion\":2,\"manifests\":[],\"manifests\":[]}", "is damaged: JSON"),
        ("deep", String(repeating: "[", count: 100_000), "is damaged: JSON"),
        (
            "large", "{\"schemaVersion\":2,\"manifests\":[]}" + String(repeating: " ", count: 4 << 20),
            "File too large"
        ),
        (
            "digest that leaves the layout",
            "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
                + "\"size\":2,\"digest\":\"sha256:../../../etc/passwd\"}]}", "is damaged"
        ),
    ]

    @Test("An index.json that is none", arguments: indexes.indices, ["pack", "inspect"])
    func index(row: Int, command: String) throws {
        let (_, content, message) = Self.indexes[row]
        let work = try Workplace()
        try work.scratch.write("work/layout/index.json", content)
        let inspection = Command.varve("inspect", "oci:\(work.layout):old")
        try work.expectRefusal(
            of: command == "pack" ? work.pack() : inspection, saying: "\(work.layout)/index.json")
        let errors = try inspection.run().errors
        #expect(errors.contains(message))
    }

    @Test(
        "An oci-layout file that is none",
        arguments: [
            ("", "is damaged"), ("{}", "imageLayoutVersion"), ("{\"imageLayoutVersion\":\"2.0.0\"}", "2.0.0"),
            ("{\"imageLayoutVersion\":1}", "imageLayoutVersion"), ("null", "is damaged"),
        ], ["pack", "inspect"])
    func marker(row: (content: String, message: String), command: String) throws {
        let work = try Workplace()
        try work.scratch.write("work/layout/oci-layout", row.content)
        let inspection = Command.varve("inspect", "oci:\(work.layout):old")
        try work.expectRefusal(of: command == "pack" ? work.pack() : inspection, saying: row.message)
    }

    @Test func `A layout without a lock file has none after a failure`() throws {
        let work = try Workplace()
        try Command(["rm", work.layout.appending(".lock").string]).succeed()
        try work.scratch.write("work/layout/index.json", "null")
        _ = try work.pack().run()
        #expect(try !Directory.open(work.layout).names().contains(".lock"))
    }

    @Test func `A layout without an index is one without images`() throws {
        let work = try Workplace()
        try Command(["rm", work.layout.appending("index.json").string]).succeed()
        try work.expectRefusal(
            of: Command.varve("inspect", "oci:\(work.layout):old"), saying: "has no image old; it has none")
        try work.pack().succeed()
        #expect(try Command.varve("inspect", "oci:\(work.layout):new").run().status == 0)
    }

    @Test(
        "A blob that is not what its digest says",
        arguments: [
            ("printf x | dd of=BLOB conv=notrunc status=none", Int32(3), "is damaged"),
            ("truncate -s -1 BLOB", 3, "is damaged"), ("echo >>BLOB", 3, "is damaged"),
            (": >BLOB", 3, "is damaged"), ("rm BLOB", 1, "No such file"),
            ("mv BLOB other; ln -s $PWD/other BLOB", 1, "symbolic links"),
            ("rm BLOB; mkfifo BLOB", 1, "cannot read"), ("rm BLOB; mkdir BLOB", 1, "cannot read"),
            ("rm BLOB; ln -s /dev/zero BLOB", 1, "symbolic links"),
        ], ["manifest", "config"])
    func blob(row: (damage: String, status: Int32, message: String), kind: String) throws {
        let work = try Workplace()
        let image = "oci:\(work.layout):old"
        let flags = kind == "manifest" ? "--format {{.Digest}}" : "--raw"
        let digest = try Command(
            shell: "skopeo inspect \(flags) '\(image)' | grep -o 'sha256:[0-9a-f]*' | head -1"
        )
        .succeed().line
        let blob = "\(work.layout)/blobs/sha256/\(digest.dropFirst(7))"
        try Command(shell: row.damage.replacing("BLOB", with: "'\(blob)'")).at(work.scratch["work"]).succeed()
        let inspection = Command(["timeout", "-s", "KILL", "20", Command.varvePath.string, "inspect", image])
        let outcome = try inspection.run()
        #expect(outcome.status == row.status)
        #expect(outcome.errors.contains(blob) && outcome.errors.contains(row.message))
    }

    @Test func `A damaged blob is healed by packing it again`() throws {
        let work = try Workplace()
        let digest = try work.pack().succeed().line
        let blob = work.layout.appending("blobs").appending("sha256").appending(String(digest.dropFirst(7)))
        try Command(shell: "tr a b <'\(blob)' >other && cp other '\(blob)'").at(work.scratch.path).succeed()
        try work.pack().succeed()
        #expect(try Command.varve("inspect", "oci:\(work.layout):new").run().status == 0)
    }

    @Test(
        "What stands in the place of a layout's file cannot stop the program",
        arguments: ["index.json", "oci-layout", "blobs", ".lock"],
        ["mkfifo NAME", "mkdir NAME", "ln -s /etc/passwd NAME", "ln -s /dev/zero NAME"])
    func occupied(name: String, change: String) throws {
        let work = try Workplace()
        try Command(shell: "rm -rf \(name) && \(change.replacing("NAME", with: name))").at(work.layout)
            .succeed()
        let outcome = try work.pack().run()
        let isHarmless =
            name == ".lock" && change.hasPrefix("mkfifo") || name == "blobs" && change.hasPrefix("mkdir")
        #expect(outcome.status == (isHarmless ? 0 : 1), "\(outcome.errors)")
    }

    @Test(
        "An image that is not there",
        arguments: [
            ("oci:WORK/none:t", "cannot open WORK/none: No such file or directory"),
            ("oci:WORK/empty:t", "WORK/empty is no OCI image layout"),
            ("oci:WORK/layout:t", "WORK/layout has no image t; it has old"),
            ("oci:WORK/layout/index.json", "Not a directory"),
        ])
    func missing(image: String, message: String) throws {
        let work = try Workplace()
        try work.scratch.directory("work/empty")
        let place = work.scratch["work"].string
        try work.expectRefusal(
            of: Command.varve("inspect", image.replacing("WORK", with: place)),
            saying: message.replacing("WORK", with: place))
    }
}
