import OCI

/// What an image's configuration says beside its layers, as the user writes it.
public struct ImageSettings: Sendable {
    /// A JSON array, or a command line for `/bin/sh -c`.
    public var entrypoint: String?
    /// A JSON array, or a command line for `/bin/sh -c`.
    public var command: String?
    /// `NAME=VALUE`, or `NAME` for the value in varve's own environment.
    public var environment: [String] = []
    /// `NAME=VALUE`.
    public var labels: [String] = []
    /// `NAME=VALUE`, for the manifest.
    public var annotations: [String] = []
    /// `USER`, `UID`, `USER:GROUP` or `UID:GID`.
    public var user: String?
    /// The directory where the command starts.
    public var workingDirectory: String?
    /// `PORT`, `PORT/PROTOCOL` or `FIRST-LAST/PROTOCOL`.
    public var ports: [String] = []
    /// Directories.
    public var volumes: [String] = []
    /// Such as `SIGTERM`.
    public var stopSignal: String?
    /// Who made the image.
    public var author: String?
    /// Such as `linux/arm64`; `nil` for the machine that runs.
    public var platform: String?

    /// Nothing set.
    public init() {}
}

extension ImageSettings {
    /// The configuration of an image without layers of its own: the base's, changed by what was set, or a new one.
    ///
    /// As in a Dockerfile an entry point takes the base's command away, variables and labels count by their names,
    /// ports and volumes are added. `variables` is varve's own environment, for `NAME` without a value. Throws
    /// ``BuildError/usage(_:_:)``.
    func configuration(
        on base: ImageConfiguration? = nil, variables: [String: String], hardware: String
    ) throws -> ImageConfiguration {
        var configuration = try base ?? ImageConfiguration(platform: parsedPlatform(hardware: hardware))
        if let author { configuration.author = author }
        if let user = try checked(user, "--user") { configuration.user = user }
        if let entrypoint {
            configuration.entrypoint = try Self.words(entrypoint, "--entrypoint")
            configuration.command = []
        }
        if let command { configuration.command = try Self.words(command, "--cmd") }
        if let workingDirectory {
            configuration.workingDirectory = try Self.absolute(workingDirectory, "--workingdir")
        }
        if let signal = try checked(stopSignal, "--stop-signal") { configuration.stopSignal = signal }
        let ports = try ports.flatMap(Self.exposed)
        if !ports.isEmpty { configuration.exposedPorts += ports }
        let volumes = try volumes.map { try Self.absolute($0, "--volume") }
        if !volumes.isEmpty { configuration.volumes += volumes }
        configuration.setVariables(try parsedEnvironment(variables))
        let labels = try Self.pairs(labels, "--label")
        if !labels.isEmpty { configuration.labels.merge(labels) }
        return configuration
    }

    private func parsedPlatform(hardware: String) throws -> Platform {
        try Self.platform(platform) ?? .host(machine: hardware)
    }

    /// A platform as a user writes it.
    static func platform(_ text: String?) throws -> Platform? {
        do {
            return try text.map { try Platform(parsing: $0).normalized }
        } catch {
            throw BuildError.usage("--platform", "\(error)")
        }
    }

    /// Names and values in their order; of two equal names the later one counts, in the earlier one's place.
    func parsedEnvironment(_ variables: [String: String]) throws -> [(name: String, value: String)] {
        var parsed: [(name: String, value: String)] = []
        for text in environment {
            let variable = try NameAndValue(text, of: "--env")
            let name = variable.name
            guard let value = variable.value ?? variables[name] else {
                throw BuildError.usage("--env", "\(name) is not set here; write \(name)=VALUE")
            }
            if let place = parsed.firstIndex(where: { $0.name.utf8.elementsEqual(name.utf8) }) {
                parsed[place].value = value
            } else {
                parsed.append((name, value))
            }
        }
        return parsed
    }

    /// `NAME=VALUE` texts; a name alone has an empty value.
    static func pairs(_ texts: [String], _ flag: String) throws -> Annotations {
        var pairs: Annotations = [:]
        for text in texts {
            let pair = try NameAndValue(text, of: flag)
            pairs[pair.name] = pair.value ?? ""
        }
        return pairs
    }

    private func checked(_ text: String?, _ flag: String) throws -> String? {
        guard let text else { return nil }
        let isPlain = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        guard !text.isEmpty, isPlain else {
            throw BuildError.usage(flag, "it is empty or has control characters")
        }
        return text
    }

    private static func absolute(_ path: String, _ flag: String) throws -> String {
        guard path.hasPrefix("/") else { throw BuildError.usage(flag, "\(path) must begin with /") }
        return path
    }

    /// A JSON array is the words themselves; any other text goes to a shell, as in a Dockerfile.
    private static func words(_ text: String?, _ flag: String) throws -> [String] {
        guard let text, !text.isEmpty else { return [] }
        guard text.drop(while: { $0 == " " }).first == "[" else { return ["/bin/sh", "-c", text] }
        do {
            let array = try JSONValue(parsing: Array(text.utf8)).array ?? []
            let words = array.compactMap(\.string)
            guard words.count == array.count else {
                throw BuildError.usage(flag, "the array holds more than strings")
            }
            return words
        } catch let error as JSONError {
            throw BuildError.usage(flag, "\(text) is no JSON array: \(error)")
        }
    }

    /// A port or a range of them, each with its protocol.
    private static func exposed(_ text: String) throws -> [String] {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let `protocol` = parts.count == 2 ? parts[1].lowercased() : "tcp"
        let bounds = parts[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map {
            UInt16($0)
        }
        guard ["tcp", "udp", "sctp"].contains(`protocol`), let first = bounds[0],
            let last = bounds[bounds.count - 1],
            first > 0, first <= last
        else {
            throw BuildError.usage("--port", "\(text) is none; write 8080, 8080/udp or 8000-8010")
        }
        return (first...last).map { "\($0)/\(`protocol`)" }
    }
}
