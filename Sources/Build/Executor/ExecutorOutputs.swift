import Linux
import OCI
import SystemPackage

/// Where the executor's image goes, and the files that tell of it.
struct ExecutorOutputs {
    let arguments: ExecutorArguments
    let destinations: [ExecutorDestination]
    let variables: [String: String]

    /// Whether registries get the image.
    private var isPushed: Bool {
        let wish = variables["KANIKO_NO_PUSH"].flatMap(ExecutorArguments.truth) ?? false
        return !(arguments.has("no-push") ? arguments.isOn("no-push") : wish)
    }

    /// Refuses what Kaniko refuses, and what would go nowhere by mistake.
    ///
    /// - Throws: ``BuildError/usage(_:_:)``.
    func check() throws(BuildError) {
        let archive = arguments.bytes("tar-path")
        let (compression, format) = (try arguments.text("compression"), try arguments.text("image-format"))
        if let compression, compression != "gzip", compression != "zstd" {
            throw .usage("--compression", "\(escaped(compression.utf8)) is neither gzip nor zstd")
        }
        if let format, format != "docker", format != "oci" {
            throw .usage("--image-format", "\(escaped(format.utf8)) is neither docker nor oci")
        }
        if compression == "zstd", archive != nil || format == "docker" {
            throw .usage("--compression", "zstd goes neither with --tar-path nor with --image-format docker")
        }
        if archive != nil, format == "oci" {
            throw .usage("--tar-path", "it is a docker archive, which --image-format oci contradicts")
        }
        for name in ["tar-path", "oci-layout-path"] where arguments.bytes(name)?.contains(58) == true {
            throw .usage("--\(name)", "a path with a colon cannot be written to; give another one")
        }
        guard destinations.isEmpty else { return }
        for name in ["image-name-with-digest-file", "image-name-tag-with-digest-file"]
        where arguments.bytes(name) != nil {
            throw .usage("--\(name)", "the image has no name; give --destination")
        }
        if isPushed, archive == nil, arguments.bytes("oci-layout-path") == nil {
            throw .usage("--destination", "where shall the image go? Give --destination, or use --no-push")
        }
    }

    /// Where the image goes, in the words of `varve build --output`.
    var places: [[UInt8]] {
        var places: [[UInt8]] = []
        if let path = arguments.bytes("oci-layout-path") {
            places.append(Array("oci:".utf8) + path + ":\(destinations.first?.tag ?? "latest")".utf8)
        }
        if let path = arguments.bytes("tar-path") {
            // To varve itself that would be standard output.
            let file = path == [UInt8(ascii: "-")] ? Array("./-".utf8) : path
            let archive = Array("docker-archive:".utf8) + file
            places += destinations.isEmpty ? [archive] : destinations.map { archive + ":\($0.text)".utf8 }
        }
        if isPushed { places += destinations.map { Array("docker://\($0.text)".utf8) } }
        return places
    }

    /// The files that tell of the image.
    ///
    /// - Throws: ``BuildError/usage(_:_:)``.
    var files: [ResultPaths.File] {
        get throws {
            var files: [ResultPaths.File] = []
            if digestURL == nil, let path = try file("digest-file") {
                files.append(ResultPaths.File(at: path) { Array("\($0)".utf8) })
            }
            if let path = try file("image-name-with-digest-file") {
                files.append(lines(path) { "\($0.repository)@\($1)\n" })
            }
            if let path = try file("image-name-tag-with-digest-file") {
                files.append(lines(path) { "\($0.repository):\($0.tag)@\($1)\n" })
            }
            if isPushed, let directory = variables["BUILDER_OUTPUT"], !directory.isEmpty,
                !destinations.isEmpty
            {
                let path = FilePath(directory).appending("images")
                files.append(
                    lines(path) { destination, digest in
                        let line: JSONValue = [
                            "name": .string(destination.text), "digest": .string("\(digest)"),
                        ]
                        return String(decoding: line.serialized(), as: UTF8.self) + "\n"
                    })
            }
            return files
        }
    }

    /// Where the digest is sent in place of a file.
    var digestURL: String? {
        guard let bytes = arguments.bytes("digest-file"), bytes.starts(with: "https://".utf8) else {
            return nil
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func file(_ name: String) throws(BuildError) -> FilePath? {
        guard let bytes = arguments.bytes(name) else { return nil }
        guard !bytes.starts(with: "https://".utf8), !bytes.starts(with: "http://".utf8) else {
            throw .usage("--\(name)", "give a file; what is in it can be sent anywhere from there")
        }
        return FilePath(bytes: bytes)
    }

    private func lines(
        _ path: FilePath, _ line: @escaping @Sendable (ExecutorDestination, Digest) -> String
    ) -> ResultPaths.File {
        ResultPaths.File(at: path) { [destinations] digest in
            Array(destinations.map { line($0, digest) }.joined().utf8)
        }
    }
}
