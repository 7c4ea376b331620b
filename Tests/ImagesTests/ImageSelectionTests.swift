import Linux
import OCI
import TestSupport
import Testing

@testable import Images

private let forms = ["oci", "oci-archive"]
private let arm = Platform(os: "linux", architecture: "arm64")
private let amd = Platform(os: "linux", architecture: "amd64")
private let s390x = Platform(os: "linux", architecture: "s390x")

struct ImageSelectionTests {
    /// Images for two machines below an index named `app`, and one for a third in an index of its own below that.
    private func multiple() throws -> (SampleImage, [Platform: Digest]) {
        var image = try SampleImage("amd", platform: amd)
        let other = try SampleImage("arm", platform: arm)
        let third = try SampleImage("s390x", platform: s390x)
        image.merge(other)
        image.merge(third)
        let deep = try image.nest([third.manifest])
        let index = try image.nest([
            platformed(image.manifest, Platform(os: "unknown", architecture: "unknown")),
            platformed(image.manifest, amd), platformed(other.manifest, arm), deep,
        ])
        image.name([named(index, "app")])
        return (
            image,
            [amd: image.manifest.digest, arm: other.manifest.digest, s390x: third.manifest.digest]
        )
    }

    private func platformed(_ descriptor: Descriptor, _ platform: Platform) -> Descriptor {
        var descriptor = descriptor
        descriptor.platform = platform
        return descriptor
    }

    @Test(arguments: forms, [amd, arm, s390x])
    func `the platform chooses, through nested indexes and also by the configuration`(
        form: String, platform: Platform
    ) throws {
        let scratch = try Scratch()
        let (image, digests) = try multiple()
        let found = try image.source(form, in: scratch).resolve(.name("app"), platform: platform)
        #expect(found.digest == digests[platform])
    }

    @Test(arguments: forms) func `B47: a platform that is missing lists those there are`(form: String) throws
    {
        let scratch = try Scratch()
        let (image, _) = try multiple()
        let source = try image.source(form, in: scratch)
        let error = #expect(throws: ImageError.self) {
            try source.resolve(nil, platform: Platform(os: "linux", architecture: "riscv64"))
        }
        let text = try #require(error).description
        #expect(text.contains("linux/riscv64") && text.contains("linux/arm64, linux/s390x"))
    }

    @Test(arguments: forms) func `B47: a single image for another machine is refused when one is asked for`(
        form: String
    ) throws {
        let scratch = try Scratch()
        let source = try SampleImage().source(form, in: scratch)
        #expect(throws: ImageError.noPlatform(source.path, arm, available: [amd])) {
            try source.resolve(nil, platform: arm)
        }
        _ = try source.resolve(nil, platform: amd)
    }

    @Test(arguments: forms) func `B41: two images of one name are ambiguous`(form: String) throws {
        let scratch = try Scratch()
        var image = try SampleImage("a")
        let other = try SampleImage("b")
        image.merge(other)
        image.name([named(image.manifest, "app"), named(other.manifest, "app")])
        let source = try image.source(form, in: scratch)
        let names = [image, other].map { "@\($0.manifest.digest)" }
        #expect(throws: ImageError.ambiguous(source.path, names: names)) {
            try source.resolve(.name("app"), platform: amd)
        }
    }

    @Test("B42: indexes in one another are bounded", arguments: forms, [6, 40])
    func deep(form: String, depth: Int) throws {
        let scratch = try Scratch()
        var image = try SampleImage()
        var index = image.manifest
        for _ in 0..<depth { index = try image.nest([index]) }
        image.name([index])
        let source = try image.source(form, in: scratch)
        if depth < 8 {
            #expect(try source.resolve(nil).digest == image.manifest.digest)
        } else {
            #expect(throws: ImageError.self) { try source.resolve(nil) }
        }
    }

    @Test("B42: an index that names itself, and wide ones, end", arguments: forms)
    func wide(form: String) throws {
        let scratch = try Scratch()
        var image = try SampleImage()
        // Nobody can make a cycle of digests; a list that repeats one index is the nearest to it.
        var index = try image.nest([image.manifest])
        for _ in 0..<5 { index = try image.nest(Array(repeating: index, count: 1000)) }
        image.name([index])
        #expect(try image.source(form, in: scratch).resolve(nil).digest == image.manifest.digest)
        let many = try (0..<20).map { number in
            try image.nest((0..<1000).map { _ in image.manifest } + [named(image.manifest, "\(number)")])
        }
        image.name([try image.nest(many)])
        #expect(throws: ImageError.self) { try image.source(form, in: scratch).resolve(nil) }
    }

    @Test(arguments: forms) func `a digest below an index is found`(form: String) throws {
        let scratch = try Scratch()
        let (image, digests) = try multiple()
        let wanted = try #require(digests[s390x])
        #expect(try image.source(form, in: scratch).resolve(.digest(wanted)).digest == wanted)
    }

    @Test(arguments: forms) func `containerd's name of an image finds it`(form: String) throws {
        let scratch = try Scratch()
        var image = try SampleImage()
        var descriptor = named(image.manifest, "1.0")
        descriptor.annotations["io.containerd.image.name"] = "docker.io/library/app:1.0"
        image.name([descriptor])
        let source = try image.source(form, in: scratch)
        #expect(try source.resolve(.name("app:1.0")).digest == image.manifest.digest)
        #expect(throws: ImageError.self) { try source.resolve(.name("app")) }
    }
}
