/// The file in which Drone and Harness find a step's output variables.
///
/// Source: drone-kaniko, `DRONE_OUTPUT`.
struct DroneOutput {
    /// The manifest's, as `sha256:` and the hexadecimal digits.
    let digest: String
    /// The tarball with the image, where one was written.
    let tarPath: String?

    /// The variables.
    var bytes: [UInt8] {
        let tarball = tarPath.map { [(name: "IMAGE_TAR_PATH", value: Array($0.utf8))] } ?? []
        return QuotedVariables.lines(tarball + [("digest", Array(digest.utf8))])
    }
}
