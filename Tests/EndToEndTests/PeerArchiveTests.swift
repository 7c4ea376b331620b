import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

/// Archives that other programs wrote.
struct PeerArchiveTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try SmallTree.make(at: scratch.directory("tree"))
        try Command.varve("pack", "tree", "-q", "-o", "oci:image:app").at(scratch.path).succeed()
    }

    private func inspect(_ image: String) throws -> JSONValue {
        try JSONValue(
            parsing: Command.varve("inspect", "--json", image).at(scratch.path).succeed().output)
    }

    @Test(arguments: [
        ("oci-archive:a.tar:1.0", "oci-archive:a.tar:1.0"), ("oci-archive:a.tar", "oci-archive:a.tar"),
        ("docker-archive:a.tar:example.com/app:1.0", "docker-archive:a.tar:example.com/app:1.0"),
        ("docker-archive:a.tar:debian:12", "docker-archive:a.tar:docker.io/library/debian:12"),
        ("docker-archive:a.tar", "docker-archive:a.tar"),
    ])
    func `skopeo's archives are read, and a base of varve's images`(written: String, read: String) throws {
        try Requirement.program("skopeo")
        try Command(["skopeo", "copy", "-q", "oci:image:app", written]).at(scratch.path).succeed()
        let (old, new) = (try inspect("oci:image:app"), try inspect(read))
        #expect(new["config"]?["rootfs"] == old["config"]?["rootfs"])
        if read.hasPrefix("oci") { #expect(new["digest"] == old["digest"]) }
        try Command.varve("pack", "tree", "-q", "--base", read, "-o", "oci-archive:new.tar").at(scratch.path)
            .succeed()
        try Command(["skopeo", "copy", "-q", "oci-archive:new.tar", "dir:copy"]).at(scratch.path).succeed()
    }

    /// What `docker save` wrote before it wrote layouts, by Python's tarfile.
    private static let script = """
        import hashlib, io, json, sys, tarfile
        form, = sys.argv[1:]
        layer = io.BytesIO()
        with tarfile.open(fileobj=layer, mode="w") as tar:
            member = tarfile.TarInfo("etc/motd"); member.size = 5
            tar.addfile(member, io.BytesIO(b"hello"))
        layer = layer.getvalue()
        digest = "sha256:" + hashlib.sha256(layer).hexdigest()
        config = json.dumps({"architecture": "amd64", "os": "linux", "docker_version": "1.10",
            "container_config": {"Cmd": None}, "created": "2016-02-03T04:05:06.789Z",
            "rootfs": {"type": "layers", "diff_ids": [digest, digest]}}).encode()
        name = hashlib.sha256(config).hexdigest() + ".json"
        with tarfile.open("old.tar", "w", format=getattr(tarfile, form)) as tar:
            def add(name, content):
                member = tarfile.TarInfo(name); member.size = len(content); member.uname = "root"
                tar.addfile(member, io.BytesIO(content))
            def make(name, type, link=""):
                member = tarfile.TarInfo(name); member.type = type; member.linkname = link; tar.addfile(member)
            make("one", tarfile.DIRTYPE); add("one/VERSION", b"1.0"); add("one/json", b"{}")
            make("two", tarfile.DIRTYPE); make("two/layer.tar", tarfile.SYMTYPE, "../one/layer.tar")
            add("one/layer.tar", layer); add(name, config)
            add("manifest.json", json.dumps([{"Config": name, "RepoTags": ["old:1"],
                "Layers": ["one/layer.tar", "two/layer.tar"]}]).encode())
            add("repositories", b'{"old":{"1":"two"}}')
        """

    @Test(arguments: ["USTAR_FORMAT", "GNU_FORMAT", "PAX_FORMAT"])
    func `an old docker archive is read as skopeo reads it`(form: String) throws {
        try Requirement.program("python3")
        try Requirement.program("skopeo")
        try Command(["python3", "-c", Self.script, form]).at(scratch.path).succeed()
        let image = try inspect("docker-archive:old.tar:old:1")
        let layers = image["manifest"]?["layers"]?.array ?? []
        #expect(layers.count == 2 && layers[0] == layers[1])
        #expect(layers.map { $0["digest"] } == image["config"]?["rootfs"]?["diff_ids"]?.array)
        try Command([
            "skopeo", "copy", "-q", "docker-archive:old.tar:docker.io/library/old:1", "oci:theirs:x",
        ])
        .at(scratch.path).succeed()
        #expect(try inspect("oci:theirs:x")["config"]?["rootfs"] == image["config"]?["rootfs"])
        try Command.varve("pack", "tree", "-q", "--base", "docker-archive:old.tar", "-o", "oci:new").at(
            scratch.path
        ).succeed()
        try Command(["skopeo", "copy", "-q", "oci:new:latest", "docker-archive:back.tar:a:1"]).at(
            scratch.path
        )
        .succeed()
        #expect(try inspect("docker-archive:back.tar")["config"]?["os"] == "linux")
    }
}
