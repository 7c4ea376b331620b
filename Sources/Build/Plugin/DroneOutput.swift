/// The file in which Drone and Harness find a step's output variables.
///
/// Source: drone-kaniko, `DRONE_OUTPUT`; github.com/joho/godotenv, `Marshal`.
struct DroneOutput {
    /// The manifest's, as `sha256:` and the hexadecimal digits.
    let digest: String
    /// The tarball with the image, where one was written.
    let tarPath: String?

    /// `NAME="VALUE"` a line, in the order of their names.
    var bytes: [UInt8] {
        let variables = (tarPath.map { [("IMAGE_TAR_PATH", $0)] } ?? []) + [("digest", digest)]
        return variables.flatMap { name, value in Array("\(name)=\"\(Self.escaped(value))\"\n".utf8) }
    }

    /// What a reader of such files undoes.
    private static func escaped(_ value: String) -> String {
        var text = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\\", "\"", "!", "$", "`": text += "\\\(scalar)"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
