import Linux
import SystemPackage
import TestSupport
import Testing

/// A layout with two images, one on top of a copy of nothing, and one that shares no layer with it.
private struct TwoImages {
    let scratch: Scratch
    var layout: String { "oci:\(scratch["layout"])" }
    var blobs: FilePath { scratch["layout/blobs/sha256"] }

    init() throws {
        scratch = try Scratch()
        try scratch.write("one/file", (0..<50_000).map { "\($0 * 7919)" }.joined())
        try scratch.write("two/file", "2")
        for (tree, form) in [("one", "gzip"), ("two", "none")] {
            try Command.varve(
                "pack", scratch[tree].string, "-o", "\(layout):\(tree)", "-q", "--no-provenance",
                "--compression", form
            ).succeed()
        }
    }

    func damage(_ script: String) throws { try Command(shell: script).at(blobs).succeed() }

    func check() throws -> Command.Outcome { try Command.varve("check", layout).run() }
}

struct CheckTests {
    @Test func `a whole layout passes, and says what was looked at`() throws {
        let images = try TwoImages()
        let outcome = try images.check()
        #expect(outcome.status == 0)
        #expect(outcome.errors.contains("checked 4 documents and 2 blobs"))
    }

    @Test(
        arguments: [
            (
                "a bit flips in a compressed layer",
                "f=$(ls -S | head -1); printf X | dd of=$f bs=1 seek=900 conv=notrunc status=none",
                "cannot decompress"
            ),
            (
                "B33 a layer of the same size has other bytes",
                "f=$(grep -l ustar *); printf X | dd of=$f bs=1 seek=600 conv=notrunc status=none",
                "expected, sha256:"
            ),
            ("B32 a layer is cut", "f=$(ls -S | head -1); truncate -s -1 $f", "bytes in place of"),
            ("B32 a layer is longer", "f=$(ls -S | head -1); echo >> $f", "bytes in place of"),
            ("B32 a layer is missing", "rm $(ls -S | head -1)", "No such file"),
            (
                "B32 a layer is a link out of the layout",
                "f=$(ls -S | head -1); mv $f ../../../away; ln -s ../../../away $f", "Too many levels"
            ),
            ("B32 a layer is a directory", "f=$(ls -S | head -1); rm $f; mkdir $f", "Invalid argument"),
            ("B32 a layer is a fifo", "f=$(ls -S | head -1); rm $f; mkfifo $f", "Invalid argument"),
            (
                "B28 a configuration has other bytes",
                "f=$(grep -l rootfs *| head -1); sed -i s/linux/linuy/ $f", "expected, sha256:"
            ),
            ("a manifest is missing", "rm $(grep -l '\"layers\":\\[' *| head -1)", "No such file"),
            (
                "what nothing names is not what its name says", "echo x > $(printf 'a%.0s' $(seq 64))",
                "expected, sha256:"
            ),
            ("something else lies among the blobs", "echo x > notes.txt", "no digest"),
        ])
    func `each fault is named, and ends with 3`(title: String, script: String, words: String) throws {
        let images = try TwoImages()
        try images.damage(script)
        let outcome = try Command(["timeout", "60"] + [Command.varvePath.string, "check", images.layout])
            .run()
        #expect(outcome.status == 3, "\(title): \(outcome.errors)")
        #expect(outcome.errors.contains(words), "\(title): \(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(title): \(outcome.errors)")
    }

    @Test func `two faults are two lines`() throws {
        let images = try TwoImages()
        try images.damage("truncate -s 5 $(ls -S | head -1); echo x > notes.txt")
        #expect(try images.check().errors.split(separator: "\n").count == 2)
    }

    @Test func `one image alone may be checked`() throws {
        let images = try TwoImages()
        try images.damage("truncate -s 5 $(ls -S | head -1)")
        #expect(try Command.varve("check", "\(images.layout):two").run().status == 0)
        #expect(try Command.varve("check", "\(images.layout):one").run().status == 3)
    }

    @Test func `H6 a layout with nothing in it, and a place without one`() throws {
        let scratch = try Scratch()
        try scratch.directory("empty")
        let outcome = try Command.varve("check", "oci:\(scratch["empty"])").run()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("is no OCI image layout"))
    }
}

struct CollectTests {
    @Test func `what lost its name goes, and the rest stays`() throws {
        let images = try TwoImages()
        try images.scratch.write("two/file", "3")
        try Command.varve(
            "pack", images.scratch["two"].string, "-o", "\(images.layout):two", "-q", "--no-provenance"
        ).succeed()
        #expect(try Directory.open(images.blobs).names().count == 9)
        let outcome = try Command.varve("gc", images.layout).succeed()
        #expect(outcome.text.split(separator: "\n").count == 3)
        #expect(outcome.errors.contains("removed 3 blobs"))
        #expect(try Directory.open(images.blobs).names().count == 6)
        #expect(try images.check().status == 0)
        #expect(try Command.varve("gc", images.layout).succeed().text == "")
    }

    @Test func `where a document is damaged nothing is removed`() throws {
        let images = try TwoImages()
        try images.damage(
            "echo x > $(printf 'a%.0s' $(seq 64)); sed -i s/linux/linuy/ $(grep -l rootfs *| head -1)")
        let before = try Workplace.snapshot(of: images.scratch["layout"])
        #expect(try Command.varve("gc", images.layout).run().status == 3)
        #expect(try Workplace.snapshot(of: images.scratch["layout"]) == before)
    }

    @Test func `where an index names what nobody knows nothing is removed`() throws {
        let images = try TwoImages()
        try images.scratch.write("document", #"{"manifests":[]}"#)
        try Command(
            shell: """
                digest=$(sha256sum document | cut -d' ' -f1); cp document layout/blobs/sha256/$digest
                sed -i 's|"manifests":\\[|&{"mediaType":"application/vnd.example.list+json","digest":"sha256:'$digest'","size":16},|' \
                    layout/index.json
                """
        ).at(images.scratch.path).succeed()
        let before = try Workplace.snapshot(of: images.scratch["layout"])
        let outcome = try Command.varve("gc", images.layout).run()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("application/vnd.example.list+json"))
        #expect(try Workplace.snapshot(of: images.scratch["layout"]) == before)
        #expect(try images.check().status == 0)
    }

    @Test(arguments: ["", "oci-archive:x.tar", "TAG"])
    func `only a whole layout is collected`(form: String) throws {
        let images = try TwoImages()
        let place =
            form == "TAG" ? "\(images.layout):one" : form.isEmpty ? "oci:\(images.scratch["one"])" : form
        let outcome = try Command.varve("gc", place).run()
        #expect(outcome.status == (form.isEmpty ? 1 : 2))
        #expect(try Directory.open(images.scratch["one"]).names() == ["file"])
    }

    @Test func `J4 packs that run meanwhile lose nothing`() throws {
        let images = try TwoImages()
        try Command(
            shell: """
                set -e
                for n in 1 2 3 4 5 6; do mkdir t$n; seq $n 60000 > t$n/f
                '\(Command.varvePath)' pack t$n -o '\(images.layout)':t$n -q --no-provenance & done
                for n in $(seq 20); do '\(Command.varvePath)' gc '\(images.layout)' -q; done; wait
                """
        ).at(images.scratch.path).succeed()
        #expect(try images.check().status == 0)
        let index = try text(of: images.scratch["layout/index.json"])
        for name in ["one", "two", "t1", "t2", "t3", "t4", "t5", "t6"] {
            #expect(index.contains("\"\(name)\""))
        }
    }
}
