import OCI
import SystemPackage
import TestSupport

/// A signed image in the layout `out`, and a home of its own for who brings it to registries.
struct RegistryWorkplace {
    /// The image with its keys.
    let image: SignedImage
    var scratch: Scratch { image.scratch }
    /// The image's digest.
    var digest: String { image.digest }

    init(isSigned: Bool = true) throws {
        image = try SignedImage(isSigned: isSigned)
        try scratch.directory("home")
    }

    /// Varve in the scratch directory, with a home and nothing else around it; killed after ten minutes.
    ///
    /// `variables` are further ones, as `NAME=value`.
    func varve(_ words: [String], variables: [String] = []) -> Command {
        Command(environment(variables) + ["timeout", "-s", "KILL", "600", Command.varvePath.string] + words)
            .at(scratch.path)
    }

    /// The same.
    func varve(_ words: String...) -> Command { varve(words) }

    /// A line for bash in the same surroundings, `$VARVE` being varve.
    func shell(_ line: String, variables: [String] = []) -> Command {
        Command(
            environment(variables + ["VARVE=\(Command.varvePath)"])
                + ["timeout", "-s", "KILL", "600", "bash", "-o", "pipefail", "-c", line]
        ).at(scratch.path)
    }

    private func environment(_ variables: [String]) -> [String] {
        ["env", "-i", "PATH=\(scratch["bin"]):/usr/bin:/bin", "HOME=\(scratch["home"])", "COSIGN_PASSWORD="]
            + variables
    }

    /// Packs another image, which nobody signs, and gives its digest.
    func pack(_ name: String, platform: String, content: String? = nil, layout: String = "out") throws
        -> String
    {
        try scratch.write("tree-\(name)/etc/motd", content ?? "\(name)\n")
        return try varve(
            "pack", "tree-\(name)", "-q", "-o", "oci:\(layout):\(name)", "--platform", platform,
            "--no-provenance"
        ).succeed().line
    }

    /// Makes an index `many` of images for amd64 and arm64 in the layout `out`, and gives its digest.
    func makeIndex() throws -> String {
        _ = try pack("amd64", platform: "linux/amd64")
        _ = try pack("arm64", platform: "linux/arm64")
        return try varve("index", "create", "oci:out:many", "oci:out:amd64", "oci:out:arm64", "-q").succeed()
            .line
    }

    /// What `varve inspect --json` says of an image.
    func inspect(_ image: String, _ flags: String...) throws -> JSONValue {
        try JSONValue(parsing: varve(["inspect", "--json", image] + flags).succeed().output)
    }

    /// Skopeo in the scratch directory; nothing of the user's own is read.
    func skopeo(_ words: [String]) -> Command {
        Command(["skopeo"] + words).with("XDG_RUNTIME_DIR", scratch["home"].string).with(
            "HOME", scratch["home"].string
        ).at(scratch.path)
    }

    /// The digest of the manifest that skopeo gets.
    func skopeoDigest(_ reference: String) throws -> String {
        let raw = try skopeo([
            "inspect", "--raw", "--tls-verify=false", "docker://\(reference)",
        ]).succeed().output
        return try RegistryContent.digest(raw)
    }

    /// A registry in memory that has the image as `app:1`, and goes wrong from now on.
    func filled(_ faults: [RegistryFault], access: FaultyRegistry.Access = .open) throws
        -> FaultyRegistry
    {
        let good = try FaultyRegistry()
        try varve("push", "oci:out:app-1.0", "\(good.host)/app:1", "-q").succeed()
        return try FaultyRegistry(faults, access: access) { $0 = good.content }
    }

    /// Everything below a directory here.
    func snapshot(_ name: String) throws -> [String] { try Workplace.snapshot(of: scratch[name]) }
}

extension FaultyRegistry {
    /// The requests whose method is one of these and whose target holds a text, without queries: `PUT /v2/…`.
    func requests(_ methods: String..., holding text: String = "") -> [String] {
        exchanges.filter { methods.contains($0.method) && $0.target.contains(text) }
            .map { "\($0.method) \($0.path)" }
    }

    /// Forgets no image, and says from when on requests are counted.
    var mark: Int { exchanges.count }

    /// How many bytes of blobs were sent since a mark.
    func sentBytes(since mark: Int = 0) -> Int {
        exchanges.dropFirst(mark).filter {
            ["PATCH", "PUT"].contains($0.method) && $0.path.contains("/uploads/")
        }
        .reduce(0) { $0 + $1.request.body.count }
    }
}
